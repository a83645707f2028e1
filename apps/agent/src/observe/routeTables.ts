import { type Link, linkId, sysctlId } from '@hopscope/model'
import { DumpInterruptedError, NETLINK, type NetlinkSocket, type RouteEvent, withNetlink } from '@hopscope/netlink'
import type { NetnsEntry, ObserverContext } from './contract.ts'
import { createDirty } from './dirty.ts'
import { createDoubts } from './doubts.ts'
import { createGlances } from './glances.ts'
import { readLost } from './links.ts'
import { createMemories } from './memories.ts'
import { inNetns, type Namespaces, type NetnsChange } from './namespaces.ts'
import { startPatrol } from './patrol.ts'
import { createPeerFinder } from './peers.ts'
import { createPuts, goOn } from './puts.ts'
import { createRightOfWay } from './rightOfWay.ts'
import { createRouteReaders } from './routeReaders.ts'
import {
  OTHER_TABLES,
  ROUTE_SOURCES,
  ROUTE_TABLES,
  type RouteSource,
  type RouteTable,
  SOURCE_OF,
} from './routeTableNames.ts'
import { createSourceState, type Failure, failureOf } from './sourceState.ts'
import { createSweep } from './sweep.ts'
import { readBridgeSwitches } from './sysctl.ts'
import type { Visits } from './visits.ts'

export type RouteTables = {
  /** Reads everything once, a few namespaces in each turn of the event loop. */
  start(): Promise<void>
  onEvent(netns: string, event: RouteEvent): void
  /** In namespace `netns`, id `nsid` was given or taken back. */
  onNsid(netns: string, nsid: number, action: 'new' | 'del'): void
  onNamespaces(change: NetnsChange): void
  /** Messages were lost: reads everything again. */
  onLoss(): void
  refresh(netns?: string): void
  /** As after a loss, but at once, and the main tables before the call returns. */
  reread(): void
  /** Decodes everything that is read next, also what says the same as before. */
  forget(): void
  /** Reads what changes without telling anybody. */
  poll(): void
  pending(): boolean
  /** Reads soon, without a rest, what has to be read. */
  drain(): Promise<void>
  stats(): { repairs: number; reads: number; heard: number }
  close(): void
}

/**
 * What has to be read again after an event. Reading a table is always right, whatever the event meant, and costs a tenth of
 * a millisecond for a container's namespace. Some changes tell of themselves only by another one: IPv4 routes vanish without
 * a word when a link goes down or loses an address, and everything of a link goes with it.
 */
const AFFECTED: Record<Exclude<RouteEvent['kind'], 'nsid'>, readonly RouteTable[]> = {
  link: ROUTE_TABLES,
  bridgePort: ['links', 'fdb'],
  address: ['addresses', 'routes'],
  route: ['routes'],
  rule: ['rules', 'routes'],
  nexthop: ['routes'],
  neighbour: ['neighbours'],
  fdb: ['fdb'],
  netconf: ['sysctl'],
}

/**
 * Of a link that is down, the kernel announces no alias, group, alternative name, nor anything that its kind adds. Hundreds
 * of namespaces with such a link are looked at more rarely.
 */
const DOWN_ROUND = { round: 2_000, perSecond: 16 }
/** Nor do the bridge-nf-call switches tell when they are thrown. */
const BRIDGE_SWITCHES_EVERY = 5_000

