import type { Message, Reader } from '../codec/reader.ts'
import { attribute, u32 } from '../codec/writer.ts'
import type { Volatile } from '../dumpMemory.ts'
import type { NetlinkSocket, Request } from '../socket.ts'
import { RTM } from './messages.ts'
import { flagNames, type IpFamily, ipFamily } from './names.ts'

/** A neighbour (ARP or ND) entry; ages in seconds. */
export type Neighbour = {
  family: IpFamily
  ifindex: number
  dst: string
  /** Absent while INCOMPLETE or FAILED. */
  lladdr?: string
  /** NONE, INCOMPLETE, REACHABLE, STALE, DELAY, PROBE, FAILED, NOARP or PERMANENT; usually one. */
  state: string[]
  /** use, proxy, extern_learn, offload, router. */
  flags: string[]
  probes?: number
  confirmed?: number
  used?: number
  updated?: number
  refcnt?: number
  protocol?: number
}
/** Seconds since an entry was confirmed, used and updated. */
export type CacheInfo = { confirmed: number; used: number; updated: number; refcnt: number }

const USER_HZ = 100
/** NDA_CACHEINFO and NDA_PROBES. */
export const AGES: Volatile = { header: 12, attributes: (1 << 3) | (1 << 4) }
const NTF_PROXY = 8

/** Asks for all neighbours. */
export const ALL_NEIGHBOURS: Request = {
  type: RTM.GETNEIGH,
  payload: Buffer.alloc(12),
  doing: 'dump neighbours',
  volatile: AGES,
}
/** Asks for all addresses that are answered for others. */
export const ALL_PROXIES: Request = { ...ALL_NEIGHBOURS, payload: Buffer.alloc(12).fill(NTF_PROXY, 10, 11) }

/**
 * Neighbours of a namespace, IPv4 and IPv6, all states; with `proxy` the addresses that are answered for others instead.
 * Same as "ip -s neigh show nud all" and "ip neigh show proxy". Throws NetlinkError.
 */
export function dumpNeighbours(socket: NetlinkSocket, filter: { ifindex?: number; proxy?: boolean } = {}): Neighbour[] {
  const { ifindex } = filter
  const all = filter.proxy ? ALL_PROXIES : ALL_NEIGHBOURS
  const payload = Buffer.concat([all.payload, ...(ifindex === undefined ? [] : [attribute(8, u32(ifindex))])])
  const neighbours = socket.dump({ ...all, payload }, decodeNeighbour)
  return ifindex === undefined ? neighbours : neighbours.filter((neighbour) => neighbour.ifindex === ifindex)
}

/** An RTM_NEWNEIGH or RTM_DELNEIGH message of IPv4 or IPv6. */
export function decodeNeighbour(reader: Reader, message: Message): Neighbour | undefined {
  const { start, end } = message
  if (!reader.has(start, end, 12)) return undefined
  const { bytes } = reader
  const family = ipFamily(bytes.readUInt8(start))
  if (family === undefined) return undefined
  const neighbour: Neighbour = {
    family,
    ifindex: bytes.readUInt32LE(start + 4),
    dst: '',
    state: stateNames(bytes.readUInt16LE(start + 8)),
    flags: flagNames(bytes.readUInt8(start + 10), NEIGHBOUR_FLAGS),
  }
  reader.attributes(start + 12, end, (type, from, to) => {
    if (type === 1) neighbour.dst = reader.ip(from, to) ?? ''
    else if (type === 2) neighbour.lladdr = to > from ? reader.mac(from, to) : undefined
    else if (type === 3) Object.assign(neighbour, readCacheInfo(reader, from, to))
    else if (type === 4) neighbour.probes = reader.u32(from, to)
    else if (type === 12) neighbour.protocol = reader.u8(from, to)
    else if (type > 17) reader.unknown()
  })
  return neighbour.dst === '' ? undefined : neighbour
}

/** struct nda_cacheinfo, in seconds. */
export function readCacheInfo(reader: Reader, from: number, to: number): CacheInfo | undefined {
  if (!reader.has(from, to, 16)) return undefined
  const seconds = (offset: number) => Math.trunc(reader.bytes.readUInt32LE(from + offset) / USER_HZ)
  return {
    confirmed: seconds(0),
    used: seconds(4),
    updated: seconds(8),
    refcnt: reader.bytes.readUInt32LE(from + 12),
  }
}

function stateNames(state: number): string[] {
  return state === 0 ? ['NONE'] : flagNames(state, STATES)
}

const STATES: readonly (readonly [number, string])[] = [
  [0x01, 'INCOMPLETE'],
  [0x02, 'REACHABLE'],
  [0x04, 'STALE'],
  [0x08, 'DELAY'],
  [0x10, 'PROBE'],
  [0x20, 'FAILED'],
  [0x40, 'NOARP'],
  [0x80, 'PERMANENT'],
]

const NEIGHBOUR_FLAGS: readonly (readonly [number, string])[] = [
  [0x01, 'use'],
  [0x08, 'proxy'],
  [0x10, 'extern_learn'],
  [0x20, 'offload'],
  [0x80, 'router'],
]
