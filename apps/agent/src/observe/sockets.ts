import { type Link, type Socket, socketId } from '@hopscope/model'
import {
  dumpListeningSockets,
  type ListeningSocket,
  NETLINK,
  type SocketProtocol,
  withNetlink,
} from '@hopscope/netlink'
import { nextTurn } from '../nextTurn.ts'
import type { NetnsEntry, ObserverContext } from './contract.ts'
import { createDirty } from './dirty.ts'
import { inNetns, type Namespaces, type NetnsChange } from './namespaces.ts'
import { startPatrol } from './patrol.ts'
import { readSocketCounts, type SocketCounts } from './socketCounts.ts'
import { findSocketOwners } from './socketOwners.ts'
import { createSourceState, failureOf } from './sourceState.ts'
import type { Visits } from './visits.ts'

export type SocketsObserver = {
  start(): void
  onNamespaces(change: NetnsChange): void
  refresh(netns?: string): void
  poll(): void
  pending(): boolean
  /** Reads soon, without a rest, what has to be read. */
  drain(): Promise<void>
  close(): void
}

/** A socket that takes another one's place within a process changes no count. */
const SURE_FOR = 12_000
/** Where there are no processes, a socket can only belong to somebody who moved on. */
const EVERYWHERE = { round: 60_000, perSecond: 4 }
/** How often a socket's process is looked for within them. */
const TRIES = 2
const TUNNELS: ReadonlySet<string> = new Set(['vxlan', 'wireguard', 'other'])
/** Not shown. */
const UDP_LITE = 'udplite' as const

