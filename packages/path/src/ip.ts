import type { Family } from '@hopscope/model'
import * as v4 from './ipv4.ts'
import { toNumber6, toRange6, toText6 } from './ipv6.ts'

/** An address: a number is one of IPv4, a bigint one of IPv6. */
export type Ip = number | bigint
export type { Family }
export const familyOf = (ip: Ip): Family => (typeof ip === 'bigint' ? 'inet6' : 'inet')
export const isInet6 = (ip: Ip): ip is bigint => typeof ip === 'bigint'

export const toIp = (text: string): Ip | undefined => v4.toNumber(text) ?? toNumber6(text)
export const ipText = (ip: Ip): string => (isInet6(ip) ? toText6(ip) : v4.toText(ip))
/** `10.0.0.1:80`, `[fd00::1]:80`. */
export const endText = (ip: Ip, port: number | undefined): string =>
  isInet6(ip) ? `[${ipText(ip)}]:${port}` : `${ipText(ip)}:${port}`

/** A run of addresses of one family, both ends included. */
export type IpRange = readonly [from: Ip, to: Ip]
export type Prefix = { from: Ip; to: Ip; length: number }

/** `default` or a prefix as the run of addresses it stands for; undefined for what is none of this family. */
export function toPrefix(text: string, family: Family): Prefix | undefined {
  if (family === 'inet') return v4.toPrefix(text)
  const whole = text === 'default' ? '::/0' : text
  const range = toRange6(whole)
  const [, length = '128'] = whole.split('/')
  return range && { from: range[0], to: range[1], length: Number(length) }
}

/** An address of the other family is in none of these. */
export const inside = (ip: Ip, { from, to }: Prefix): boolean => typeof ip === typeof from && ip >= from && ip <= to

const within6 = (text: string): ((ip: Ip) => boolean) => {
  const prefix = toPrefix(text, 'inet6')
  return (ip) => prefix !== undefined && inside(ip, prefix)
}
const MULTICAST_6 = within6('ff00::/8')
const LINK_LOCAL_6 = within6('fe80::/10')
const LOOPBACK_6 = within6('::1')
/** Those that hold one of IPv4, and `::` itself: no frame has them. */
const NEVER_SENT_6 = [within6('::'), within6('::ffff:0:0/96')]

export const isMulticast = (ip: Ip): boolean => (isInet6(ip) ? MULTICAST_6(ip) : v4.isMulticast(ip))
export const isLoopback = (ip: Ip): boolean => (isInet6(ip) ? LOOPBACK_6(ip) : v4.isLoopback(ip))
/** Only of IPv6: an address that says nothing without its link. */
export const isLinkLocal = (ip: Ip): boolean => LINK_LOCAL_6(ip)
export const isNeverSent = (ip: Ip): boolean => NEVER_SENT_6.some((holds) => holds(ip))
