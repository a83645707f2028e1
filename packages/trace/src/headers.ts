import { type Flow, normalIp } from '@hopscope/model'

/** What the headers of a packet say. */
export type Headers = {
  flow: Flow
  mac?: { dst: string; src: string }
  ttl: number
  /** Bytes from the network header on. */
  length: number
  /** Of IPv4. */
  ipId?: number
  tcp?: { seq: number; flags: string }
  icmpSeq?: number
  /** Of ARP: the MAC address that its sender says it has. */
  lladdr?: string
}

const PROTOCOLS: Record<number, string> = { 1: 'icmp', 6: 'tcp', 17: 'udp', 58: 'icmpv6' }

/** As an event has them. */
type Bytes = { l2?: string | undefined; l3?: string | undefined; l4?: string | undefined }
/** What was read last: each base chain of a hook tells the same headers again. */
let latest: Bytes & { headers: Readonly<Headers> | undefined } = { headers: undefined }

/** The headers that came with an event; undefined without a network header that is IPv4, IPv6 or ARP and whole. */
export function readHeaders({ l2, l3, l4 }: Bytes): Readonly<Headers> | undefined {
  if (l3 !== latest.l3 || l4 !== latest.l4 || l2 !== latest.l2) latest = { l2, l3, l4, headers: parse({ l2, l3, l4 }) }
  return latest.headers
}

function parse({ l2, l3, l4 }: Bytes): Headers | undefined {
  const network = readNetwork(bytesOf(l3)) ?? readArp(bytesOf(l3))
  if (network === undefined) return undefined
  const { flow, ...rest } = network
  const headers: Headers = { flow, ...rest, ...readTransport(bytesOf(l4), flow) }
  const mac = readMac(l2)
  if (mac) headers.mac = mac
  return headers
}

export const isArp = ({ flow }: Headers): boolean => flow.protocol === 'arp'

/** A packet as far as its headers tell it from others while it travels: what no hop but translation changes. */
export function signature(headers: Headers): string {
  const known = signatures.get(headers)
  if (known !== undefined) return known
  const { flow, ipId, tcp, icmpSeq, length } = headers
  const { protocol, src, dst, sport, dport, icmpType, icmpId = flow.arpOperation } = flow
  const fields = [protocol, src, dst, sport, dport, icmpType, icmpId, ipId, tcp?.seq, tcp?.flags, icmpSeq, length]
  const made = fields.join(' ')
  signatures.set(headers, made)
  return made
}
const signatures = new WeakMap<Headers, string>()

/** Whether headers differ in nothing but identifiers, sequence numbers, windows and checksums, if in anything. */
export const differInNumbersOnly = (a: Bytes, b: Bytes): boolean =>
  a.l2 === b.l2 &&
  isSame(a.l3, b.l3, a.l3?.startsWith('4') ? NUMBERS.ip : []) &&
  isSame(a.l4, b.l4, numbersBehind(a.l3))

/** Where such numbers stand in headers: from which digit to which. */
const NUMBERS = {
  ip: [
    [8, 12],
    [20, 24],
  ],
  tcp: [
    [8, 24],
    [28, 36],
  ],
  udp: [[12, 16]],
  icmp: [
    [4, 8],
    [12, 16],
  ],
} as const
type Spans = readonly (readonly [from: number, to: number])[]

function numbersBehind(l3 = ''): Spans {
  switch (l3.startsWith('4') ? l3.slice(18, 20) : l3.slice(12, 14)) {
    case '01':
    case '3a':
      return NUMBERS.icmp
    case '06':
      return NUMBERS.tcp
    case '11':
      return NUMBERS.udp
    default:
      return []
  }
}

function isSame(a: string | undefined, b: string | undefined, but: Spans): boolean {
  if (a === b) return true
  if (a === undefined || b === undefined || a.length !== b.length) return false
  let i = 0
  for (const [from, to] of but) {
    for (; i < from; i++) if (a.charCodeAt(i) !== b.charCodeAt(i)) return false
    i = to
  }
  for (; i < a.length; i++) if (a.charCodeAt(i) !== b.charCodeAt(i)) return false
  return true
}

/** True when two flows have the same addresses, ports and identifiers. */
export const sameFlow = (a: Flow, b: Flow): boolean =>
  a.src === b.src && a.dst === b.dst && a.sport === b.sport && a.dport === b.dport && a.icmpId === b.icmpId

type Network = Pick<Headers, 'flow' | 'ttl' | 'length' | 'ipId' | 'lladdr'>

