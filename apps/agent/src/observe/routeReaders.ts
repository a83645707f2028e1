import type { Link, Neighbour, RecordKind, RecordOf } from '@hopscope/model'
import { type Link as KernelLink, type NetlinkSocket, netnsCookie, type RawDump } from '@hopscope/netlink'
import { readAddresses } from './addresses.ts'
import type { NetnsEntry, RecordSink } from './contract.ts'
import { readFdb } from './fdb.ts'
import { followEnds, type ReadLinks, readLinks } from './links.ts'
import { hasTable, type MemoryStore, seenLinks } from './memories.ts'
import { readNeighbours, readProxies } from './neighbours.ts'
import { peersToReread } from './peerChanges.ts'
import type { PeerFinder } from './peers.ts'
import { AT_ONCE, replacing, type Steps } from './puts.ts'
import { readPolicyRules, readRoutes } from './routes.ts'
import type { RouteTable } from './routeTableNames.ts'
import { readBridgeSwitches, readSysctl } from './sysctl.ts'

/** Reads, and gives what puts the records into the store; nothing when they are the ones before. */
type Reader = (at: { entry: NetnsEntry; socket: NetlinkSocket; fd: number }) => Steps | undefined
type Parts = {
  sink: RecordSink
  peers: PeerFinder
  memories: MemoryStore
  /** Goes to a namespace once more; undefined when that could not be. */
  again<T>(entry: NetnsEntry, act: (socket: NetlinkSocket) => T): T | undefined
  /** The links of a namespace have to be read again: they lead elsewhere since those of another one changed, or could not be followed. */
  reread(netns: string): void
}

/** What reads each table of a namespace. */
export function createRouteReaders({ sink, peers, memories, again, reread }: Parts): Record<RouteTable, Reader> {
  const hasBridge = (netns: string) => sink.list('link', netns).some((link) => link.info.kind === 'bridge')
  const known = (netns: string, proxy: boolean) => sink.list('neighbour', netns).filter((one) => one.proxy === proxy)
  function* putAll<K extends RecordKind>(kind: K, netns: string, dump: Generator<void, RecordOf<K>[]>): Steps {
    yield* replacing(sink, { kind, netns, records: yield* dump })
  }
  /** Of a table without a part that is kept by itself. */
  const put = <K extends RecordKind>(kind: K, netns: string, dump: RawDump<RecordOf<K>> | undefined) =>
    dump && putAll(kind, netns, dump.inSteps(AT_ONCE))
  function* putNeighbours(netns: string, dump: Generator<void, Neighbour[]>, proxy: boolean): Steps {
    const now = yield* dump
    const others = known(netns, !proxy)
    yield* replacing(sink, { kind: 'neighbour', netns, records: proxy ? [...others, ...now] : [...now, ...others] })
  }
  function* putLinks(netns: string, before: readonly Link[], now: ReadLinks): Steps {
    memories.of(netns).seen = seenLinks(now)
    yield* replacing(sink, { kind: 'link', netns, records: now.links })
    for (const other of peersToReread({ netns, before, now: now.links, sink })) reread(other)
  }
  function* putManyLinks(entry: NetnsEntry, before: readonly Link[], dump: Generator<void, KernelLink[]>): Steps {
    const links = yield* dump
    yield
    const now = again(entry, (socket) => followEnds(entry, socket, { peers, links }))
    if (now === undefined) {
      // What hinders us is met again, and stated, by reading them in the usual way.
      memories.forget(entry.id)
      return reread(entry.id)
    }
    yield
    yield* putLinks(entry.id, before, now)
  }
  return {
    links({ entry, socket }) {
      const before = sink.list('link', entry.id)
      const memory = memories.of(entry.id)
      memory.cookie = netnsCookie(socket.fd)
      const dump = readLinks(entry, socket, { peers, memory: memory.links, before })
      if (dump === undefined) return undefined
      if (dump.isLongerThan(AT_ONCE)) return putManyLinks(entry, before, dump.inSteps(AT_ONCE))
      return putLinks(entry.id, before, followEnds(entry, socket, { peers, links: dump.records() }))
    },
    addresses: ({ entry: { id }, socket }) => put('address', id, readAddresses(id, socket, memories.of(id).addresses)),
    routes: ({ entry: { id }, socket }) => put('route', id, readRoutes(id, socket, memories.of(id).routes)),
    rules: ({ entry: { id }, socket }) => put('policyRule', id, readPolicyRules(id, socket, memories.of(id).rules)),
    neighbours({ entry: { id }, socket }) {
      const dump = readNeighbours(id, socket, memories.of(id).neighbours)
      return dump && putNeighbours(id, dump.inSteps(AT_ONCE), false)
    },
    proxies({ entry: { id }, socket }) {
      const dump = readProxies(id, socket, memories.of(id).proxies)
      return dump && putNeighbours(id, dump.inSteps(AT_ONCE), true)
    },
    fdb({ entry: { id }, socket }) {
      const memory = memories.of(id)
      const wanted = memory.seen?.hasTable ?? sink.list('link', id).some(hasTable)
      if (wanted) return put('fdb', id, readFdb(id, socket, memory.fdb))
      memory.fdb = {}
      return replacing(sink, { kind: 'fdb', netns: id, records: [] })
    },
    sysctl({ entry, socket, fd }) {
      // Where nothing is bridged, the switches for bridged frames mean nothing.
      const bridged = entry.root || hasBridge(entry.id)
      const now = { ...readSysctl(entry, socket), ...(bridged && readBridgeSwitches(entry.root ? null : fd)) }
      return replacing(sink, { kind: 'sysctl', netns: entry.id, records: [now] })
    },
  }
}
