import type { Layout, Placed, TopoEdge, Topology, TopoNode } from '@hopscope/topology'
import { isSecond } from './body.ts'
import type { DrawnNode, StackCounts } from './drawn.ts'
import { equal } from './equal.ts'
import { edgeRoute, elbow, type Point } from './geometry.ts'

/** A line as it runs, and its two ends relative to the centres of their nodes. */
export type DrawnEdge = {
  edge: TopoEdge
  route: Point[]
  from: Point
  to: Point
  /** It runs over the border of the box that its end is in; all others stay behind boxes and bars. */
  over: boolean
}
/** Everything that is drawn now, and where. */
export type Scene = { nodes: Map<string, DrawnNode>; edges: Map<string, DrawnEdge>; bounds: Layout['bounds'] }

/** What the page knows of a host beside its topology. */
export type HostFacts = { staleSince?: number; sandbox: boolean; kernel: string; counts: StackCounts }

/** A scene and where its lines were bent. */
export type Built = { scene: Scene; layout: Layout }

/**
 * Joins what there is with where it stands. A node without a place, or a line that leads nowhere, is not drawn. What says the
 * same as in `last` is the same object, so that what was drawn or painted for it stays valid.
 */
export function buildScene(
  topology: Topology,
  layout: Layout,
  hosts: ReadonlyMap<string, HostFacts>,
  last?: Built,
): Scene {
  const nodes = new Map<string, DrawnNode>()
  const full = new Set<string>()
  for (const n of topology.nodes) if (n.kind === 'interface' && n.parent !== undefined) full.add(n.parent)
  for (const node of topology.nodes) {
    const rect = layout.nodes.get(node.id)
    if (!rect) continue
    const drawn = drawnNode(node, { rect, facts: hosts.get(node.hostId), full: full.has(node.id) })
    const was = last?.scene.nodes.get(node.id)
    nodes.set(node.id, was && equal(was, drawn) ? was : drawn)
  }
  const edges = new Map<string, DrawnEdge>()
  for (const edge of topology.edges) {
    const was = last?.scene.edges.get(edge.id)
    if (last && was && isEdgeAsBefore(edge, { was, last, layout, nodes })) {
      edges.set(edge.id, was)
      continue
    }
    const drawn = drawnEdge(edge, layout, nodes)
    if (drawn) edges.set(edge.id, was && equal(was, drawn) ? was : drawn)
  }
  return { nodes, edges, bounds: layout.bounds }
}

type Standing = { rect: Placed; facts: HostFacts | undefined; full: boolean }

function drawnNode(node: TopoNode, { rect, facts, full }: Standing): DrawnNode {
  switch (node.kind) {
    case 'box':
      return full ? { node, rect } : { node, rect, empty: true }
    case 'stack':
      return facts ? { node, rect, counts: facts.counts } : { node, rect }
    case 'host':
      if (!facts) return { node, rect }
      return {
        node,
        rect,
        sandbox: facts.sandbox,
        kernel: facts.kernel,
        ...(facts.staleSince !== undefined && { staleSince: facts.staleSince }),
      }
    default:
      return { node, rect }
  }
}

type Before = { was: DrawnEdge; last: Built; layout: Layout; nodes: ReadonlyMap<string, DrawnNode> }

/** A line between the same ends with the same bends runs as before: quicker to tell than to make it again. */
function isEdgeAsBefore(edge: TopoEdge, { was, last, layout, nodes }: Before): boolean {
  const isSame = (id: string): boolean => last.scene.nodes.get(id) === nodes.get(id)
  return (
    equal(was.edge, edge) &&
    isSame(edge.source) &&
    isSame(edge.target) &&
    equal(last.layout.bends.get(edge.id), layout.bends.get(edge.id))
  )
}