/** Keeps the sockets that wait for traffic in every namespace, each with its process. */
export function createSockets(context: ObserverContext, namespaces: Namespaces, visits: Visits): SocketsObserver {
  const { sink, scheduler } = context
  const sources = createSourceState(context, ['sockets'])
  const stop: (() => void)[] = []
  /** How often the process of a socket was looked for in vain. */
  const sought = new Map<string, number>()
  /** What this kernel cannot list; looked for again with every round through all namespaces. */
  let lacking = new Set<SocketProtocol>([UDP_LITE])
  const dirty = createDirty<'sockets'>(scheduler, (netns) => {
    findOwner(read(netns))
  })
  /** Everything is read at the start: what is found before need not be marked. */
  let started = false
  const ownerless = new Set<string>()
  let seeking = false

  function read(netns: string): string | undefined {
    const entry = namespaces.get(netns)
    if (entry === undefined) return undefined
    const answer = sources.guard(netns, 'sockets', () => dump(entry, lacking))
    if (answer === 'gone') {
      namespaces.rescan()
      return undefined
    }
    if (answer === undefined) return undefined
    for (const protocol of answer.unavailable) lacking.add(protocol)
    const links = new Map(sink.list('link', netns).map((link) => [link.index, link]))
    const records = answer.sockets.flatMap((socket) => recordOf(netns, socket, links) ?? [])
    const known = records.map((record) => ({ ...record, process: sink.get('socket', record.id)?.process }))
    sink.replace('socket', netns, known)
    return netns
  }

  /** Looks through the descriptors of processes only for sockets whose process is not known. */
  function findOwner(netns: string | undefined) {
    if (netns === undefined) return
    ownerless.add(netns)
    if (!seeking) void context.busy(seek)
  }

  async function seek(): Promise<void> {
    seeking = true
    // Once for all namespaces that are read in this turn.
    await nextTurn()
    while (ownerless.size > 0) {
      const all = [...ownerless].flatMap((netns) => sink.list('socket', netns).filter((socket) => !socket.process))
      ownerless.clear()
      // A socket of the kernel's own (a tunnel's) has no process, however often we look through all of them.
      const orphans = all.filter(({ id }) => (sought.get(id) ?? 0) < TRIES)
      if (orphans.length === 0) continue
      const owners = await findSocketOwners(new Set(orphans.map((socket) => socket.inode)))
      for (const { id, inode } of orphans) {
        sought.set(id, (sought.get(id) ?? 0) + 1)
        const process = owners.get(inode)
        const socket = sink.get('socket', id)
        if (process && socket) sink.put('socket', { ...socket, process })
      }
    }
    seeking = false
  }

  /** What was counted when a namespace's sockets were last read, and who was there. */
  const looked = new Map<string, { counts: SocketCounts; at: number; netns: unknown }>()
  /** Sockets open and close without a word, but most namespaces have none, or the same ones for days. */
  const isQuiet = (entry: NetnsEntry): boolean => {
    const before = looked.get(entry.id)
    const at = performance.now()
    const isRecent = before !== undefined && at - before.at < SURE_FOR
    const now = countsIn(entry, isRecent ? before.counts : undefined)
    if (now === undefined) return false
    // The store keeps an equal record's identity: another one means other processes.
    const netns = sink.get('netns', entry.id)
    const isSame = before?.counts.text === now.text && before.netns === netns
    if (isSame && isRecent) return true
    looked.set(entry.id, { counts: now, at, netns })
    return isSame && now.none
  }
  const isLikely = ({ id, root }: NetnsEntry) =>
    root || hasProcesses(id) || hasTunnel(id) || sink.list('socket', id).length > 0
  /** The kernel itself listens for those. */
  const hasTunnel = (netns: string) => sink.list('link', netns).some(({ info }) => TUNNELS.has(info.kind))
  const visit = (entry: NetnsEntry) => {
    if (!isQuiet(entry)) findOwner(read(entry.id))
  }
  const forgetVainAttempts = () => {
    lacking = new Set([UDP_LITE])
    sought.clear()
  }
  const hasProcesses = (netns: string) => (sink.get('netns', netns)?.processCount ?? 0) > 0
  const refresh = (netns?: string) => {
    for (const { id } of namespaces.all()) if (netns === undefined || netns === id) dirty.mark(id, 'sockets')
  }
  return {
    start() {
      started = true
      sources.report()
      refresh()
      stop.push(visits.add({ wants: isLikely, visit }))
      stop.push(startPatrol({ scheduler, list: namespaces.all, visit, ...EVERYWHERE }))
      stop.push(scheduler.every(EVERYWHERE.round, forgetVainAttempts))
    },
    onNamespaces({ added, removed, changed = [] }) {
      for (const netns of removed) {
        dirty.forget(netns)
        looked.delete(netns)
        sources.forget(netns)
      }
      if (started) for (const { id } of added) dirty.mark(id, 'sockets')
      // Who has just come may listen, and who is gone does not any more.
      for (const id of changed) dirty.mark(id, 'sockets')
    },
    refresh,
    poll: () => refresh(),
    pending: () => dirty.pending() || seeking,
    drain: dirty.drain,
    close() {
      for (const act of stop.splice(0)) act()
      dirty.close()
    },
  }
}

const dump = (entry: NetnsEntry, lacking: ReadonlySet<SocketProtocol>) =>
  inNetns(entry, (fd) =>
    withNetlink(entry.root ? null : fd, NETLINK.SOCK_DIAG, (socket) => dumpListeningSockets(socket, lacking)),
  )

/** Undefined where it cannot be known; what is refused is stated by the reading that follows. */
function countsIn(entry: NetnsEntry, before: SocketCounts | undefined): SocketCounts | undefined {
  try {
    const counts = inNetns(entry, (fd) => readSocketCounts(entry.root ? null : fd, before))
    return counts === 'gone' ? undefined : counts
  } catch (error) {
    failureOf(error)
    return undefined
  }
}

function recordOf(netns: string, socket: ListeningSocket, links: ReadonlyMap<number, Link>): Socket | undefined {
  const { protocol, inode, ifindex } = socket
  // Inode 0 belongs to a socket that its process closed already.
  if (protocol === UDP_LITE || inode === 0) return undefined
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
