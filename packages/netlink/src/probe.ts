import { type ArpQuestion, openArpProbe } from './arpProbe.ts'
import { parseIp } from './codec/addresses.ts'
import * as libc from './libc.ts'
import { insideNetns, type Netns } from './namespaces.ts'
import { refusal } from './refusal.ts'

/** Where a probe goes: an address of either family, with a port for tcp and udp; or what is asked of all on a link. */
export type ProbeTarget = IpTarget | ({ protocol: 'arp' } & ArpQuestion)
type IpTarget = { protocol: 'icmp' | 'tcp' | 'udp'; address: string; port?: number }

/** One packet that begins a conversation, not sent yet. */
export type Probe = {
  /** The sender's port, or the identifier of the echo request; a question of ARP has none, which is 0. */
  readonly id: number
  /** Sends it: an echo request, a SYN, an empty datagram, or a question. An errno name when the sender's own kernel refuses (ENETUNREACH…). */
  send(): string | undefined
  /** Ends it; a connection that was made is ended with it. */
  close(): void
}

/** What the families call things. The checksum of ICMPv6 is the kernel's. */
const FAMILIES = {
  inet: { af: 2, any: '0.0.0.0', icmp: 1, echoRequest: 8, sockaddr: 16, at: 4 },
  inet6: { af: 10, any: '::', icmp: 58, echoRequest: 128, sockaddr: 28, at: 8 },
} as const
type Family = (typeof FAMILIES)[keyof typeof FAMILIES]

const SOCK_STREAM = 1
const SOCK_DGRAM = 2

/**
 * Prepares a probe in a namespace. Its socket keeps the namespace alive until `close`. Throws NetlinkError (EPERM…). Same as "ping -c 1", "nc -z" and
 * "nc -u" behind "ip netns exec", and as "arping -c 1".
 */
export function openProbe(netns: Netns, target: ProbeTarget): Probe {
  if (target.protocol === 'arp') return { id: 0, ...openArpProbe(netns, target) }
  const { protocol, address, port = 0 } = target
  const flags = libc.SOCK_CLOEXEC | libc.SOCK_NONBLOCK
  const type = protocol === 'tcp' ? SOCK_STREAM : protocol === 'udp' ? SOCK_DGRAM : libc.SOCK_RAW
  const family = FAMILIES[address.includes(':') ? 'inet6' : 'inet']
  const number = protocol === 'icmp' ? family.icmp : 0
  const fd = insideNetns(netns, () => libc.check(libc.socket(family.af, type | flags, number), 'open probe'))
  let open = true
  const close = () => {
    if (open) libc.close(fd)
    open = false
  }
  try {
    const id = protocol === 'icmp' ? process.pid & 0xffff : ownPort(fd, family)
    const to = socketAddress(family, address, protocol === 'icmp' ? 0 : port)
    return { id, close, send: () => sendTo(fd, to, protocol === 'tcp' ? undefined : payload(protocol, id, family)) }
  } catch (cause) {
    close()
    throw cause
  }
}

/** Binds to a port that the kernel chooses, so that it is known before anything is sent. */
function ownPort(fd: number, family: Family): number {
  libc.check(libc.bind(fd, socketAddress(family, family.any, 0), family.sockaddr), 'bind probe')
  const bound = Buffer.alloc(family.sockaddr)
  const length = Buffer.alloc(4)
  length.writeUInt32LE(family.sockaddr)
  libc.check(libc.getsockname(fd, bound, length), 'bind probe')
  return bound.readUInt16BE(2)
}

function sendTo(fd: number, to: Buffer, bytes: Buffer | undefined): string | undefined {
  const failed = refusal(libc.connect(fd, to, to.length), 'connect probe')
  return failed ?? (bytes && refusal(Number(libc.send(fd, bytes, bytes.length, 0)), 'send probe'))
}

function payload(protocol: 'icmp' | 'udp', id: number, { echoRequest }: Family): Buffer {
  if (protocol === 'udp') return Buffer.alloc(0)
  // 56 bytes of data, as ping sends them.
  const echo = Buffer.alloc(64)
  echo.writeUInt8(echoRequest, 0)
  echo.writeUInt16BE(id, 4)
  echo.writeUInt16BE(1, 6)
  echo.writeUInt16BE(checksum(echo), 2)
  return echo
}

/** RFC 1071: the ones' complement of the ones' complement sum of the 16-bit words. */
function checksum(bytes: Buffer): number {
  let sum = 0
  for (let at = 0; at + 1 < bytes.length; at += 2) sum += bytes.readUInt16BE(at)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return ~sum & 0xffff
}

function socketAddress({ af, sockaddr, at }: Family, address: string, port: number): Buffer {
  const bytes = Buffer.alloc(sockaddr)
  bytes.writeUInt16LE(af, 0)
  bytes.writeUInt16BE(port, 2)
  bytes.set(parseIp(address), at)
  return bytes
}