function drawnEdge(edge: TopoEdge, layout: Layout, nodes: ReadonlyMap<string, DrawnNode>): DrawnEdge | undefined {
  const source = nodes.get(edge.source)?.rect
  const target = nodes.get(edge.target)?.rect
  if (!source || !target) return undefined
  const route = routeOf(edge, { source, target, layout, nodes })
  const [first, last] = [route[0], route[route.length - 1]]
  if (route.length < 2 || !first || !last) return undefined
  const [from, to] = [relative(first, source), relative(last, target)]
  return { edge, route, from, to, over: entersBox(edge, nodes) }
}

/** A veth's or a child link's own end stands inside of a box. */
const entersBox = (edge: TopoEdge, nodes: ReadonlyMap<string, DrawnNode>): boolean =>
  edge.kind === 'veth' || (edge.kind === 'macvlan' && nodes.get(edge.source)?.node.kind === 'interface')

const relative = (p: Point, centre: Point): Point => ({ x: p.x - centre.x, y: p.y - centre.y })

type Ends = { source: Placed; target: Placed; layout: Layout; nodes: ReadonlyMap<string, DrawnNode> }

function routeOf(edge: TopoEdge, { source, target, layout, nodes }: Ends): Point[] {
  const bends = layout.bends.get(edge.id)
  if (bends || edge.kind !== 'segment') return edgeRoute(source, target, bends)
  // A cable between a segment outside and the NIC of a host: along a lane of that segment's own.
  const outside = nodes.get(edge.target)?.node.kind === 'segment'
  const [from, to] = outside ? [target, source] : [source, target]
  const row = Math.abs(Math.round(from.y / 40))
  const route = elbow(from, to, 14 + (row % 4) * 7)
  return outside ? route.reverse() : route
}

export type SceneDiff = {
  add: { nodes: DrawnNode[]; edges: DrawnEdge[] }
  update: { nodes: DrawnNode[]; edges: DrawnEdge[] }
  /** Ids, edges before nodes. */
  remove: string[]
}

/** What to do to a drawing of `from` to make it one of `to`: only what changed. */
export function diffScene(from: Scene | undefined, to: Scene): SceneDiff {
  const nodes = compare(from?.nodes, to.nodes, nodeSignature)
  const edges = compare(from?.edges, to.edges, edgeSignature)
  // An edge whose end is another node now must be made anew: cytoscape edges keep their ends.
  const moved = edges.update.filter((e) => {
    const was = from?.edges.get(e.edge.id)?.edge
    return was?.source !== e.edge.source || was?.target !== e.edge.target
  })
  return {
    add: { nodes: nodes.add, edges: [...edges.add, ...moved] },
    update: { nodes: nodes.update, edges: edges.update.filter((e) => !moved.includes(e)) },
    remove: [...edges.remove, ...moved.map((e) => e.edge.id), ...nodes.remove],
  }
}

function compare<T>(
  from: ReadonlyMap<string, T> | undefined,
  to: ReadonlyMap<string, T>,
  signature: (value: T) => string,
): { add: T[]; update: T[]; remove: string[] } {
  const add: T[] = []
  const update: T[] = []
  for (const [id, value] of to) {
    const was = from?.get(id)
    if (was === undefined) add.push(value)
    else if (was !== value && signature(was) !== signature(value)) update.push(value)
  }
  return { add, update, remove: from ? [...from.keys()].filter((id) => !to.has(id)) : [] }
}

/** What of a node cytoscape must know; its texts are painted from the scene itself. */
function nodeSignature({ node, rect, staleSince }: DrawnNode): string {
  return `${node.kind} ${node.state} ${isSecond(node)} ${rect.x} ${rect.y} ${rect.w} ${rect.h} ${staleSince !== undefined}`
}

function edgeSignature({ edge, route, from, to }: DrawnEdge): string {
  // The ends too: a line may stay where it is while its node moves or grows below it.
  const points = [...route, from, to].map((p) => `${p.x},${p.y}`).join(' ')
  return `${edge.kind} ${edge.state} ${edge.source} ${edge.target} ${edge.secondary ?? false} ${points}`
}
