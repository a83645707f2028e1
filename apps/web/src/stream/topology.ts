import type { HostSnapshot } from '@hopscope/model'
import type { Topology } from '@hopscope/topology'
import * as topology from '@hopscope/topology'
import type { Hosts } from './hostStore.ts'

// The package is young: while it cannot derive, there is nothing to draw.
const derive = (topology as { deriveTopology?: (hosts: HostSnapshot[]) => Topology }).deriveTopology
const EMPTY: Topology = { nodes: [], edges: [] }
let last: { snapshots: HostSnapshot[]; result: Topology } = { snapshots: [], result: EMPTY }

/** The topology of all hosts held. The same snapshots give the same object. */
export function topologyOf(hosts: Hosts): Topology {
  const snapshots = [...hosts.values()].flatMap((h) => (h.snapshot ? [h.snapshot] : []))
  const same = snapshots.length === last.snapshots.length && snapshots.every((s, i) => s === last.snapshots[i])
  if (!same) last = { snapshots, result: derive ? derive(snapshots) : EMPTY }
  return last.result
}
