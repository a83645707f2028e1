import type { Message, Reader } from '../codec/reader.ts'
import { attribute, cString, i32, u32 } from '../codec/writer.ts'
import type { Volatile } from '../dumpMemory.ts'
import type { NetlinkSocket, Request } from '../socket.ts'
import type { Link } from './link.ts'
import { readLinkAttribute } from './linkAttributes.ts'
import { type BridgePort, readBridgePort, readLinkInfo } from './linkInfo.ts'
import { linkFlagNames, linkTypeName } from './linkNames.ts'
import { RTM } from './messages.ts'
import { AF } from './names.ts'

/** A bridge's own word about a port; as RTM_DELLINK it means that the port left the bridge, not that the link is gone. */
export type BridgePortChange = { index: number; name: string; master?: number; port: BridgePort }
export type LinkFilter = {
  /** Only links of this bridge or bond. */
  master?: number
  /** Only links of this kind: bridge, veth… */
  kind?: string
  /** Links of another namespace by its id here: the way into one that has no file and no process ("ghost"). */
  targetNsid?: number
}

// Leaves out IPv6's and virtual functions' own statistics, a third of the dump; stats64 comes all the same.
const RTEXT_FILTER_SKIP_STATS = 8

const BRIDGE = new Int32Array(Uint8Array.from('bridge\0\0', (letter) => letter.charCodeAt(0)).buffer)
/** A bridge's timers (gc_timer runs all the time), and those of its ports. */
const TIMERS = [
  { kind: 1, data: 2, name: BRIDGE, attributes: (1 << 16) | (1 << 17) | (1 << 18) | (1 << 19) },
  { kind: 4, data: 5, name: BRIDGE, attributes: (1 << 21) | (1 << 22) | (1 << 23) },
]
/** IFLA_STATS, IFLA_STATS64, and what the address families keep for themselves (not decoded). */
const COUNTERS: Volatile = {
  header: 16,
  attributes: (1 << 7) | (1 << 23) | (1 << 26),
  nest: 18,
  inside: TIMERS,
}

/** Asks for all links. */
export const ALL_LINKS: Request = {
  type: RTM.GETLINK,
  payload: Buffer.concat([Buffer.alloc(16), attribute(29, u32(RTEXT_FILTER_SKIP_STATS))]),
  doing: 'dump links',
  volatile: COUNTERS,
}

/** As ALL_LINKS, of the namespace that has this id where it is asked; one whose links are not to be seen refuses. */
export const linksOfNsid = (nsid: number): Request => ({
  ...ALL_LINKS,
  payload: Buffer.concat([ALL_LINKS.payload, attribute(46, i32(nsid))]),
})

/** Links of a namespace. Same as "ip -d -s link". Throws NetlinkError (EINVAL for an id that nobody has). */
export function dumpLinks(socket: NetlinkSocket, filter: LinkFilter = {}): Link[] {
  const { payload } = filter.targetNsid === undefined ? ALL_LINKS : linksOfNsid(filter.targetNsid)
  const parts: Uint8Array[] = [payload]
  if (filter.master !== undefined) parts.push(attribute(10, u32(filter.master)))
  if (filter.kind !== undefined) parts.push(attribute(18, attribute(1, cString(filter.kind))))
  const links = socket.dump({ ...ALL_LINKS, payload: Buffer.concat(parts) }, decodeLink)
  return links.filter(
    (link) =>
      (filter.master === undefined || link.master === filter.master) &&
      (filter.kind === undefined || link.linkinfo?.kind === filter.kind),
  )
}

/** One link, undefined when there is none with that index. Same as "ip -d -s link show dev NAME". */
export function getLink(socket: NetlinkSocket, ifindex: number): Link | undefined {
  const payload = Buffer.alloc(16)
  payload.writeInt32LE(ifindex, 4)
  const request = { type: RTM.GETLINK, payload, doing: `get link ${ifindex}`, missing: 'ENODEV' }
  return socket.get(request, decodeLink)[0]
}

/** An RTM_NEWLINK or RTM_DELLINK message; undefined for one that is about a bridge port (see `decodeBridgePort`). */
export function decodeLink(reader: Reader, message: Message): Link | undefined {
  const { start, end } = message
  if (!reader.has(start, end, 16)) return undefined
  const { bytes } = reader
  if (bytes.readUInt8(start) === AF.BRIDGE) return undefined
  const type = bytes.readUInt16LE(start + 2)
  const flags = bytes.readUInt32LE(start + 8)
  const link: Link = {
    index: bytes.readInt32LE(start + 4),
    name: '',
    altnames: [],
    type: linkTypeName(type),
    flags,
    flagNames: linkFlagNames(flags),
  }
  reader.attributes(start + 16, end, (attributeType, from, to) => {
    if (attributeType === 18) link.linkinfo = readLinkInfo(reader, from, to)
    else readLinkAttribute({ link, reader, type }, attributeType, [from, to])
  })
  return link.name === '' ? undefined : link
}

/** An RTM_NEWLINK or RTM_DELLINK message of family bridge: the state of a port. */
export function decodeBridgePort(reader: Reader, message: Message): BridgePortChange | undefined {
  const { start, end } = message
  if (!reader.has(start, end, 16)) return undefined
  if (reader.bytes.readUInt8(start) !== AF.BRIDGE) return undefined
  const change: BridgePortChange = { index: reader.bytes.readInt32LE(start + 4), name: '', port: {} }
  reader.attributes(start + 16, end, (type, from, to) => {
    if (type === 3) change.name = reader.text(from, to)
    else if (type === 10) change.master = reader.u32(from, to)
    else if (type === 12) change.port = readBridgePort(reader, from, to)
  })
  return change.name === '' ? undefined : change
}
