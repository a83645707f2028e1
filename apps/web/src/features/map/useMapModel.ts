import { type Hop, type HostSnapshot, recordsOf } from '@hopscope/model'
import { indexRefs, type Layout, type NodeOf, type RecordRef, type Topology } from '@hopscope/topology'
import { useMemo, useRef } from 'react'
import { useShownHosts, useShownTopology } from '../../shell/useShownHosts.ts'
import type { HostEntry } from '../../stream/hostStore.ts'
import type { WayOnMap } from '../packets/onMap.ts'
import type { StackCounts } from './drawn.ts'
import { equal } from './equal.ts'
import { applyFilters, type Filters } from './filters.ts'
import { type FoldChoice, foldMap } from './fold.ts'
import type { Placer } from './positions.ts'
import { type Built, buildScene, type HostFacts, type Scene } from './scene.ts'
import { wayNodes } from './way/wayNodes.ts'

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
  /** How many objects the filters hide. */
  hidden: number
  /** Ids of the blocks that are folded. */
  folded: ReadonlySet<string>
  /** For everything that is folded the block it is in. */
  blockOf: ReadonlyMap<string, string>
  facts: ReadonlyMap<string, HostFacts>
  /** The nodes that the packet comes by at each hop. */
  wayNodes: NodesOfWay
}

type Input = {
  /** Without it nothing is there yet. */
  placer: Placer | undefined
  folds: FoldChoice
  filters: Filters
  selected: RecordRef | null
  /** The way of a packet that is followed: nothing on it is folded. */
  way: WayOnMap | undefined
}

/** From the hosts that the page holds to the scene that the map draws. Each step only when its input changed. */
export function useMapModel({ placer, folds, filters, selected, way }: Input): MapModel {
  const whole = useShownTopology(placer !== undefined)
  const facts = useHostFacts()
  const nodeOf = useNodeOf(whole)
  const selectedNode = useMemo(() => nodeOf(selected), [nodeOf, selected])
  const wayNodes = useNodesOfWay(whole, nodeOf, way)
  const { topology: drawn, folded, blockOf } = useFolded(whole, folds, { selected: selectedNode, way: wayNodes })
  const layout = useMemo(() => placer?.place(drawn, folds.arrangement) ?? NOWHERE, [placer, drawn, folds.arrangement])
  const { topology, hidden } = useMemo(() => applyFilters(drawn, filters), [drawn, filters])
  const scene = useScene(topology, layout, facts)
  return { whole, nodeOf, selectedNode, topology, layout, scene, hidden, folded, blockOf, facts, wayNodes }
}

const NOWHERE: Layout = { nodes: new Map(), bends: new Map(), bounds: { x: 0, y: 0, w: 0, h: 0 } }

type Folding = Pick<MapModel, 'topology' | 'folded' | 'blockOf'>

type Kept = { selected: string | undefined; way: NodesOfWay }

function useFolded(whole: Topology, folds: FoldChoice, { selected, way }: Kept): Folding {
  const last = useRef<{ folds: FoldChoice; folded: ReadonlySet<string> }>(undefined)
  return useMemo(() => {
    // Another choice begins afresh.
    const before = last.current?.folds === folds ? last.current.folded : undefined
    const { topology, folded, blockOf } = foldMap(
      whole,
      folds,
      [selected, ...Object.values(way).flat(2)].filter((id) => id !== undefined),
      before,
    )
    last.current = { folds, folded }
    return { topology, folded, blockOf }
  }, [whole, folds, selected, way])
}

/** The nodes of a way by its hops, those of what was seen beside it, and those up to where both differ. */
export type NodesOfWay = Readonly<Record<'way' | 'beside' | 'difference', readonly (readonly string[])[]>>

const NO_WAY: NodesOfWay = { way: [], beside: [], difference: [] }

/** The same object while a packet comes by the same nodes, whatever else changes. */
function useNodesOfWay(whole: Topology, nodeOf: MapModel['nodeOf'], way: WayOnMap | undefined): NodesOfWay {
  const last = useRef(NO_WAY)
  return useMemo(() => {
    const nodesAt = (hops: readonly Hop[] = []) =>
      way ? wayNodes(hops, { hostId: way.hostId, nodeOf, topology: whole }) : []
    const nodes = {
      way: nodesAt(way?.hops),
      beside: nodesAt(way?.beside?.hops),
      difference: nodesAt(way?.beside?.difference),
    }
    if (!equal(last.current, nodes)) last.current = nodes
    return last.current
  }, [whole, nodeOf, way])
}

function useNodeOf(whole: Topology): MapModel['nodeOf'] {
  const { shown } = useShownHosts()
  return useMemo(() => {
    const snapshots = new Map(shown.flatMap((h) => (h.snapshot ? [[h.host.id, h.snapshot] as const] : [])))
    // Most changes come while nobody has selected or looked for anything.
    let index: NodeOf | undefined
    const find: NodeOf = (...asked) => {
      index ??= indexRefs(whole, [...snapshots.values()])
      return index(...asked)
    }
    return (ref) => (ref ? find(ref, snapshots.get(ref.hostId)?.records[ref.kind][ref.id]) : undefined)
  }, [whole, shown])
}

function useScene(topology: Topology, layout: Layout, facts: ReadonlyMap<string, HostFacts>): Scene {
  const last = useRef<Built>(undefined)
  return useMemo(() => {
    const scene = buildScene(topology, layout, facts, last.current)
    last.current = { scene, layout }
    return scene
  }, [topology, layout, facts])
}

function useHostFacts(): ReadonlyMap<string, HostFacts> {
  const { shown } = useShownHosts()
  return useMemo(() => new Map(shown.map((h) => [h.host.id, factsOf(h)])), [shown])
}

function factsOf({ host, status, since, snapshot }: HostEntry): HostFacts {
  const counts: StackCounts = {}
  if (snapshot) {
    counts.routes = countIn(snapshot, 'route')
    counts.rules = countIn(snapshot, 'fwRule')
    counts.connections = countIn(snapshot, 'conntrack')
  }
  const sandbox = host.vantage.kind === 'sandbox'
  return { sandbox, kernel: host.kernel, counts, ...(status === 'stale' && { staleSince: since }) }
}

const counted = new WeakMap<object, number>()

/** How many records of a kind the host's own namespace has. Counted once for each state of their table. */
function countIn(snapshot: HostSnapshot, kind: 'route' | 'fwRule' | 'conntrack'): number {
  const table = snapshot.records[kind]
  const known = counted.get(table)
  if (known !== undefined) return known
  let count = 0
  for (const record of recordsOf(snapshot, kind))
    if (record.netns === snapshot.host.rootNetns && !('table' in record && record.table === LOCAL_TABLE)) count++
  counted.set(table, count)
  return count
}

/** The kernel's own table of addresses: `ip route` does not show it either. */
const LOCAL_TABLE = 255
