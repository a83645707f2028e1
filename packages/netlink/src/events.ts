import type { DecodeTally, Message, Reader } from './codec/reader.ts'
import type { Netns } from './namespaces.ts'
import { decodeNetfilterEvent, type NetfilterEvent, NFNLGRP } from './netfilter/events.ts'
import { decodeRouteEvent, type RouteEvent } from './route/events.ts'
import { RTNLGRP } from './route/messages.ts'
import type { Nsid } from './route/nsids.ts'
import { NETLINK, type NetlinkSocket, openNetlink } from './socket.ts'

/** What can be listened to: `route` is rtnetlink, the other two come over one netfilter socket. */
export type EventProtocol = 'route' | 'nftables' | 'conntrack'
/** A change in some namespace. */
export type NetlinkEvent = RouteEvent | NetfilterEvent
/** An id was given to a namespace or taken back; forget it then, because the kernel reuses ids. */
export type NsidEvent = { action: 'new' | 'del' } & Nsid

export type EventHandlers = {
  protocols: readonly EventProtocol[]
  /** A change in the namespace with this id, −1 for the listener's own namespace. */
  onMessage: (nsid: number, event: NetlinkEvent) => void
  /** Messages were lost (ENOBUFS): dump everything again, throttled. */
  onLoss: (source: 'route' | 'netfilter', code: string) => void
  /** An id was given or taken back in the namespace `nsid`, as in `onMessage`: ids are each namespace's own. */
  onNsidEvent: (event: NsidEvent, nsid: number) => void
  /** The namespace to listen in, our own by default. Its ids are what `onMessage` speaks of. */
  netns?: Netns
  /** Listen to the socket's own namespace alone: all that goes without CAP_NET_BROADCAST. */
  ownNamespaceOnly?: boolean
  /** Bytes that may queue up per socket, 16 MiB by default. */
  receiveBuffer?: number
}
export type Events = { tally: () => DecodeTally; close: () => void }

const RECEIVE_BUFFER = 16 << 20
const NFTABLES_GROUPS = [NFNLGRP.NFTABLES]
const CONNTRACK_GROUPS = [NFNLGRP.CONNTRACK_NEW, NFNLGRP.CONNTRACK_UPDATE, NFNLGRP.CONNTRACK_DESTROY]

/**
 * Listens to the changes of every namespace that has an id (see `setNsid`) over one socket per netlink family, so that no
 * foreign namespace is pinned. The caller closes it. Throws NetlinkError. Same as "ip monitor all-nsid", "nft monitor" and
 * "conntrack -E".
 */
export function openEvents(handlers: EventHandlers): Events {
  const sockets: NetlinkSocket[] = []
  const close = () => {
    for (const socket of sockets) socket.close()
  }
  try {
    if (handlers.protocols.includes('route')) sockets.push(listenRoute(handlers))
    const groups = [
      ...(handlers.protocols.includes('nftables') ? NFTABLES_GROUPS : []),
      ...(handlers.protocols.includes('conntrack') ? CONNTRACK_GROUPS : []),
    ]
    if (groups.length > 0) sockets.push(listenNetfilter(handlers, groups))
  } catch (cause) {
    close()
    throw cause
  }
  return { tally: () => sum(sockets.map((socket) => socket.tally)), close }
}

function listenRoute(handlers: EventHandlers): NetlinkSocket {
  const socket = open(handlers, NETLINK.ROUTE, Object.values(RTNLGRP))
  socket.watch({
    onMessage: (reader: Reader, message: Message, nsid: number) => {
      const event = decodeRouteEvent(reader, message)
      if (event === undefined) return
      if (event.kind === 'nsid') handlers.onNsidEvent({ action: event.action, ...event.nsid }, nsid)
      else handlers.onMessage(nsid, event)
    },
    onLoss: (code) => handlers.onLoss('route', code),
  })
  return socket
}

function listenNetfilter(handlers: EventHandlers, groups: readonly number[]): NetlinkSocket {
  const socket = open(handlers, NETLINK.NETFILTER, groups)
  socket.watch({
    onMessage: (reader, message, nsid) => {
      const event = decodeNetfilterEvent(reader, message)
      if (event !== undefined) handlers.onMessage(nsid, event)
    },
    onLoss: (code) => handlers.onLoss('netfilter', code),
  })
  return socket
}

function open(handlers: EventHandlers, protocol: number, groups: readonly number[]): NetlinkSocket {
  const receiveBuffer = handlers.receiveBuffer ?? RECEIVE_BUFFER
  const listenAllNsid = !handlers.ownNamespaceOnly
  return openNetlink(handlers.netns ?? null, protocol, { receiveBuffer, groups, listenAllNsid })
}

function sum(tallies: readonly DecodeTally[]): DecodeTally {
  return tallies.reduce(
    (total, tally) => ({ truncated: total.truncated + tally.truncated, unknown: total.unknown + tally.unknown }),
    { truncated: 0, unknown: 0 },
  )
}
