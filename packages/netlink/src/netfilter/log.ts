import type { Message, Reader } from '../codec/reader.ts'
import { attribute, u16BE, u32BE } from '../codec/writer.ts'
import { nfnetlinkHeader, SUBSYSTEM } from './messages.ts'

/** A packet as the kernel logs it for a rule: headers as hex, at most 60 bytes of the network and 20 of the transport header. */
export type LoggedPacket = {
  /** Of the rule; of a traced packet "TRACE: TABLE:CHAIN:KIND:NUMBER ". */
  prefix: string
  family: 'ip' | 'ip6'
  hook: 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting'
  /** ifindexes. */
  iif?: number
  oif?: number
  mark?: number
  l3: string
  l4: string
}

export const LOG_MESSAGE = { PACKET: SUBSYSTEM.LOG << 8, CONFIG: (SUBSYSTEM.LOG << 8) | 1 } as const
/** The group that traced packets are logged to. */
const TRACE_GROUP = 0
const BIND = 1
const COPY_PACKET = 2
const NETWORK_BYTES = 60
const TRANSPORT_BYTES = 20
const IP6_HEADER = 40
/** The kernel takes as much memory for each message, 4 KiB unless told. */
const MESSAGE_BYTES = 512

/** Asks for the packets of the group; refused with EBUSY or EPERM while another socket has it. */
export const bindGroup = (): Buffer => Buffer.concat([groupHeader(), attribute(1, Buffer.of(BIND))])

/** Asks for the headers of each packet, and for each at once, in a message that is not larger than that takes. */
export const chooseHeaders = (): Buffer =>
  Buffer.concat([
    groupHeader(),
    attribute(2, Buffer.concat([u32BE(NETWORK_BYTES + TRANSPORT_BYTES), Buffer.of(COPY_PACKET, 0)])),
    attribute(3, u32BE(MESSAGE_BYTES)),
    attribute(5, u32BE(1)),
  ])

/** Its last two bytes are the group. */
const groupHeader = (): Buffer => Buffer.concat([nfnetlinkHeader(0).subarray(0, 2), u16BE(TRACE_GROUP)])

/** One logged packet; undefined when it is cut, or no packet of IPv4 or IPv6. Same as "tcpdump -i nflog:0". */
export function decodeLoggedPacket(reader: Reader, message: Message): LoggedPacket | undefined {
  if (message.type !== LOG_MESSAGE.PACKET || !reader.has(message.start, message.end, 4)) return undefined
  const packet: Omit<LoggedPacket, 'hook' | 'family'> = { prefix: '', l3: '', l4: '' }
  let hook: LoggedPacket['hook'] | undefined
  let family: LoggedPacket['family'] | undefined
  reader.attributes(message.start + 4, message.end, (type, start, end) => {
    switch (type) {
      case 1:
        hook = HOOKS[reader.u8(start + 2, end) ?? -1]
        break
      case 2:
        packet.mark = reader.u32BE(start, end)
        break
      case 4:
        packet.iif = reader.u32BE(start, end)
        break
      case 5:
        packet.oif = reader.u32BE(start, end)
        break
      case 9:
        family = readHeaders(reader, { start, end }, packet)
        break
      case 10:
        packet.prefix = reader.text(start, end)
        break
      default: // ports of bridges, times, owners, headers of the link
    }
  })
  return hook === undefined || family === undefined ? undefined : { ...packet, hook, family }
}

const HOOKS: readonly (LoggedPacket['hook'] | undefined)[] = ['prerouting', 'input', 'forward', 'output', 'postrouting']

function readHeaders(
  reader: Reader,
  { start, end }: { start: number; end: number },
  packet: { l3: string; l4: string },
): LoggedPacket['family'] | undefined {
  const first = reader.u8(start, end)
  if (first === undefined) return undefined
  const version = first >> 4
  const length = version === 4 ? (first & 15) * 4 : IP6_HEADER
  if ((version !== 4 && version !== 6) || !reader.has(start, end, length)) return undefined
  packet.l3 = reader.hex(start, start + length)
  packet.l4 = reader.hex(start + length, Math.min(end, start + length + TRANSPORT_BYTES))
  return version === 4 ? 'ip' : 'ip6'
}
