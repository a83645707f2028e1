import { type Link, sysctlId } from '@hopscope/model'
import { DumpInterruptedError, NETLINK, type NetlinkSocket, type RouteEvent, withNetlink } from '@hopscope/netlink'
import { readAddresses } from './addresses.ts'
import type { NetnsEntry, ObserverContext } from './contract.ts'
import { createDirty } from './dirty.ts'
import { readFdb } from './fdb.ts'
import { readLinks } from './links.ts'
import { inNetns, type Namespaces, type NetnsChange } from './namespaces.ts'
import { readNeighbours } from './neighbours.ts'
import { startPatrol } from './patrol.ts'
import { peersToReread } from './peerChanges.ts'
import { createPeerFinder } from './peers.ts'
import { readPolicyRules, readRoutes } from './routes.ts'
import { ROUTE_TABLES, type RouteTable } from './routeTableNames.ts'
import { createSourceState } from './sourceState.ts'
import { createSweep } from './sweep.ts'
import { readBridgeSwitches, readSysctl } from './sysctl.ts'

type Reader = (at: { entry: NetnsEntry; socket: NetlinkSocket; fd: number }) => void

export type RouteTables = {
  start(): void
  onEvent(netns: string, event: RouteEvent): void
  /** In namespace `netns`, id `nsid` was given or taken back. */
  onNsid(netns: string, nsid: number, action: 'new' | 'del'): void
  onNamespaces(change: NetnsChange): void
  /** Messages were lost: reads everything again. */
  onLoss(): void
  refresh(netns?: string): void
  /** Reads what changes without telling anybody. */
  poll(): void
  pending(): boolean
  flush(): void
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
  rule: ['routes'],
  nexthop: ['routes'],
  neighbour: ['neighbours'],
  fdb: ['fdb'],
  netconf: ['sysctl'],
}

/** A neighbour goes from STALE to DELAY, and a proxied address comes and goes, without an event. */
const NEIGHBOURS = { round: 4_000, perSecond: 16 }
/** Of a link that is down, the kernel announces no alias, group, alternative name, nor anything that its kind adds. */
const DOWN_EVERY = 2_000
/** Nor do the bridge-nf-call switches tell when they are thrown. */
const BRIDGE_SWITCHES_EVERY = 5_000

