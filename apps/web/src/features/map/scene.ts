import type { Layout, Placed, TopoEdge, Topology } from '@hopscope/topology'
import { isSecond } from './body.ts'
import type { DrawnNode, StackCounts } from './drawn.ts'
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

/** Joins what there is with where it stands. A node without a place, or a line that leads nowhere, is not drawn. */
export function buildScene(topology: Topology, layout: Layout, hosts: ReadonlyMap<string, HostFacts>): Scene {
  const nodes = new Map<string, DrawnNode>()
  const full = new Set(topology.nodes.flatMap((n) => (n.kind === 'interface' ? (n.parent ?? []) : [])))
  for (const node of topology.nodes) {
    const rect = layout.nodes.get(node.id)
    if (!rect) continue
    const facts = hosts.get(node.hostId)
    nodes.set(node.id, {
      node,
      rect,
      ...(node.kind === 'box' && !full.has(node.id) && { empty: true }),
      ...(node.kind === 'stack' && facts && { counts: facts.counts }),
      ...(node.kind === 'host' && facts && { sandbox: facts.sandbox, kernel: facts.kernel }),
      ...(node.kind === 'host' && facts?.staleSince !== undefined && { staleSince: facts.staleSince }),
    })
  }
  const edges = new Map<string, DrawnEdge>()
  for (const edge of topology.edges) {
    const source = nodes.get(edge.source)?.rect
    const target = nodes.get(edge.target)?.rect
    if (!source || !target) continue
    const route = routeOf(edge, { source, target, layout, nodes })
    const [first, last] = [route[0], route[route.length - 1]]
    if (route.length < 2 || !first || !last) continue
    edges.set(edge.id, {
      edge,
      route,
      from: relative(first, source),
      to: relative(last, target),
      over: entersBox(edge, nodes),
    })
  }
  return { nodes, edges, bounds: layout.bounds }
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
