import {
  type AnyRecord,
  type HostSnapshot,
  type RecordKind,
  type RecordOf,
  recordsOf,
  type SampleTopic,
} from '@hopscope/model'
import type { RecordRef, Topology } from '@hopscope/topology'
import { useEffect, useMemo, useSyncExternalStore } from 'react'
import { type Changes, type HostEntry, type Hosts, isCatchingUp } from './hostStore.ts'
import type { Sampled } from './samplesStore.ts'
import { stream } from './socket.ts'
import type { LinkState } from './stream.ts'
import { topologyOf } from './topology.ts'

/** All hosts that the hub knows, by id. A new map only when something of them changed. */
export const useHosts = (): Hosts => useStream(() => stream.store.hosts)
export const useHost = (hostId: string): HostEntry | undefined => useStream(() => stream.store.hosts.get(hostId))
export const useSnapshot = (hostId: string): HostSnapshot | undefined => useHost(hostId)?.snapshot

/** The records of one kind. The same array until that table changes. */
export function useRecords<K extends RecordKind>(hostId: string, kind: K): RecordOf<K>[] {
  const snapshot = useSnapshot(hostId)
  const table = snapshot?.records[kind]
  // biome-ignore lint/correctness/useExhaustiveDependencies: the array depends on this one table only
  return useMemo(() => (snapshot ? recordsOf(snapshot, kind) : []), [table, kind])
}

/** The record behind a reference; undefined once it is gone. */
export function useRecord(ref: RecordRef | null | undefined): AnyRecord | undefined {
  const snapshot = useSnapshot(ref?.hostId ?? '')
  return ref ? snapshot?.records[ref.kind][ref.id] : undefined
}

/** Ids of the records of a host that changed in the last five seconds, with the time of the change. */
export const useChanges = (hostId: string): Changes => useStream(() => stream.store.changes(hostId))

/** The same for all hosts, by host id. */
export const useAllChanges = (): ReadonlyMap<string, Changes> => useStream(() => stream.store.allChanges)

/** Everything to draw, of all hosts; the same object until a snapshot changes. Empty until it is wanted: it takes a while. */
export const useTopology = (wanted = true): Topology => {
  const hosts = useHosts()
  return wanted ? topologyOf(hosts) : NOTHING
}
const NOTHING: Topology = { nodes: [], edges: [] }

export type Connection = {
  state: 'connecting' | 'catchingUp' | 'live' | 'stale' | 'disconnected'
  /** When that state began, in ms since the epoch. */
  since: number
  /** Names of the hosts whose agent is away. */
  staleHosts: string[]
  refused?: LinkState['refused']
}

/** How far what the page shows can be trusted now. */
export function useConnection(): Connection {
  const link = useStream(() => stream.link)
  const hosts = useHosts()
  return useMemo(() => connectionOf(link, hosts), [link, hosts])
}

/** The connection from the link to the hub and the hosts' freshness: the worst of them counts. */
export function connectionOf(link: LinkState, hosts: Hosts): Connection {
  const stale = [...hosts.values()].filter((h) => h.status === 'stale')
  const staleHosts = stale.map((h) => h.host.name)
  const refused = link.refused ? { refused: link.refused } : {}
  if (link.state !== 'connected') return { state: link.state, since: link.since, staleHosts, ...refused }
  if (stale.length) return { state: 'stale', since: Math.min(...stale.map((h) => h.since)), staleHosts }
  const state = [...hosts.values()].some(isCatchingUp) ? 'catchingUp' : 'live'
  return { state, since: link.since, staleHosts }
}

/** Counters of one topic while the component is mounted; undefined until the first sample, and for no host. */
export function useSamples<T extends SampleTopic>(hostId: string | undefined, topic: T): Sampled<T> | undefined {
  useEffect(() => (hostId === undefined ? undefined : stream.samples.watch(hostId, topic)), [hostId, topic])
  return useStream(() => (hostId === undefined ? undefined : stream.samples.get(hostId, topic)))
}

function useStream<T>(read: () => T): T {
  return useSyncExternalStore(stream.subscribe, read, read)
}