/** Keeps links, addresses, routes, policy rules, neighbours, CAM tables and switches of all namespaces. */
export function createRouteTables(context: ObserverContext, namespaces: Namespaces, visits: Visits): RouteTables {
  const { sink, scheduler } = context
  const peers = createPeerFinder(namespaces)
  const sources = createSourceState(context, ROUTE_SOURCES)
  const stop: (() => void)[] = []
  const memories = createMemories()
  const puts = createPuts<RouteTable>()
  const glances = createGlances({
    memories,
    peers,
    readLost: (netns) => readLostEnds(netns),
    changed: (netns, tables) => dirty.mark(netns, ...tables),
  })
  const doubts = createDoubts(scheduler, glances.look)
  const events = new Map<string, number>()
  let started = false
  let reads = 0
  let heard = 0
  const dirty = createRightOfWay<RouteTable>(scheduler, read)
  /** What can wait until the main tables of all namespaces are read. */
  const less = createDirty<RouteTable>(scheduler, read)

  const readers = createRouteReaders({ sink, peers, memories, again, reread: (netns) => dirty.mark(netns, 'links') })

  /** Goes to a namespace and looks there; undefined where we may not go, and of one that ended. */
  function again<T>(entry: NetnsEntry, act: (socket: NetlinkSocket) => T): T | undefined {
    let result: T | undefined
    const hindered = visit(() =>
      inNetns(entry, (fd) =>
        withNetlink(entry.root ? null : fd, NETLINK.ROUTE, (socket) => {
          result = act(socket)
        }),
      ),
    )
    return hindered ? undefined : result
  }

  function read(netns: string, tables: ReadonlySet<RouteTable>, isOver = () => false): ReadonlySet<RouteTable> {
    const left = new Set(tables)
    const entry = namespaces.get(netns)
    if (entry === undefined) return new Set()
    const settled = puts.settle(netns, tables, isOver)
    if (settled?.done === false) return tables
    if (settled?.table) left.delete(settled.table)
    if (settled && isOver()) return left
    reads++
    const visited = visit(() =>
      inNetns(entry, (fd) =>
        withNetlink(entry.root ? null : fd, NETLINK.ROUTE, (socket) => {
          const failed = new Set<RouteSource>()
          for (const table of ROUTE_TABLES) {
            if (!left.has(table)) continue
            // A host of hundreds of links: each of its tables takes a good part of a turn.
            if (left.size < tables.size && isOver()) return
            left.delete(table)
            // What leads to a namespace that was not looked at yet would be asked about at length.
            if (table === 'links' && namespaces.catchingUp()) {
              dirty.mark(netns, table)
              continue
            }
            if (failed.has(SOURCE_OF[table])) continue
            const put = sources.guard(
              netns,
              SOURCE_OF[table],
              () => readers[table]({ entry, socket, fd }),
              (error) => {
                failed.add(SOURCE_OF[table])
                memories.forget(netns)
                // It changes faster than it can be read: once more, a little later.
                if (error instanceof DumpInterruptedError) dirty.mark(netns, table)
              },
            )
            if (put !== undefined && (isOver() || !goOn(put, isOver))) {
              left.add(table)
              puts.defer(netns, { table, left, put })
              return
            }
          }
        }),
      ),
    )
    if (visited === 'gone') namespaces.rescan()
    // Where we may not go, none of them can be read.
    else if (visited) for (const table of tables) sources.note(netns, SOURCE_OF[table], visited)
    return visited ? new Set() : left
  }

  /** The other end of a link that leads to nobody known may change without a difference on this side. */
  const readLostEnds = (netns: string) => {
    const entry = namespaces.get(netns)
    const memory = memories.of(netns)
    const { seen } = memory
    if (entry === undefined || seen === undefined) return
    const { lost } = seen
    const recordOf = ({ index }: { index: number }) => sink.get('link', linkId(netns, index))
    const now = again(entry, (socket) => readLost(entry, socket, { peers, lost, recordOf }))
    // Whatever hinders us is met again, and stated, by reading the links in the usual way.
    if (now === undefined) return dirty.mark(netns, 'links')
    for (const link of now.links) sink.put('link', link)
    memory.seen = { ...seen, ghosts: now.ghosts }
  }

  const rootLast = (): NetnsEntry[] => namespaces.all().toSorted((a, b) => Number(a.root) - Number(b.root))
  const markAll = () => {
    // The ids in the root namespace hold when those that they stand for were found to be the ones before.
    const all = rootLast()
    glances.forget()
    doubts.add(all)
    for (const { id } of all) less.mark(id, ...OTHER_TABLES)
  }
  const drain = async () => {
    await doubts.drain()
    await dirty.drain()
    await less.drain()
  }
  const readAnew = (netns: string, tables: ReadonlySet<RouteTable>, isOver: () => boolean) => {
    memories.forget(netns)
    return read(netns, tables, isOver)
  }
  const sweep = createSweep({ context, namespaces, dirty, read: readAnew, events: (netns) => events.get(netns) ?? 0 })
  const readBridges = (entry: NetnsEntry) => {
    const known = sink.get('sysctl', sysctlId(entry.id))
    if (known === undefined) return
    // Only these: the switches of hundreds of links tell when they are thrown.
    sources.guard(entry.id, 'sysctl', () =>
      inNetns(entry, (fd) => sink.put('sysctl', { ...known, ...readBridgeSwitches(entry.root ? null : fd) })),
    )
  }
  const pollBridges = () => {
    const bridged = new Set(sink.list('link').flatMap(({ netns, info }) => (info.kind === 'bridge' ? [netns] : [])))
    for (const netns of bridged) {
      const entry = namespaces.get(netns)
      if (entry) readBridges(entry)
    }
  }
  /** Namespaces with links that are down; without `lo` if asked for: every fresh one has it, and the sweep looks at those. */
  const withDown = (lo: boolean): Set<string> =>
    new Set(sink.list('link').flatMap((link) => (isDown(link) && (lo || link.type !== 'loopback') ? [link.netns] : [])))

  return {
    async start() {
      started = true
      // A neighbour goes from STALE to DELAY, and a proxied address comes and goes, without an event.
      const checkNeighbours = (entry: NetnsEntry) => {
        if (!glances.neighboursHold(entry)) read(entry.id, NEIGHBOURS_ONLY)
      }
      stop.push(visits.add({ wants: () => true, visit: checkNeighbours }))
      stop.push(scheduler.every(BRIDGE_SWITCHES_EVERY, pollBridges))
      const list = () => [...withDown(false)].flatMap((netns) => namespaces.get(netns) ?? [])
      stop.push(startPatrol({ scheduler, list, visit: ({ id }) => read(id, LINKS_ONLY), ...DOWN_ROUND }))
      stop.push(sweep.start())
      // The root namespace has the most by far: what reads it has run often by then, and is faster.
      for (const { id } of rootLast()) dirty.mark(id, ...ROUTE_TABLES)
      // Once more for what the first reading taught about peers.
      for (let round = 0; round < 2; round++) await dirty.drain()
      sources.report()
    },
    onEvent(netns, event) {
      heard++
      if (event.kind === 'nsid') return
      events.set(netns, (events.get(netns) ?? 0) + 1)
      // At the start everything is read.
      if (!started) return
      dirty.hear(netns, ...AFFECTED[event.kind])
      if (event.kind === 'link' && event.action === 'del') namespaces.rescan()
    },
    onNsid(netns, nsid, action) {
      if (action === 'del') peers.idGone(netns, nsid)
      if (started && namespaces.get(netns)) dirty.mark(netns, 'links')
    },
    onNamespaces({ added, removed }) {
      if (added.length === 0 && removed.length === 0) return
      for (const netns of removed) puts.forget(netns)
      puts.settleAll()
      for (const netns of removed) {
        peers.netnsGone(netns)
        doubts.forget(netns)
        dirty.forget(netns)
        less.forget(netns)
        events.delete(netns)
        sources.forget(netns)
        memories.forget(netns)
      }
      if (!started) return
      for (const { id } of added) dirty.hear(id, ...ROUTE_TABLES)
      for (const link of sink.list('link')) {
        const lost = typeof link.linkNetns === 'string' && removed.includes(link.linkNetns)
        if (lost || (link.linkNetns === null && added.length > 0)) dirty.mark(link.netns, 'links')
      }
    },
    onLoss() {
      peers.clear()
      markAll()
    },
    refresh(netns) {
      if (netns === undefined) markAll()
      else dirty.mark(netns, ...ROUTE_TABLES)
    },
    reread() {
      peers.clear()
      markAll()
      doubts.flush()
      dirty.flush()
    },
    forget: memories.clear,
    poll() {
      pollBridges()
      for (const netns of withDown(true)) dirty.mark(netns, 'links')
      for (const { id } of namespaces.all()) dirty.mark(id, 'neighbours', 'proxies')
    },
    pending: () => doubts.pending() || dirty.pending() || less.pending(),
    drain,
    stats: () => ({ repairs: sweep.repairs(), reads, heard }),
    close() {
      for (const act of stop.splice(0)) act()
      doubts.close()
      dirty.close()
      less.close()
    },
  }
}

const isDown = (link: Link): boolean => !link.flags.includes('UP')
const LINKS_ONLY: ReadonlySet<RouteTable> = new Set(['links'])
const NEIGHBOURS_ONLY: ReadonlySet<RouteTable> = new Set(['neighbours', 'proxies'])

/** Goes to a namespace and reads there; gives the kernel's refusal, if it does not let us. */
function visit(go: () => unknown): 'gone' | Failure | undefined {
  try {
    return go() === 'gone' ? 'gone' : undefined
  } catch (error) {
    return failureOf(error)
  }
}
