import type { Ip } from '../ip.ts'
import { toNumber, toPrefix } from '../ipv4.ts'
import { toRange6 } from '../ipv6.ts'
import type { Field, Match, Values } from './rule.ts'

const PROTOCOLS: Readonly<Record<string, number>> = {
  icmp: 1,
  igmp: 2,
  tcp: 6,
  udp: 17,
  dccp: 33,
  gre: 47,
  esp: 50,
  ah: 51,
  icmpv6: 58,
  'ipv6-icmp': 58,
  sctp: 132,
  udplite: 136,
}

/** Services by the names that iptables and nft print; both print numbers unless told otherwise. */
const SERVICES: Readonly<Record<string, number>> = {
  ssh: 22,
  domain: 53,
  http: 80,
  https: 443,
  ntp: 123,
  bootps: 67,
  bootpc: 68,
}

const ICMP_TYPES: Readonly<Record<string, number>> = {
  'echo-reply': 0,
  'destination-unreachable': 3,
  'source-quench': 4,
  redirect: 5,
  'echo-request': 8,
  'router-advertisement': 9,
  'router-solicitation': 10,
  'time-exceeded': 11,
  'parameter-problem': 12,
  'timestamp-request': 13,
  'timestamp-reply': 14,
}

const ICMP6_TYPES: Readonly<Record<string, number>> = {
  'destination-unreachable': 1,
  'packet-too-big': 2,
  'time-exceeded': 3,
  'parameter-problem': 4,
  'echo-request': 128,
  'echo-reply': 129,
  'mld-listener-query': 130,
  'mld-listener-report': 131,
  'mld-listener-done': 132,
  'mld-listener-reduction': 132,
  'nd-router-solicit': 133,
  'nd-router-advert': 134,
  'nd-neighbor-solicit': 135,
  'nd-neighbor-advert': 136,
  'nd-redirect': 137,
  'router-renumbering': 138,
  'ind-neighbor-solicit': 141,
  'ind-neighbor-advert': 142,
  'mld2-listener-report': 143,
}

/** Whether there is a way back. */
export const FOUND = 'found'
export const MISSING = 'missing'

export const words = (...all: string[]): Values => ({ kind: 'words', words: all })
export const number = (n: number): Values => ({ kind: 'ranges', ranges: [[n, n]] })
/** The name that iptables and nft print for a protocol or a type of icmp; undefined for what has none. */
export const protocolName = (n: number): string | undefined => nameIn(PROTOCOLS, n)
export const icmpTypeName = (n: number): string | undefined => nameIn(ICMP_TYPES, n)
export const icmp6TypeName = (n: number): string | undefined => nameIn(ICMP6_TYPES, n)
const nameIn = (names: Readonly<Record<string, number>>, n: number): string | undefined =>
  Object.entries(names).find(([, number]) => number === n)?.[0]

export const protocolNumber = (text: string): number | undefined => PROTOCOLS[text.toLowerCase()] ?? decimal(text)

/** One match of one field. */
export const match = (field: Field, values: Values, how: { not: boolean; text: string }): Match => ({
  kind: 'match',
  fields: [field],
  alternatives: [[values]],
  ...how,
})

export function protocols(text: string): Values | undefined {
  const n = protocolNumber(text)
  return n === undefined ? undefined : number(n)
}

/** An address, a prefix, or a run of addresses. */
export function addresses(text: string): Values | undefined {
  const [first = '', last] = text.split('-')
  if (last !== undefined) {
    const [from, to] = [toNumber(first), toNumber(last)]
    return from === undefined || to === undefined ? undefined : { kind: 'ranges', ranges: [[from, to]] }
  }
  const prefix = toPrefix(text)
  return prefix && { kind: 'ranges', ranges: [[prefix.from, prefix.to]] }
}

/** The same of IPv6. */
export function addresses6(text: string): Values | undefined {
  const range = toRange6(text)
  return range && { kind: 'ranges6', ranges: [range] }
}

/** Ports by number or service, and runs of them: `80`, `8000:8010`, `8000-8010`, `:1024`. */
export function ports(text: string): Values | undefined {
  const ranges: [number, number][] = []
  for (const one of text.split(',')) {
    const [first = '', last] = one.split(/[:-]/)
    const from = first === '' ? 0 : port(first)
    const to = last === undefined ? from : last === '' ? 65_535 : port(last)
    if (from === undefined || to === undefined) return undefined
    ranges.push([from, to])
  }
  return { kind: 'ranges', ranges }
}

export function port(text: string): number | undefined {
  return SERVICES[text] ?? decimal(text)
}

/** One of something, or a run of it: `80`, `80-90`. */
export function span<T extends Ip>(text: string, read: (one: string) => T | undefined): readonly [T, T] | undefined {
  const [first = '', last] = text.split('-')
  const from = read(first)
  const to = last === undefined ? from : read(last)
  return from === undefined || to === undefined ? undefined : [from, to]
}

/** `8`, `echo-request`, `3/4`: type and code as one number, so that a type alone is a run. */
export const icmpTypes = (text: string): Values | undefined => typesIn(ICMP_TYPES, text)
export const icmp6Types = (text: string): Values | undefined => typesIn(ICMP6_TYPES, text)

function typesIn(names: Readonly<Record<string, number>>, text: string): Values | undefined {
  if (text === 'any') return { kind: 'ranges', ranges: [[0, 0xffff]] }
  const [name = '', code] = text.split('/')
  const type = names[name] ?? decimal(name)
  if (type === undefined) return undefined
  if (code === undefined) return { kind: 'ranges', ranges: [[type << 8, (type << 8) | 255]] }
  const n = decimal(code)
  return n === undefined ? undefined : number((type << 8) | n)
}

/** `0x1`, `0x1/0xff`, `1`. */
export function masked(text: string): { value: number; mask: number } | undefined {
  const [first = '', second] = text.split('/')
  const value = integer(first)
  const mask = second === undefined ? 0xffffffff : integer(second)
  return value === undefined || mask === undefined ? undefined : { value, mask }
}

export function decimal(text: string): number | undefined {
  return /^\d{1,10}$/.test(text) ? Number(text) : undefined
}

export function integer(text: string): number | undefined {
  return /^(?:0x[0-9a-f]{1,8}|\d{1,10})$/i.test(text) ? Number(text) >>> 0 : undefined
}
