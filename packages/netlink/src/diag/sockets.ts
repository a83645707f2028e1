import { constants } from 'node:os'
import { formatIp } from '../codec/addresses.ts'
import type { Message, Reader } from '../codec/reader.ts'
import { NetlinkError } from '../errors.ts'
import { AF, type IpFamily, ipFamily } from '../route/names.ts'
import type { NetlinkSocket } from '../socket.ts'

export type SocketProtocol = 'tcp' | 'udp' | 'udplite' | 'raw'
/** A socket that waits for anybody: TCP in LISTEN, the others unconnected. `inode` is the one in /proc/PID/fd. */
export type ListeningSocket = {
  protocol: SocketProtocol
  family: IpFamily
  /** "0.0.0.0" or "::" when it listens on every address. */
  address: string
  /** The port; of a raw socket the IP protocol number. */
  port: number
  uid: number
  inode: number
  /** The link that the socket is bound to with SO_BINDTODEVICE. */
  ifindex?: number
  /** False: an IPv6 socket that takes IPv4 as well. */
  v6only?: boolean
  /** Bytes waiting; of a TCP listener the connections that wait to be accepted, and how many may. */
  receiveQueue: number
  sendQueue: number
}

const SOCK_DIAG_BY_FAMILY = 20
const LISTEN = 1 << 10
const CLOSE = 1 << 7 // what an unconnected datagram socket is in
const REQUEST_LENGTH = 56
const ANSWER_LENGTH = 72
const SKV6ONLY = 11
const NEWEST_KNOWN = 22

const PROTOCOLS: readonly (readonly [SocketProtocol, number, states: number])[] = [
  ['tcp', 6, LISTEN],
  ['udp', 17, CLOSE],
  ['udplite', 136, CLOSE],
  ['raw', 255, CLOSE],
]

/**
 * Listening sockets of the namespace of a NETLINK.SOCK_DIAG socket. `unavailable` names the protocols whose diagnosis this
 * kernel lacks; each is asked for by loading a module, so leave out what is known to be lacking. Same as "ss -lntuwe".
 * Throws NetlinkError.
 */
export function dumpListeningSockets(
  socket: NetlinkSocket,
  leaveOut?: ReadonlySet<SocketProtocol>,
): {
  sockets: ListeningSocket[]
  unavailable: SocketProtocol[]
} {
  const sockets: ListeningSocket[] = []
  const unavailable = new Set<SocketProtocol>()
  for (const [protocol, number, states] of PROTOCOLS) {
    if (leaveOut?.has(protocol)) continue
    for (const family of [AF.INET, AF.INET6]) {
      const found = dumpOne(socket, { protocol, payload: request(family, number, states) })
      if (found === undefined) unavailable.add(protocol)
      else sockets.push(...found)
    }
  }
  return { sockets, unavailable: [...unavailable] }
}

/** A sock_diag answer. */
export function decodeSocket(reader: Reader, message: Message, protocol: SocketProtocol): ListeningSocket | undefined {
  const { start, end } = message
  if (!reader.has(start, end, ANSWER_LENGTH)) return undefined
  const { bytes } = reader
  const family = ipFamily(bytes.readUInt8(start))
  const address = formatIp(bytes, start + 8, start + 8 + (family === 'inet' ? 4 : 16))
  if (family === undefined || address === undefined) return undefined
  const ifindex = bytes.readUInt32LE(start + 40)
  const found: ListeningSocket = {
    protocol,
    family,
    address,
    port: bytes.readUInt16BE(start + 4),
    uid: bytes.readUInt32LE(start + 64),
    inode: bytes.readUInt32LE(start + 68),
    receiveQueue: bytes.readUInt32LE(start + 56),
    sendQueue: bytes.readUInt32LE(start + 60),
  }
  if (ifindex !== 0) found.ifindex = ifindex
  reader.attributes(start + ANSWER_LENGTH, end, (type, from, to) => {
    if (type === SKV6ONLY && family === 'inet6') found.v6only = reader.bool(from, to)
    else if (type > NEWEST_KNOWN) reader.unknown()
  })
  return found
}

function dumpOne(
  socket: NetlinkSocket,
  { protocol, payload }: { protocol: SocketProtocol; payload: Buffer },
): ListeningSocket[] | undefined {
  try {
    return socket.dump({ type: SOCK_DIAG_BY_FAMILY, payload, doing: `dump ${protocol} sockets` }, (reader, message) =>
      decodeSocket(reader, message, protocol),
    )
  } catch (cause) {
    // The kernel has no *_diag module for this protocol.
    if (cause instanceof NetlinkError && cause.errno === constants.errno.ENOENT) return undefined
    throw cause
  }
}

/** struct inet_diag_req_v2 without a socket id. */
function request(family: number, protocol: number, states: number): Buffer {
  const payload = Buffer.alloc(REQUEST_LENGTH)
  payload.writeUInt8(family, 0)
  payload.writeUInt8(protocol, 1)
  payload.writeUInt32LE(states, 4)
  return payload
}
