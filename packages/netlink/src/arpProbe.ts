import { parseIp, parseMac } from './codec/addresses.ts'
import * as libc from './libc.ts'
import { insideNetns, type Netns } from './namespaces.ts'
import { refusal } from './refusal.ts'

/** Who asks, at which link with which addresses, and for whose address. */
export type ArpQuestion = { link: number; mac: string; src: string; address: string }

const AF_PACKET = 17
const ETH_P_ARP = 0x0806
const ETHERNET = 1
const IPV4 = 0x0800
const REQUEST = 1
const SOCKADDR_LL = 20
const FOR_ALL = Buffer.alloc(6, 0xff)

/**
 * Prepares one question of ARP, for all on a link. It passes the sender's own rules for ARP and leaves no entry in the sender's table of neighbours. The
 * socket keeps the namespace alive until `close`. Throws NetlinkError (EPERM, ENODEV…). Same as "arping -c 1 -I LINK ADDRESS".
 */
export function openArpProbe(netns: Netns, question: ArpQuestion): { send(): string | undefined; close(): void } {
  const flags = libc.SOCK_RAW | libc.SOCK_CLOEXEC | libc.SOCK_NONBLOCK
  const fd = insideNetns(netns, () => libc.check(libc.socket(AF_PACKET, flags, 0), 'open probe'))
  let open = true
  const close = () => {
    if (open) libc.close(fd)
    open = false
  }
  const frame = frameOf(question)
  const send = () => {
    const at = linkAddress(question.link)
    const bound = refusal(libc.bind(fd, at, at.length), 'bind probe')
    return bound ?? refusal(Number(libc.send(fd, frame, frame.length, 0)), 'send probe')
  }
  return { send, close }
}

/** struct sockaddr_ll. */
function linkAddress(index: number): Buffer {
  const bytes = Buffer.alloc(SOCKADDR_LL)
  bytes.writeUInt16LE(AF_PACKET, 0)
  bytes.writeUInt16BE(ETH_P_ARP, 2)
  bytes.writeInt32LE(index, 4)
  return bytes
}

/** The Ethernet header, and who has `address`, tell `src`. */
function frameOf({ mac, src, address }: Omit<ArpQuestion, 'link'>): Buffer {
  const own = Buffer.from(parseMac(mac))
  const head = Buffer.alloc(8)
  head.writeUInt16BE(ETHERNET, 0)
  head.writeUInt16BE(IPV4, 2)
  head.writeUInt8(own.length, 4)
  head.writeUInt8(4, 5)
  head.writeUInt16BE(REQUEST, 6)
  const type = Buffer.from([ETH_P_ARP >> 8, ETH_P_ARP & 0xff])
  const nobody = Buffer.alloc(own.length)
  return Buffer.concat([FOR_ALL, own, type, head, own, parseIp(src), nobody, parseIp(address)])
}