/** A question or an answer of ARP between Ethernet and IPv4. */
function readArp(b: readonly number[]): Network | undefined {
  const [operation, addresses] = [u16(b, 6), u16(b, 4)]
  if (b.length < ARP_BYTES || u32(b, 0) !== ETHERNET_IPV4 || addresses !== MAC_AND_IPV4) return undefined
  if (operation !== 1 && operation !== 2) return undefined
  const [src, dst] = [b.slice(14, 18).join('.'), b.slice(24, 28).join('.')]
  const flow: Flow = { family: 'inet', protocol: 'arp', src, dst, arpOperation: operation }
  return { flow, ttl: 0, length: ARP_BYTES, lladdr: macOf(b.slice(8, 14)) }
}

const ARP_BYTES = 28
/** Hardware 1, protocol 0x0800; and the lengths of their addresses. */
const ETHERNET_IPV4 = 0x0001_0800
const MAC_AND_IPV4 = 0x0604
const macOf = (b: readonly number[]): string => b.map((byte) => byte.toString(16).padStart(2, '0')).join(':')

function readNetwork(b: readonly number[]): Network | undefined {
  const version = at(b, 0) >> 4
  if (version === 4 && b.length >= 20) {
    const [src, dst] = [b.slice(12, 16).join('.'), b.slice(16, 20).join('.')]
    const flow: Flow = { family: 'inet', protocol: protocolName(at(b, 9)), src, dst }
    return { flow, ttl: at(b, 8), length: u16(b, 2), ipId: u16(b, 4) }
  }
  if (version === 6 && b.length >= 40) {
    const flow: Flow = { family: 'inet6', protocol: protocolName(at(b, 6)), src: ip6(b, 8), dst: ip6(b, 24) }
    return { flow, ttl: at(b, 7), length: u16(b, 4) + 40 }
  }
  return undefined
}

/** Ports and identifiers go into the flow, which has just been made. */
function readTransport(b: readonly number[], flow: Flow): Pick<Headers, 'tcp' | 'icmpSeq'> {
  const { protocol } = flow
  if ((protocol === 'tcp' || protocol === 'udp' || protocol === '132') && b.length >= 4) {
    flow.sport = u16(b, 0)
    flow.dport = u16(b, 2)
    if (protocol === 'tcp' && b.length >= 14) return { tcp: { seq: u32(b, 4), flags: tcpFlags(at(b, 13)) } }
  }
  if ((protocol === 'icmp' || protocol === 'icmpv6') && b.length >= 8) {
    flow.icmpType = at(b, 0)
    flow.icmpCode = at(b, 1)
    if (!isEcho(flow)) return {}
    flow.icmpId = u16(b, 4)
    return { icmpSeq: u16(b, 6) }
  }
  return {}
}

const isEcho = ({ icmpType = -1, protocol }: Flow): boolean =>
  protocol === 'icmp' ? icmpType === 0 || icmpType === 8 : icmpType === 128 || icmpType === 129

/** Destination and source stand first in an Ethernet header; the kernel sends more bytes than that, or none. */
function readMac(hex = ''): Headers['mac'] {
  return hex.length >= 28 ? { dst: mac(hex, 0), src: mac(hex, 12) } : undefined
}

const protocolName = (number: number): string => PROTOCOLS[number] ?? String(number)
const tcpFlags = (bits: number): string =>
  ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG'].filter((_, i) => bits & (1 << i)).join(' ')

/** Bytes of a text of hexadecimal digits in lower case; quick, because it runs for every packet of a flood. */
export function bytesOf(hex = ''): number[] {
  const bytes: number[] = []
  for (let i = 0; i + 1 < hex.length; i += 2) bytes.push((digit(hex.charCodeAt(i)) << 4) | digit(hex.charCodeAt(i + 1)))
  return bytes
}
const digit = (code: number): number => (code < 0x3a ? code - 0x30 : code - 0x57)
const at = (b: readonly number[], i: number): number => b[i] ?? 0
const u16 = (b: readonly number[], i: number): number => (at(b, i) << 8) | at(b, i + 1)
const u32 = (b: readonly number[], i: number): number => u16(b, i) * 0x1_0000 + u16(b, i + 2)
function mac(hex: string, from: number): string {
  let text = hex.slice(from, from + 2)
  for (let i = from + 2; i < from + 12; i += 2) text += `:${hex.slice(i, i + 2)}`
  return text
}
function ip6(b: readonly number[], start: number): string {
  const groups = Array.from({ length: 8 }, (_, i) => u16(b, start + 2 * i).toString(16))
  return normalIp(groups.join(':')) ?? groups.join(':')
}
