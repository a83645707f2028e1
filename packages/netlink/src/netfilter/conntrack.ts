import { fieldDecoder } from '../codec/fields.ts'
import type { Message, Reader } from '../codec/reader.ts'
import { flagNames, type IpFamily, ipFamily } from '../route/names.ts'
import type { NetlinkSocket } from '../socket.ts'
import { nfnetlinkHeader, SUBSYSTEM } from './messages.ts'

/** One direction of a connection. Ports for TCP, UDP, SCTP, DCCP…; `icmp` for ICMP and ICMPv6. */
export type Tuple = {
  src: string
  dst: string
  protocol: number
  sport?: number
  dport?: number
  icmp?: { id?: number; type?: number; code?: number }
  zone?: number
}
export type Counters = { packets: number; bytes: number }
/** A connection that the kernel tracks. Same id, orig and reply as "conntrack -L -o id"; timeout in seconds. */
export type ConntrackEntry = {
  family: IpFamily
  id?: number
  orig: Tuple
  reply: Tuple
  statusBits: number
  /** EXPECTED, SEEN_REPLY, ASSURED, CONFIRMED, SRC_NAT, DST_NAT, SRC_NAT_DONE, DYING, OFFLOAD… */
  status: string[]
  tcpState?: string
  timeout?: number
  mark?: number
  zone?: number
  use?: number
  helper?: string
  /** Only while net.netfilter.nf_conntrack_acct is on. */
  countersOrig?: Counters
  countersReply?: Counters
}

const IPCTNL_MSG_CT_GET = 1
const AF_UNSPEC = 0

/** Tracked connections of the socket's namespace, both families. Same as "conntrack -L -o id,extended". Throws NetlinkError. */
export function dumpConntrack(socket: NetlinkSocket): ConntrackEntry[] {
  const type = (SUBSYSTEM.CONNTRACK << 8) | IPCTNL_MSG_CT_GET
  return socket.dump({ type, payload: nfnetlinkHeader(AF_UNSPEC), doing: 'dump connections' }, decodeConntrack)
}

/** A conntrack message; undefined when it is cut before both tuples, or of another family. */
export function decodeConntrack(reader: Reader, message: Message): ConntrackEntry | undefined {
  const { start, end } = message
  if (!reader.has(start, end, 4)) return undefined
  const family = ipFamily(reader.bytes.readUInt8(start))
  if (family === undefined) return undefined
  const { orig, reply, status = 0, protoinfo, ...rest } = readEntry(reader, start + 4, end)
  if (orig === undefined || reply === undefined) return undefined
  const entry: ConntrackEntry = { family, orig, reply, statusBits: status, status: flagNames(status, STATUS), ...rest }
  if (protoinfo?.tcp?.state !== undefined)
    entry.tcpState = TCP_STATES[protoinfo.tcp.state] ?? String(protoinfo.tcp.state)
  return entry
}

const readAddresses = fieldDecoder({ 1: ['src', 'ip'], 2: ['dst', 'ip'], 3: ['src', 'ip'], 4: ['dst', 'ip'] })
const readProtocol = fieldDecoder({
  1: ['protocol', 'u8'],
  2: ['sport', 'u16BE'],
  3: ['dport', 'u16BE'],
  4: ['id', 'u16BE'],
  5: ['type', 'u8'],
  6: ['code', 'u8'],
  7: ['id', 'u16BE'],
  8: ['type', 'u8'],
  9: ['code', 'u8'],
})
const readTupleFields = fieldDecoder({
  1: ['addresses', readAddresses],
  2: ['ports', readProtocol],
  3: ['zone', 'u16BE'],
})
const readCounters = fieldDecoder({
  1: ['packets', 'u64BE'],
  2: ['bytes', 'u64BE'],
  3: ['packets', 'u32BE'],
  4: ['bytes', 'u32BE'],
  5: ['padding', 'skip'],
})
const readHelper = fieldDecoder({ 1: ['name', 'text'], 2: ['info', 'skip'] })
const readTcp = fieldDecoder({
  1: ['state', 'u8'],
  2: ['wscaleOriginal', 'skip'],
  3: ['wscaleReply', 'skip'],
  4: ['flagsOriginal', 'skip'],
  5: ['flagsReply', 'skip'],
})
const readProtoinfo = fieldDecoder({ 1: ['tcp', readTcp], 2: ['dccp', 'skip'], 3: ['sctp', 'skip'] })

