import { type Link, type Socket, socketId } from '@hopscope/model'
import { dumpListeningSockets, type ListeningSocket, NETLINK, withNetlink } from '@hopscope/netlink'
import type { NetnsEntry, ObserverContext } from './contract.ts'
import { createDirty } from './dirty.ts'
import { inNetns, type Namespaces, type NetnsChange } from './namespaces.ts'
import { findSocketOwners } from './socketOwners.ts'
import { createSourceState } from './sourceState.ts'

export type SocketsObserver = {
  start(): void
  onNamespaces(change: NetnsChange): void
  refresh(netns?: string): void
  poll(): void
  pending(): boolean
  flush(): void
  close(): void
}

/** Sockets that open and close tell nobody without CAP_NET_ADMIN in their namespace: they are compared now and then. */
const EVERY = 5_000
/** In all but the root namespace, where most of them are, less often. */
const OTHERS_EVERY = 3

/** Keeps the sockets that wait for traffic in every namespace, each with its process. */
export function createSockets(context: ObserverContext, namespaces: Namespaces): SocketsObserver {
  const { sink, scheduler } = context
  const sources = createSourceState(context, ['sockets'])
  let stop: (() => void) | undefined
  let rounds = 0
  const dirty = createDirty<'sockets'>(scheduler, (batch) => {
    const found = [...batch.keys()].flatMap((netns) => read(netns) ?? [])
    findOwners(found)
  })

  function read(netns: string): string | undefined {
    const entry = namespaces.get(netns)
    if (entry === undefined) return undefined
    const answer = sources.guard(netns, 'sockets', () => dump(entry))
    if (answer === 'gone') {
      namespaces.rescan()
      return undefined
    }
    if (answer === undefined) return undefined
    const links = new Map(sink.list('link', netns).map((link) => [link.index, link]))
    const records = answer.sockets.flatMap((socket) => recordOf(netns, socket, links) ?? [])
    const known = records.map((record) => ({ ...record, process: sink.get('socket', record.id)?.process }))
    sink.replace('socket', netns, known)
    return netns
  }

  /** Looks through the descriptors of processes only for sockets whose process is not known. */
  function findOwners(netnses: readonly string[]) {
    const orphans = netnses.flatMap((netns) => sink.list('socket', netns).filter((socket) => !socket.process))
    if (orphans.length === 0) return
    const owners = findSocketOwners(new Set(orphans.map((socket) => socket.inode)))
    for (const socket of orphans) {
      const process = owners.get(socket.inode)
      if (process) sink.put('socket', { ...socket, process })
    }
  }

  const refresh = (netns?: string) => {
    for (const { id } of namespaces.all()) if (netns === undefined || netns === id) dirty.mark(id, 'sockets')
  }
  return {
    start() {
      sources.report()
      refresh()
      dirty.flush()
      stop = scheduler.every(EVERY, () =>
        refresh(++rounds % OTHERS_EVERY === 0 ? undefined : context.vantage.rootNetns),
      )
    },
    onNamespaces({ added, removed }) {
      for (const netns of removed) {
        dirty.forget(netns)
        sources.forget(netns)
      }
      for (const { id } of added) dirty.mark(id, 'sockets')
    },
    refresh,
    poll: () => refresh(),
    pending: dirty.pending,
    flush: dirty.flush,
    close() {
      stop?.()
      dirty.close()
    },
  }
}

const dump = (entry: NetnsEntry) =>
  inNetns(entry, (fd) => withNetlink(entry.root ? null : fd, NETLINK.SOCK_DIAG, dumpListeningSockets))

function recordOf(netns: string, socket: ListeningSocket, links: ReadonlyMap<number, Link>): Socket | undefined {
  const { protocol, inode, ifindex } = socket
  // UDP-Lite is not shown; inode 0 belongs to a socket that its process closed already.
  if (protocol === 'udplite' || inode === 0) return undefined
  return {
    id: socketId(netns, inode),
    netns,
    inode,
    family: socket.family,
    protocol,
    address: socket.address,
    port: socket.port,
    v6Only: socket.v6only,
    device: ifindex === undefined ? undefined : (links.get(ifindex)?.name ?? String(ifindex)),
    uid: socket.uid,
  }
}
