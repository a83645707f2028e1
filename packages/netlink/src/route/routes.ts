import { formatIp } from '../codec/addresses.ts'
import type { Message, Reader } from '../codec/reader.ts'
import { attribute, u32 } from '../codec/writer.ts'
import type { NetlinkSocket, Request } from '../socket.ts'
import { RTM } from './messages.ts'
import { AF, flagNames, type IpFamily, ipFamily, protocolName, routeTypeName, scopeName, tableName } from './names.ts'

/** A gateway of the other family: an IPv4 route through an IPv6 router. */
export type Via = { family: IpFamily; host: string }
export type Nexthop = {
  oif?: number
  gateway?: string
  via?: Via
  /** 1 and more, as "weight" in "ip route". */
  weight: number
  flags: string[]
  encapType?: number
}
/** A route. `dst` and `src` are "default" or a prefix such as "10.0.0.0/8", a host without "/32" as iproute2 prints it. */
export type Route = {
  family: IpFamily
  dst: string
  src?: string
  table: number
  tableName: string
  protocol: string
  scope: string
  type: string
  tos?: number
  prefsrc?: string
  gateway?: string
  via?: Via
  oif?: number
  iif?: number
  metric?: number
  /** Router preference, IPv6 only: medium, high or low. */
  pref?: string
  /** dead, pervasive, onlink, offload, linkdown, unresolved, trap. */
  flags: string[]
  nexthops?: Nexthop[]
  nexthopId?: number
  encapType?: number
  mtu?: number
  advmss?: number
  /** Seconds until the route goes, IPv6 only. */
  expires?: number
}

const RTM_F_CLONED = 0x200
const USER_HZ = 100

/** Asks for all routes. */
export const ALL_ROUTES: Request = { type: RTM.GETROUTE, payload: Buffer.alloc(12), doing: 'dump routes' }

/** Routes of all tables, both families, without cached ones. Same as "ip -d route show table all", and "ip -6 …". */
export function dumpRoutes(socket: NetlinkSocket, filter: { table?: number; oif?: number } = {}): Route[] {
  const attributes: Uint8Array[] = []
  if (filter.table !== undefined) attributes.push(attribute(15, u32(filter.table)))
  if (filter.oif !== undefined) attributes.push(attribute(4, u32(filter.oif)))
  const payload = Buffer.concat([ALL_ROUTES.payload, ...attributes])
  // ENOENT: a table that nobody made; ENODEV: a link that has gone.
  const missing = filter.table !== undefined ? 'ENOENT' : filter.oif !== undefined ? 'ENODEV' : undefined
  const routes = socket.dump({ ...ALL_ROUTES, payload, missing }, decodeRoute)
  if (attributes.length === 0) return routes
  return routes.filter(
    (route) =>
      (filter.table === undefined || route.table === filter.table) &&
      (filter.oif === undefined || route.oif === filter.oif || route.nexthops?.some((hop) => hop.oif === filter.oif)),
  )
}

/** An RTM_NEWROUTE or RTM_DELROUTE message; undefined for multicast and MPLS routes and for cached ones. */
export function decodeRoute(reader: Reader, message: Message): Route | undefined {
  const { start, end } = message
  if (!reader.has(start, end, 12)) return undefined
  const { bytes } = reader
  const family = ipFamily(bytes.readUInt8(start))
  const messageFlags = bytes.readUInt32LE(start + 8)
  if (family === undefined || messageFlags & RTM_F_CLONED) return undefined
  const tos = bytes.readUInt8(start + 3)
  const route: Route = {
    family,
    dst: 'default',
    table: bytes.readUInt8(start + 4),
    tableName: '',
    protocol: protocolName(bytes.readUInt8(start + 5)),
    scope: scopeName(bytes.readUInt8(start + 6)),
    type: routeTypeName(bytes.readUInt8(start + 7)),
    flags: messageFlags & 0xff ? routeFlags(messageFlags) : [],
  }
  if (tos !== 0) route.tos = tos
  const length = { dst: bytes.readUInt8(start + 1), src: bytes.readUInt8(start + 2) }
  // IPv6 sends no RTA_DST for ::/0, and IPv4 none for 0.0.0.0/0: a non-zero length without one stays "0.0.0.0/8".
  if (length.dst !== 0) route.dst = `${family === 'inet' ? '0.0.0.0' : '::'}/${length.dst}`
  reader.attributes(start + 12, end, (type, from, to) => readAttribute({ route, reader, length }, type, [from, to]))
  route.tableName = tableName(route.table)
  return route
}

