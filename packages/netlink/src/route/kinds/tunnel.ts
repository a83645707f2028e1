import { fieldDecoder } from '../../codec/fields.ts'

/** A gre, gretap or erspan tunnel over IPv4 or IPv6; `link` is an ifindex. */
export const readGre = fieldDecoder({
  1: ['link', 'u32'],
  2: ['iflags', 'u16BE'],
  3: ['oflags', 'u16BE'],
  4: ['ikey', 'u32BE'],
  5: ['okey', 'u32BE'],
  6: ['local', 'ip'],
  7: ['remote', 'ip'],
  8: ['ttl', 'u8'],
  9: ['tos', 'u8'],
  10: ['pmtudisc', 'bool'],
  11: ['encap_limit', 'skip'],
  12: ['flowinfo', 'skip'],
  13: ['flags', 'skip'],
  14: ['encap_type', 'u16'],
  15: ['encap_flags', 'skip'],
  16: ['encap_sport', 'u16BE'],
  17: ['encap_dport', 'u16BE'],
  18: ['external', 'present'],
  19: ['ignore_df', 'bool'],
  20: ['fwmark', 'u32'],
  21: ['erspan_index', 'u32'],
  22: ['erspan_ver', 'u8'],
  23: ['erspan_dir', 'skip'],
  24: ['erspan_hwid', 'skip'],
})
export type GreData = ReturnType<typeof readGre>

/** An ipip, sit or ip6tnl tunnel; `link` is an ifindex. */
export const readIpTunnel = fieldDecoder({
  1: ['link', 'u32'],
  2: ['local', 'ip'],
  3: ['remote', 'ip'],
  4: ['ttl', 'u8'],
  5: ['tos', 'u8'],
  6: ['encap_limit', 'skip'],
  7: ['flowinfo', 'skip'],
  8: ['flags', 'skip'],
  9: ['proto', 'u8'],
  10: ['pmtudisc', 'bool'],
  11: ['6rd_prefix', 'skip'],
  12: ['6rd_relay_prefix', 'skip'],
  13: ['6rd_prefixlen', 'skip'],
  14: ['6rd_relay_prefixlen', 'skip'],
  15: ['encap_type', 'u16'],
  16: ['encap_flags', 'skip'],
  17: ['encap_sport', 'u16BE'],
  18: ['encap_dport', 'u16BE'],
  19: ['external', 'present'],
  20: ['fwmark', 'u32'],
})
export type IpTunnelData = ReturnType<typeof readIpTunnel>
