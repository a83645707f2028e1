import type { Reader } from '../codec/reader.ts'
import type { Link, LinkStatistics } from './link.ts'
import { ADDRESSED_BY_IP, LINKMODES, OPERSTATES } from './linkNames.ts'

/** What is being decoded; `type` is the link's ARPHRD number. */
type Target = { link: Link; reader: Reader; type: number }
type Read = (link: Link, reader: Reader, at: { from: number; to: number; type: number }) => void

const NEWEST_KNOWN = 70

/** Puts one IFLA_ attribute into the link; counts those that are newer than this code. */
export function readLinkAttribute(
  { link, reader, type }: Target,
  attribute: number,
  [from, to]: [number, number],
): void {
  const read = READERS[attribute]
  if (read) read(link, reader, { from, to, type })
  else if (attribute > NEWEST_KNOWN) reader.unknown()
}

function readStatistics(reader: Reader, from: number, to: number): LinkStatistics | undefined {
  if (!reader.has(from, to, 23 * 8)) return undefined
  // struct rtnl_link_stats64: rx and tx alternate first, then each side's errors
  const word = (index: number) => reader.u64(from + 8 * index, to) ?? 0
  return {
    rx: {
      packets: word(0),
      bytes: word(2),
      errors: word(4),
      dropped: word(6),
      multicast: word(8),
      overErrors: word(11),
      fifoErrors: word(14),
    },
    tx: {
      packets: word(1),
      bytes: word(3),
      errors: word(5),
      dropped: word(7),
      collisions: word(9),
      carrierErrors: word(17),
      fifoErrors: word(18),
    },
  }
}

function hardwareAddress(reader: Reader, at: { from: number; to: number; type: number }): string | undefined {
  if (at.to === at.from) return undefined
  return ADDRESSED_BY_IP.has(at.type) ? reader.ip(at.from, at.to) : reader.mac(at.from, at.to)
}

// Sparse by the IFLA_ number. One row each keeps a field's number, name and width on one line.
const READERS: (Read | undefined)[] = []
const row = (attribute: number, read: Read) => {
  READERS[attribute] = read
}
row(1, (link, reader, at) => {
  link.address = hardwareAddress(reader, at)
})
row(2, (link, reader, at) => {
  link.broadcast = hardwareAddress(reader, at)
})
row(3, (link, reader, { from, to }) => {
  link.name = reader.text(from, to)
})
row(4, (link, reader, { from, to }) => {
  link.mtu = reader.u32(from, to)
})
row(5, (link, reader, { from, to }) => {
  link.iflink = reader.u32(from, to)
})
row(6, (link, reader, { from, to }) => {
  link.qdisc = reader.text(from, to)
})
row(10, (link, reader, { from, to }) => {
  link.master = reader.u32(from, to)
})
row(13, (link, reader, { from, to }) => {
  link.txqlen = reader.u32(from, to)
})
row(16, (link, reader, { from, to }) => {
  link.operstate = OPERSTATES[reader.u8(from, to) ?? 0]
})
row(17, (link, reader, { from, to }) => {
  link.linkmode = LINKMODES[reader.u8(from, to) ?? 0]
})
row(20, (link, reader, { from, to }) => {
  link.alias = reader.text(from, to)
})
row(23, (link, reader, { from, to }) => {
  link.stats64 = readStatistics(reader, from, to)
})
row(27, (link, reader, { from, to }) => {
  link.group = reader.u32(from, to)
})
row(30, (link, reader, { from, to }) => {
  link.promiscuity = reader.u32(from, to)
})
row(31, (link, reader, { from, to }) => {
  link.numTxQueues = reader.u32(from, to)
})
row(32, (link, reader, { from, to }) => {
  link.numRxQueues = reader.u32(from, to)
})
row(33, (link, reader, { from, to }) => {
  link.carrier = reader.bool(from, to)
})
row(35, (link, reader, { from, to }) => {
  link.carrierChanges = reader.u32(from, to)
})
row(37, (link, reader, { from, to }) => {
  link.linkNetnsid = reader.i32(from, to)
})
row(39, (link, reader, { from, to }) => {
  link.protoDown = reader.bool(from, to)
})
row(40, (link, reader, { from, to }) => {
  link.gsoMaxSegs = reader.u32(from, to)
})
row(41, (link, reader, { from, to }) => {
  link.gsoMaxSize = reader.u32(from, to)
})
row(45, (link, reader, { from, to }) => {
  link.newNetnsid = reader.i32(from, to)
})
row(46, (link, reader, { from, to }) => {
  link.targetNetnsid = reader.i32(from, to)
})
row(49, (link, reader, { from, to }) => {
  link.newIfindex = reader.u32(from, to)
})
row(50, (link, reader, { from, to }) => {
  link.minMtu = reader.u32(from, to)
})
row(51, (link, reader, { from, to }) => {
  link.maxMtu = reader.u32(from, to)
})
row(52, (link, reader, { from, to }) => {
  reader.attributes(from, to, (type, start, end) => {
    if (type === 53) link.altnames.push(reader.text(start, end))
  })
})
row(54, (link, reader, at) => {
  link.permaddr = hardwareAddress(reader, at)
})
row(56, (link, reader, { from, to }) => {
  link.parentDevice = reader.text(from, to)
})
row(57, (link, reader, { from, to }) => {
  link.parentBus = reader.text(from, to)
})
row(58, (link, reader, { from, to }) => {
  link.groMaxSize = reader.u32(from, to)
})
row(59, (link, reader, { from, to }) => {
  link.tsoMaxSize = reader.u32(from, to)
})
row(60, (link, reader, { from, to }) => {
  link.tsoMaxSegs = reader.u32(from, to)
})
row(61, (link, reader, { from, to }) => {
  link.allmulti = reader.u32(from, to)
})
