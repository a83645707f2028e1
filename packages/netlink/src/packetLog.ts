import type { Netns } from './namespaces.ts'
import { bindGroup, chooseHeaders, decodeLoggedPacket, LOG_MESSAGE, type LoggedPacket } from './netfilter/log.ts'
import { NETLINK, openNetlink } from './socket.ts'

export type PacketLog = { close(): void }
type Handlers = {
  netns: Netns
  onPacket: (packet: LoggedPacket) => void
  /** Packets were lost (ENOBUFS). */
  onLoss: (code: string) => void
}

const RECEIVE_BUFFER = 64 << 20

/**
 * Listens to the packets that are logged to group 0 of NFLOG in a namespace, traced ones among them once its logger is `nfnetlink_log`. The
 * socket keeps the namespace alive until `close`. Throws NetlinkError (EBUSY or EPERM when another program has the group; EINVAL or
 * EOPNOTSUPP without nfnetlink_log). Same as "tcpdump -i nflog:0".
 */
export function openPacketLog({ netns, onPacket, onLoss }: Handlers): PacketLog {
  const socket = openNetlink(netns, NETLINK.NETFILTER, { receiveBuffer: RECEIVE_BUFFER })
  try {
    socket.apply({ type: LOG_MESSAGE.CONFIG, payload: bindGroup(), doing: 'listen to NFLOG group 0' })
    socket.apply({ type: LOG_MESSAGE.CONFIG, payload: chooseHeaders(), doing: 'choose what NFLOG group 0 tells' })
    socket.watch({
      onMessage(reader, message) {
        const packet = decodeLoggedPacket(reader, message)
        if (packet !== undefined) onPacket(packet)
      },
      onLoss,
    })
  } catch (cause) {
    socket.close()
    throw cause
  }
  return { close: () => socket.close() }
}