type Target = { route: Route; reader: Reader; length: { dst: number; src: number } }

function readAttribute({ route, reader, length }: Target, type: number, [from, to]: [number, number]): void {
  switch (type) {
    case 1:
      route.dst = prefix(reader.ip(from, to), length.dst, to - from) ?? route.dst
      return
    case 2:
      route.src = prefix(reader.ip(from, to), length.src, to - from)
      return
    case 3:
      route.iif = reader.u32(from, to)
      return
    case 4:
      route.oif = reader.u32(from, to)
      return
    case 5:
      route.gateway = reader.ip(from, to)
      return
    case 6:
      route.metric = reader.u32(from, to)
      return
    case 7:
      route.prefsrc = reader.ip(from, to)
      return
    case 9:
      route.nexthops = readNexthops(reader, from, to)
      return
    case 15:
      route.table = reader.u32(from, to) ?? route.table
      return
    default:
      readRareAttribute(route, reader, { type, from, to })
  }
}

function readRareAttribute(route: Route, reader: Reader, at: { type: number; from: number; to: number }): void {
  const { from, to } = at
  switch (at.type) {
    case 8:
      reader.attributes(from, to, (type, start, end) => {
        if (type === 2) route.mtu = reader.u32(start, end)
        else if (type === 8) route.advmss = reader.u32(start, end)
      })
      return
    case 12: {
      // struct rta_cacheinfo: expires is the third word, in ticks of 1/100 s
      if (!reader.has(from, to, 12)) return
      const ticks = reader.bytes.readInt32LE(from + 8)
      if (ticks !== 0) route.expires = Math.trunc(ticks / USER_HZ)
      return
    }
    case 18:
      route.via = readVia(reader, from, to)
      return
    case 20:
      route.pref = ['medium', 'high', 'invalid', 'low'][reader.u8(from, to) ?? 0]
      return
    case 21:
      route.encapType = reader.u16(from, to)
      return
    case 30:
      route.nexthopId = reader.u32(from, to)
      return
    default:
      // RTA_PROTOINFO, FLOW, MARK, ENCAP, PAD, UID… are known and not shown
      if (at.type > 30) reader.unknown()
  }
}

function readNexthops(reader: Reader, from: number, to: number): Nexthop[] {
  const hops: Nexthop[] = []
  let at = from
  while (at + 8 <= to) {
    const length = reader.bytes.readUInt16LE(at)
    if (length < 8 || length > to - at) break
    const hop: Nexthop = {
      oif: reader.bytes.readUInt32LE(at + 4),
      weight: reader.bytes.readUInt8(at + 3) + 1,
      flags: routeFlags(reader.bytes.readUInt8(at + 2)),
    }
    reader.attributes(at + 8, at + length, (type, start, end) => {
      if (type === 5) hop.gateway = reader.ip(start, end)
      else if (type === 18) hop.via = readVia(reader, start, end)
      else if (type === 21) hop.encapType = reader.u16(start, end)
    })
    hops.push(hop)
    at += (length + 3) & ~3
  }
  if (at < to) reader.tally.truncated++
  return hops
}

function readVia(reader: Reader, from: number, to: number): Via | undefined {
  if (!reader.has(from, to, 2)) return undefined
  const family = reader.bytes.readUInt16LE(from) === AF.INET6 ? 'inet6' : 'inet'
  const host = formatIp(reader.bytes, from + 2, to)
  return host === undefined ? undefined : { family, host }
}

function prefix(address: string | undefined, length: number, bytes: number): string | undefined {
  if (address === undefined) return undefined
  if (length === 0) return 'default'
  return length === bytes * 8 ? address : `${address}/${length}`
}

function routeFlags(flags: number): string[] {
  return flagNames(flags, FLAGS)
}

const FLAGS: readonly (readonly [number, string])[] = [
  [1, 'dead'],
  [2, 'pervasive'],
  [4, 'onlink'],
  [8, 'offload'],
  [16, 'linkdown'],
  [32, 'unresolved'],
  [64, 'trap'],
]
