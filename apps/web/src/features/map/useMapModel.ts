import { recordsOf } from '@hopscope/model'
import { indexRefs, type Layout, type RecordRef, type Topology } from '@hopscope/topology'
import { useMemo, useRef } from 'react'
import { useShownHosts, useShownTopology } from '../../shell/useShownHosts.ts'
import type { HostEntry } from '../../stream/hostStore.ts'
import type { StackCounts } from './drawn.ts'
import { applyFilters, type Filters } from './filters.ts'
import { type FoldChoice, foldMap } from './fold.ts'
import type { Placer } from './positions.ts'
import { indexTopology, type TopologyIndex } from './relations.ts'
import { buildScene, type HostFacts, type Scene } from './scene.ts'

export type MapModel = {
  /** Everything there is, before folding and filters. */
  whole: Topology
  /** The node that stands for a record: its own, or that of its link or namespace. */
  nodeOf: (ref: RecordRef | null) => string | undefined
  selectedNode: string | undefined
  /** What is drawn. */
  topology: Topology
  layout: Layout
  scene: Scene
  index: TopologyIndex
  /** How many objects the filters hide. */
  hidden: number
}

type Input = { placer: Placer; folds: FoldChoice; filters: Filters; selected: RecordRef | null }

/** From the hosts that the page holds to the scene that the map draws. Each step only when its input changed. */
export function useMapModel({ placer, folds, filters, selected }: Input): MapModel {
  const whole = useShownTopology()
  const facts = useHostFacts()
  const nodeOf = useNodeOf(whole)
  const selectedNode = useMemo(() => nodeOf(selected), [nodeOf, selected])
  const folded = useMemo(() => foldMap(whole, folds, selectedNode).topology, [whole, folds, selectedNode])
  const layout = useMemo(() => placer.place(folded, folds.arrangement), [placer, folded, folds.arrangement])
  const filtered = useMemo(() => applyFilters(folded, filters), [folded, filters])
  const index = useMemo(() => indexTopology(filtered.topology), [filtered])
  const scene = useScene(filtered.topology, layout, facts)
  return { whole, nodeOf, selectedNode, topology: filtered.topology, layout, scene, index, hidden: filtered.hidden }
}

function useNodeOf(whole: Topology): MapModel['nodeOf'] {
  const { shown } = useShownHosts()
  return useMemo(() => {
    const snapshots = new Map(shown.flatMap((h) => (h.snapshot ? [[h.host.id, h.snapshot] as const] : [])))
    const find = indexRefs(whole, [...snapshots.values()])
    return (ref) => (ref ? find(ref, snapshots.get(ref.hostId)?.records[ref.kind][ref.id]) : undefined)
  }, [whole, shown])
}

/** The same drawn node for the same facts, so that what was painted for it stays valid. */
function useScene(topology: Topology, layout: Layout, facts: ReadonlyMap<string, HostFacts>): Scene {
  const last = useRef<Scene>(undefined)
  return useMemo(() => {
    const next = buildScene(topology, layout, facts)
    for (const [id, drawn] of next.nodes) {
      const was = last.current?.nodes.get(id)
      if (was && JSON.stringify(was) === JSON.stringify(drawn)) next.nodes.set(id, was)
    }
    last.current = next
    return next
  }, [topology, layout, facts])
}

function useHostFacts(): ReadonlyMap<string, HostFacts> {
  const { shown } = useShownHosts()
  return useMemo(() => new Map(shown.map((h) => [h.host.id, factsOf(h)])), [shown])
}

function factsOf({ host, status, since, snapshot }: HostEntry): HostFacts {
  const counts: StackCounts = {}
  if (snapshot) {
    const root = host.rootNetns
    const inRoot = (r: { netns: string }): boolean => r.netns === root
    counts.routes = recordsOf(snapshot, 'route').filter((r) => inRoot(r) && r.table !== LOCAL_TABLE).length
    counts.rules = recordsOf(snapshot, 'fwRule').filter(inRoot).length
    counts.connections = recordsOf(snapshot, 'conntrack').filter(inRoot).length
  }
  const sandbox = host.vantage.kind === 'sandbox'
  return { sandbox, kernel: host.kernel, counts, ...(status === 'stale' && { staleSince: since }) }
}

/** The kernel's own table of addresses: `ip route` does not show it either. */
const LOCAL_TABLE = 255
