import type { Link, Neighbour } from '@hopscope/model'
import { type NetlinkSocket, netnsCookie } from '@hopscope/netlink'
import { readAddresses } from './addresses.ts'
import type { NetnsEntry, RecordSink } from './contract.ts'
import { readFdb } from './fdb.ts'
import { readLinks } from './links.ts'
import { hasTable, type MemoryStore, seenLinks } from './memories.ts'
import { readNeighbours, readProxies } from './neighbours.ts'
import { peersToReread } from './peerChanges.ts'
import type { PeerFinder } from './peers.ts'
import { replacing, type Steps } from './puts.ts'
import { readPolicyRules, readRoutes } from './routes.ts'
import type { RouteTable } from './routeTableNames.ts'
import { readBridgeSwitches, readSysctl } from './sysctl.ts'

/** Reads, and gives what puts the records into the store; nothing when they are the ones before. */
type Reader = (at: { entry: NetnsEntry; socket: NetlinkSocket; fd: number }) => Steps | undefined
type Parts = {
  sink: RecordSink
  peers: PeerFinder
  memories: MemoryStore
  /** The links of a namespace lead elsewhere since those of another one changed. */
  reread(netns: string): void
}

/** What reads each table of a namespace. */
export function createRouteReaders({ sink, peers, memories, reread }: Parts): Record<RouteTable, Reader> {
  const hasBridge = (netns: string) => sink.list('link', netns).some((link) => link.info.kind === 'bridge')
  const known = (netns: string, proxy: boolean) => sink.list('neighbour', netns).filter((one) => one.proxy === proxy)
  function* putLinks(netns: string, before: readonly Link[], now: Link[]): Steps {
    yield* replacing(sink, { kind: 'link', netns, records: now })
    for (const other of peersToReread({ netns, before, now, sink })) reread(other)
  }
  function* putNeighbours(netns: string, records: () => Neighbour[]): Steps {
    yield* replacing(sink, { kind: 'neighbour', netns, records: records() })
  }
  return {
    links({ entry, socket }) {
      const before = sink.list('link', entry.id)
      const memory = memories.of(entry.id)
      memory.cookie = netnsCookie(socket.fd)
      const now = readLinks(entry, socket, { peers, memory: memory.links, before })
      if (now === undefined) return undefined
      memory.seen = seenLinks(now)
      return putLinks(entry.id, before, now.links)
    },
    addresses({ entry, socket }) {
      const now = readAddresses(entry.id, socket, memories.of(entry.id).addresses)
      return now && replacing(sink, { kind: 'address', netns: entry.id, records: now })
    },
    routes({ entry, socket }) {
      const now = readRoutes(entry.id, socket, memories.of(entry.id).routes)
      return now && replacing(sink, { kind: 'route', netns: entry.id, records: now })
    },
    rules({ entry, socket }) {
      const now = readPolicyRules(entry.id, socket, memories.of(entry.id).rules)
      return now && replacing(sink, { kind: 'policyRule', netns: entry.id, records: now })
    },
    neighbours({ entry, socket }) {
      const now = readNeighbours(entry.id, socket, memories.of(entry.id).neighbours)
      return now && putNeighbours(entry.id, () => [...now, ...known(entry.id, true)])
    },
    proxies({ entry, socket }) {
      const now = readProxies(entry.id, socket, memories.of(entry.id).proxies)
      return now && putNeighbours(entry.id, () => [...known(entry.id, false), ...now])
    },
    fdb({ entry, socket }) {
      const memory = memories.of(entry.id)
      const wanted = memory.seen?.hasTable ?? sink.list('link', entry.id).some(hasTable)
      if (!wanted) {
        memory.fdb = {}
        return replacing(sink, { kind: 'fdb', netns: entry.id, records: [] })
      }
      const now = readFdb(entry.id, socket, memory.fdb)
      return now && replacing(sink, { kind: 'fdb', netns: entry.id, records: now })
    },
    sysctl({ entry, socket, fd }) {
      // Where nothing is bridged, the switches for bridged frames mean nothing.
      const bridged = entry.root || hasBridge(entry.id)
      const now = { ...readSysctl(entry, socket), ...(bridged && readBridgeSwitches(entry.root ? null : fd)) }
      return replacing(sink, { kind: 'sysctl', netns: entry.id, records: [now] })
    },
  }
}
