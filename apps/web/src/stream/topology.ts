import { type HostSnapshot, type Netns, type RecordKind, recordsOf, same } from '@hopscope/model'
import { createDeriver, type Topology } from '@hopscope/topology'
import type { Hosts } from './hostStore.ts'

const deriver = createDeriver()
let last: { snapshots: HostSnapshot[]; result: Topology } = { snapshots: [], result: { nodes: [], edges: [] } }

/** The topology of all hosts held. The same object until something changes that is drawn. */
export function topologyOf(hosts: Hosts): Topology {
  const snapshots = snapshotsOf(hosts)
  const equal =
    snapshots.length === last.snapshots.length &&
    snapshots.every((s, i) => isDrawnAlike(s, last.snapshots[i], snapshots.length === 1))
  last = { snapshots, result: equal ? last.result : deriver.derive(snapshots) }
  return last.result
}

/** The snapshots held, in the hosts' order. */
export const snapshotsOf = (hosts: Hosts): HostSnapshot[] =>
  [...hosts.values()].flatMap((h) => (h.snapshot ? [h.snapshot] : []))

/** Kinds of which the map shows nothing but counts, beside the topology. They change all the time. */
const NOT_DRAWN: ReadonlySet<RecordKind> = new Set<RecordKind>([
  'conntrack',
  'socket',
  'fwTable',
  'fwChain',
  'fwRule',
  'policyRule',
  'source',
])

function isDrawnAlike(a: HostSnapshot, b: HostSnapshot | undefined, alone: boolean): boolean {
  if (a === b) return true
  if (b === undefined || !same(a.host, b.host)) return false
  // The kinds of a snapshot are those of the model: every key of records is one.
  return (Object.keys(a.records) as RecordKind[]).every(
    (kind) =>
      a.records[kind] === b.records[kind] ||
      NOT_DRAWN.has(kind) ||
      // Neighbours tell which hosts share a segment, forwarding entries where a tunnel ends.
      (kind === 'neighbour' && alone) ||
      (kind === 'fdb' && !hasRemoteEnds(a) && !hasRemoteEnds(b)) ||
      (kind === 'netns' && areNamespacesAlike(a.records.netns, b.records.netns)),
  )
}

const hasRemoteEnds = (s: HostSnapshot): boolean => recordsOf(s, 'fdb').some((entry) => entry.dst !== undefined)

type Namespaces = HostSnapshot['records']['netns']

/** Processes come and go in them; the first one alone may give a box its name. */
function areNamespacesAlike(a: Namespaces, b: Namespaces): boolean {
  const ids = Object.keys(a)
  return ids.length === Object.keys(b).length && ids.every((id) => isNamespaceAlike(a[id], b[id]))
}

function isNamespaceAlike(a: Netns | undefined, b: Netns | undefined): boolean {
  if (a === b || !a || !b) return a === b
  return same(
    { ...a, processes: a.processes[0], processCount: 0 },
    { ...b, processes: b.processes[0], processCount: 0 },
  )
}
