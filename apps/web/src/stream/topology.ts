import type { HostSnapshot } from '@hopscope/model'
import { deriveTopology, type Topology } from '@hopscope/topology'
import type { Hosts } from './hostStore.ts'

let last: { snapshots: HostSnapshot[]; result: Topology } = { snapshots: [], result: { nodes: [], edges: [] } }

/** The topology of all hosts held. The same snapshots give the same object. */
export function topologyOf(hosts: Hosts): Topology {
  const snapshots = snapshotsOf(hosts)
  const same = snapshots.length === last.snapshots.length && snapshots.every((s, i) => s === last.snapshots[i])
  if (!same) last = { snapshots, result: deriveTopology(snapshots) }
  return last.result
}

/** The snapshots held, in the hosts' order. */
export const snapshotsOf = (hosts: Hosts): HostSnapshot[] =>
  [...hosts.values()].flatMap((h) => (h.snapshot ? [h.snapshot] : []))
