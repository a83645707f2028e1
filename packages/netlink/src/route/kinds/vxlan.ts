import { fieldDecoder } from '../../codec/fields.ts'
import type { Reader } from '../../codec/reader.ts'

/**
 * A vxlan tunnel. `group` is the multicast group or, when it is a unicast address, what "ip" calls `remote`; `link` is an
 * ifindex; ageing in seconds.
 */
export const readVxlan = fieldDecoder({
  1: ['id', 'u32'],
  2: ['group', 'ip'],
  3: ['link', 'u32'],
  4: ['local', 'ip'],
  5: ['ttl', 'u8'],
  6: ['tos', 'u8'],
  7: ['learning', 'bool'],
  8: ['ageing', 'u32'],
  9: ['limit', 'u32'],
  10: ['port_range', portRange],
  11: ['proxy', 'bool'],
  12: ['rsc', 'bool'],
  13: ['l2miss', 'bool'],
  14: ['l3miss', 'bool'],
  15: ['port', 'u16BE'],
  16: ['group6', 'ip'],
  17: ['local6', 'ip'],
  18: ['udp_csum', 'bool'],
  19: ['udp_zero_csum6_tx', 'bool'],
  20: ['udp_zero_csum6_rx', 'bool'],
  21: ['remcsum_tx', 'bool'],
  22: ['remcsum_rx', 'bool'],
  23: ['gbp', 'present'],
  24: ['remcsum_nopartial', 'present'],
  25: ['external', 'bool'],
  26: ['label', 'u32BE'],
  27: ['gpe', 'present'],
  28: ['ttl_inherit', 'bool'],
  29: ['df', dontFragment],
  30: ['vnifilter', 'bool'],
  31: ['localbypass', 'bool'],
  32: ['label_policy', 'u32'],
  33: ['reserved_bits', 'skip'],
  34: ['mc_route', 'bool'],
})
export type VxlanData = ReturnType<typeof readVxlan>

function portRange(reader: Reader, start: number, end: number): { low: number; high: number } | undefined {
  if (!reader.has(start, end, 4)) return undefined
  return { low: reader.bytes.readUInt16BE(start), high: reader.bytes.readUInt16BE(start + 2) }
}

function dontFragment(reader: Reader, start: number, end: number): string | undefined {
  const value = reader.u8(start, end)
  return value === undefined ? undefined : (['unset', 'set', 'inherit'][value] ?? String(value))
}
