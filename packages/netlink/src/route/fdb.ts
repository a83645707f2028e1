import type { Message, Reader } from '../codec/reader.ts'
import { attribute, u32 } from '../codec/writer.ts'
import type { NetlinkSocket, Request } from '../socket.ts'
import { RTM } from './messages.ts'
import { AF, flagNames } from './names.ts'
import { AGES, readCacheInfo } from './neighbours.ts'

/** An entry of a forwarding database: of a bridge (CAM table), or of a vxlan or macvlan device itself ("self"). Ages in seconds. */
export type FdbEntry = {
  mac: string
  ifindex: number
  /** The bridge, when the entry is a bridge's. */
  master?: number
  vlan?: number
  /** A vxlan entry's remote tunnel end, with its port and network identifier. */
  dst?: string
  port?: number
  vni?: number
  srcVni?: number
  /** The link that a vxlan entry sends through, and its namespace. */
  linkIfindex?: number
  linkNetnsid?: number
  nexthopId?: number
  /** permanent (our own MAC or added so), static (never ages), stale (learned, aged out) or reachable (learned). */
  state: 'permanent' | 'static' | 'stale' | 'reachable' | 'other'
  /** self, master, router, extern_learn, offload, sticky. */
  flags: string[]
  updated?: number
  used?: number
}

/** Asks for all forwarding databases. */
export const ALL_FDB: Request = {
  type: RTM.GETNEIGH,
  payload: Buffer.from([AF.BRIDGE, ...new Uint8Array(11)]),
  doing: 'dump forwarding databases',
  volatile: AGES,
}

/** Forwarding databases of a namespace, optionally of one link or one bridge. Same as "bridge -s fdb". Throws NetlinkError. */
export function dumpFdb(socket: NetlinkSocket, filter: { ifindex?: number; master?: number } = {}): FdbEntry[] {
  const header = Buffer.from(ALL_FDB.payload)
  header.writeUInt32LE(filter.ifindex ?? 0, 4)
  const master = filter.master === undefined ? [] : [attribute(9, u32(filter.master))]
  const payload = Buffer.concat([header, ...master])
  const entries = socket.dump({ ...ALL_FDB, payload, missing: 'ENODEV' }, decodeFdbEntry)
  return entries.filter(
    (entry) =>
      (filter.ifindex === undefined || entry.ifindex === filter.ifindex) &&
      (filter.master === undefined || entry.master === filter.master),
  )
}

/** An RTM_NEWNEIGH or RTM_DELNEIGH message of family bridge. */
export function decodeFdbEntry(reader: Reader, message: Message): FdbEntry | undefined {
  const { start, end } = message
  if (!reader.has(start, end, 12)) return undefined
  if (reader.bytes.readUInt8(start) !== AF.BRIDGE) return undefined
  const entry: FdbEntry = {
    mac: '',
    ifindex: reader.bytes.readUInt32LE(start + 4),
    state: stateName(reader.bytes.readUInt16LE(start + 8)),
    flags: flagNames(reader.bytes.readUInt8(start + 10), FLAGS),
  }
  reader.attributes(start + 12, end, (type, from, to) => readAttribute(entry, reader, { type, from, to }))
  return entry.mac === '' ? undefined : entry
}

function readAttribute(entry: FdbEntry, reader: Reader, at: { type: number; from: number; to: number }): void {
  const { from, to } = at
  switch (at.type) {
    case 1:
      entry.dst = reader.ip(from, to)
      return
    case 2:
      entry.mac = reader.mac(from, to)
      return
    case 3: {
      const ages = readCacheInfo(reader, from, to)
      entry.updated = ages?.updated
      entry.used = ages?.used
      return
    }
    case 5:
      entry.vlan = reader.u16(from, to)
      return
    case 6:
      entry.port = reader.u16BE(from, to)
      return
    case 7:
      entry.vni = reader.u32(from, to)
      return
    case 8:
      entry.linkIfindex = reader.u32(from, to)
      return
    case 9:
      entry.master = reader.u32(from, to)
      return
    case 10:
      entry.linkNetnsid = reader.i32(from, to)
      return
    case 11:
      entry.srcVni = reader.u32(from, to)
      return
    case 13:
      entry.nexthopId = reader.u32(from, to)
      return
    default:
      if (at.type > 17) reader.unknown()
  }
}

function stateName(state: number): FdbEntry['state'] {
  if (state & 0x80) return 'permanent'
  if (state & 0x40) return 'static'
  if (state & 0x04) return 'stale'
  return state & 0x02 ? 'reachable' : 'other'
}

const FLAGS: readonly (readonly [number, string])[] = [
  [0x02, 'self'],
  [0x80, 'router'],
  [0x10, 'extern_learn'],
  [0x20, 'offload'],
  [0x04, 'master'],
  [0x40, 'sticky'],
]