/** Keeps links, addresses, routes, policy rules, neighbours, CAM tables and switches of all namespaces. */
export function createRouteTables(context: ObserverContext, namespaces: Namespaces): RouteTables {
  const { sink, scheduler } = context
  const peers = createPeerFinder(namespaces)
  const sources = createSourceState(context, ROUTE_TABLES)
  const stop: (() => void)[] = []
  const events = new Map<string, number>()
  let reads = 0
  let heard = 0
  const dirty = createDirty<RouteTable>(scheduler, (batch) => {
    for (const [netns, tables] of batch) read(netns, tables)
  })

  const hasBridge = (netns: string) => sink.list('link', netns).some((link) => link.info.kind === 'bridge')
  const readers: Record<RouteTable, Reader> = {
    links({ entry, socket }) {
      const before = sink.list('link', entry.id)
      const now = readLinks(entry, socket, peers)
      sink.replace('link', entry.id, now)
      for (const netns of peersToReread({ netns: entry.id, before, now, sink })) dirty.mark(netns, 'links')
    },
    addresses: ({ entry, socket }) => sink.replace('address', entry.id, readAddresses(entry, socket)),
    routes({ entry, socket }) {
      sink.replace('route', entry.id, readRoutes(entry, socket))
      sink.replace('policyRule', entry.id, readPolicyRules(entry, socket))
    },
    neighbours: ({ entry, socket }) => sink.replace('neighbour', entry.id, readNeighbours(entry, socket)),
    fdb: ({ entry, socket }) => sink.replace('fdb', entry.id, readFdb(entry, socket)),
    sysctl({ entry, socket, fd }) {
      // Where nothing is bridged, the switches for bridged frames mean nothing.
      const bridged = entry.root || hasBridge(entry.id)
      sink.replace('sysctl', entry.id, [
        { ...readSysctl(entry, socket), ...(bridged && readBridgeSwitches(entry.root ? null : fd)) },
      ])
    },
  }

  function read(netns: string, tables: ReadonlySet<RouteTable>) {
    const entry = namespaces.get(netns)
    if (entry === undefined) return
    reads++
    const outcome = sources.guard(netns, 'links', () =>
      inNetns(entry, (fd) =>
        withNetlink(entry.root ? null : fd, NETLINK.ROUTE, (socket) => {
          for (const table of ROUTE_TABLES) {
            if (!tables.has(table)) continue
            sources.guard(
              netns,
              table,
              () => readers[table]({ entry, socket, fd }),
              (error) => {
                // It changes faster than it can be read: once more, a little later.
                if (error instanceof DumpInterruptedError) dirty.mark(netns, table)
              },
            )
          }
        }),
      ),
    )
    if (outcome === 'gone') namespaces.rescan()
  }

  const markAll = () => {
    for (const { id } of namespaces.all()) dirty.mark(id, ...ROUTE_TABLES)
  }
  const sweep = createSweep({ context, namespaces, dirty, read, events: (netns) => events.get(netns) ?? 0 })
  const readBridges = (entry: NetnsEntry) => {
    const known = sink.get('sysctl', sysctlId(entry.id))
    if (known === undefined || !hasBridge(entry.id)) return
    // Only these: the switches of hundreds of links tell when they are thrown.
    sources.guard(entry.id, 'sysctl', () =>
      inNetns(entry, (fd) => sink.put('sysctl', { ...known, ...readBridgeSwitches(entry.root ? null : fd) })),
    )
  }
  const pollBridges = () => {
    for (const entry of namespaces.all()) readBridges(entry)
  }
  const pollDown = (what: (link: Link) => boolean) => {
    for (const { id } of namespaces.all()) {
      if (sink.list('link', id).some((link) => isDown(link) && what(link))) dirty.mark(id, 'links')
    }
  }

  return {
    start() {
      stop.push(
        startPatrol({
          scheduler,
          list: namespaces.all,
          visit: ({ id }) => read(id, NEIGHBOURS_ONLY),
          ...NEIGHBOURS,
        }),
      )
      stop.push(scheduler.every(BRIDGE_SWITCHES_EVERY, pollBridges))
      // Every fresh namespace has a lo that is down and stays as it is: the sweep looks at those.
      stop.push(scheduler.every(DOWN_EVERY, () => pollDown((link) => link.type !== 'loopback')))
      stop.push(sweep.start())
      markAll()
      dirty.flush()
      // What the first reading taught about peers.
      dirty.flush()
      sources.report()
    },
    onEvent(netns, event) {
      heard++
      if (event.kind === 'nsid') return
      events.set(netns, (events.get(netns) ?? 0) + 1)
      dirty.mark(netns, ...AFFECTED[event.kind])
      if (event.kind === 'link' && event.action === 'del') namespaces.rescan()
    },
    onNsid(netns, nsid, action) {
      if (action === 'del') peers.idGone(netns, nsid)
      if (namespaces.get(netns)) dirty.mark(netns, 'links')
    },
    onNamespaces({ added, removed }) {
      for (const netns of removed) {
        peers.netnsGone(netns)
        dirty.forget(netns)
        events.delete(netns)
        sources.forget(netns)
      }
      for (const { id } of added) dirty.mark(id, ...ROUTE_TABLES)
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
    poll() {
      pollBridges()
      pollDown(() => true)
      for (const { id } of namespaces.all()) dirty.mark(id, 'neighbours')
    },
    pending: dirty.pending,
    flush: dirty.flush,
    stats: () => ({ repairs: sweep.repairs(), reads, heard }),
    close() {
      for (const act of stop.splice(0)) act()
      dirty.close()
    },
  }
}

const isDown = (link: Link): boolean => !link.flags.includes('UP')
const NEIGHBOURS_ONLY: ReadonlySet<RouteTable> = new Set(['neighbours'])