const readEntry = fieldDecoder({
  1: ['orig', readTuple],
  2: ['reply', readTuple],
  3: ['status', 'u32BE'],
  4: ['protoinfo', readProtoinfo],
  5: ['helper', (reader: Reader, start: number, end: number) => readHelper(reader, start, end).name],
  6: ['natSrc', 'skip'],
  7: ['timeout', 'u32BE'],
  8: ['mark', 'u32BE'],
  9: ['countersOrig', counters],
  10: ['countersReply', counters],
  11: ['use', 'u32BE'],
  12: ['id', 'u32BE'],
  13: ['natDst', 'skip'],
  14: ['tupleMaster', 'skip'],
  15: ['seqAdjOrig', 'skip'],
  16: ['seqAdjReply', 'skip'],
  17: ['secmark', 'skip'],
  18: ['zone', 'u16BE'],
  19: ['secctx', 'skip'],
  20: ['timestamp', 'skip'],
  21: ['markMask', 'skip'],
  22: ['labels', 'skip'],
  23: ['labelsMask', 'skip'],
  24: ['synproxy', 'skip'],
  25: ['filter', 'skip'],
  26: ['statusMask', 'skip'],
  27: ['timestampEvent', 'skip'],
})

function readTuple(reader: Reader, start: number, end: number): Tuple | undefined {
  const { addresses, ports, zone } = readTupleFields(reader, start, end)
  if (addresses?.src === undefined || addresses.dst === undefined || ports?.protocol === undefined) return undefined
  const tuple: Tuple = { src: addresses.src, dst: addresses.dst, protocol: ports.protocol }
  if (ports.sport !== undefined) tuple.sport = ports.sport
  if (ports.dport !== undefined) tuple.dport = ports.dport
  if (ports.id !== undefined || ports.type !== undefined) {
    tuple.icmp = { id: ports.id, type: ports.type, code: ports.code }
  }
  if (zone !== undefined) tuple.zone = zone
  return tuple
}

function counters(reader: Reader, start: number, end: number): Counters {
  const { packets = 0, bytes = 0 } = readCounters(reader, start, end)
  return { packets, bytes }
}

const TCP_STATES = [
  'NONE',
  'SYN_SENT',
  'SYN_RECV',
  'ESTABLISHED',
  'FIN_WAIT',
  'CLOSE_WAIT',
  'LAST_ACK',
  'TIME_WAIT',
  'CLOSE',
  'SYN_SENT2',
]

const STATUS: readonly (readonly [number, string])[] = [
  [1, 'EXPECTED'],
  [1 << 1, 'SEEN_REPLY'],
  [1 << 2, 'ASSURED'],
  [1 << 3, 'CONFIRMED'],
  [1 << 4, 'SRC_NAT'],
  [1 << 5, 'DST_NAT'],
  [1 << 6, 'SEQ_ADJUST'],
  [1 << 7, 'SRC_NAT_DONE'],
  [1 << 8, 'DST_NAT_DONE'],
  [1 << 9, 'DYING'],
  [1 << 10, 'FIXED_TIMEOUT'],
  [1 << 11, 'TEMPLATE'],
  [1 << 12, 'NAT_CLASH'],
  [1 << 13, 'HELPER'],
  [1 << 14, 'OFFLOAD'],
  [1 << 15, 'HW_OFFLOAD'],
]
