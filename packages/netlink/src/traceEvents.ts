import type { DecodeTally } from './codec/reader.ts'
import type { Netns } from './namespaces.ts'
import { decodeNftTrace, NFNLGRP_NFTRACE, type NftTrace } from './netfilter/trace.ts'
import { NETLINK, openNetlink } from './socket.ts'

export type TraceEvents = { tally: () => DecodeTally; close: () => void }
type Handlers = {
  /** One step of a packet in the namespace with this id, −1 for the listener's own namespace. */
  onTrace: (nsid: number, trace: NftTrace) => void
  /** Messages were lost (ENOBUFS). */
  onLoss: (code: string) => void
  /** The namespace to listen in, our own by default. Its ids are what `onTrace` speaks of. */
  netns?: Netns
  /** Bytes that may queue up, 64 MiB by default: room for 180,000 messages a second. */
  receiveBuffer?: number
}

const RECEIVE_BUFFER = 64 << 20
/** Milliseconds. A flood comes packet by packet, and the waking for each costs more than the reading. */
const PAUSE = 10

/**
 * Listens to the traced packets of every namespace that has an id, in the order in which the kernel told of them. The caller closes
 * it. Throws NetlinkError. Same as "nft monitor trace" in each of them.
 */
export function openTraceEvents({
  onTrace,
  onLoss,
  netns = null,
  receiveBuffer = RECEIVE_BUFFER,
}: Handlers): TraceEvents {
  const socket = openNetlink(netns, NETLINK.NETFILTER, {
    receiveBuffer,
    groups: [NFNLGRP_NFTRACE],
    listenAllNsid: true,
  })
  socket.watch({
    onMessage(reader, message, nsid) {
      const trace = decodeNftTrace(reader, message)
      if (trace !== undefined) onTrace(nsid, trace)
    },
    onLoss,
    pause: PAUSE,
  })
  return { tally: () => ({ ...socket.tally }), close: () => socket.close() }
}
