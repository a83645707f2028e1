import type { EdgeKind, NodeKind, TopoEdge, Topology, TopoNode } from '@hopscope/topology'

/** What belongs together with a node: everything on its path. */
export type Relations = { nodes: Set<string>; edges: Set<string> }

export type TopologyIndex = {
  nodes: Map<string, TopoNode>
  edges: Map<string, TopoEdge>
  /** Edges at a node, either end. */
  at: Map<string, TopoEdge[]>
  children: Map<string, string[]>
}

/** Look-up tables of a topology. */
export function indexTopology(topology: Topology): TopologyIndex {
  const at = new Map<string, TopoEdge[]>()
  const children = new Map<string, string[]>()
  for (const edge of topology.edges) {
    push(at, edge.source, edge)
    if (edge.target !== edge.source) push(at, edge.target, edge)
  }
  for (const node of topology.nodes) if (node.parent !== undefined) push(children, node.parent, node.id)
  return {
    nodes: new Map(topology.nodes.map((n) => [n.id, n])),
    edges: new Map(topology.edges.map((e) => [e.id, e])),
    at,
    children,
  }
}

/**
 * A node with its whole path: an interface with its veth, port, bridge and box; a box with all of that for each of its
 * interfaces; a bridge with everything plugged into it. Shared things (bridges, the stack, segments) end the path
 * unless it starts there, else everything would hang together.
 */
export function relationsOf(index: TopologyIndex, id: string): Relations {
  const found: Relations = { nodes: new Set(), edges: new Set() }
  const start = index.nodes.get(id)
  if (!start) return edgeRelations(index, id)
  const queue: string[] = []
  const visit = (next: string): void => {
    if (found.nodes.has(next) || !index.nodes.has(next)) return
    found.nodes.add(next)
    queue.push(next)
  }
  visit(id)
  if (start.kind === 'box') for (const child of index.children.get(id) ?? []) visit(child)
  for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
    const node = index.nodes.get(at)
    if (!node) continue
    const home = node.parent === undefined ? undefined : index.nodes.get(node.parent)
    if (node.kind === 'interface' && home?.kind === 'box') found.nodes.add(home.id)
    if (at !== id && ENDS.has(node.kind)) continue
    for (const edge of index.at.get(at) ?? []) {
      if (at !== id && !FOLLOWED.has(edge.kind)) continue
      found.edges.add(edge.id)
      visit(edge.source === at ? edge.target : edge.source)
    }
  }
  return found
}

function edgeRelations(index: TopologyIndex, id: string): Relations {
  const edge = index.edges.get(id)
  if (!edge) return { nodes: new Set(), edges: new Set() }
  if (edge.kind === 'veth') {
    const whole = relationsOf(index, edge.source)
    whole.edges.add(id)
    return whole
  }
  return { nodes: new Set([edge.source, edge.target]), edges: new Set([id]) }
}

/** A path that comes to one of these from elsewhere ends there. */
const ENDS = new Set<NodeKind>(['host', 'bay', 'stack', 'bridge', 'macvlan', 'segment', 'box', 'nic', 'peer', 'block'])
/** Lines that carry frames: a path runs on along them. The others are shown at the node itself only. */
const FOLLOWED = new Set<EdgeKind>(['veth', 'bridge-port', 'macvlan', 'tunnel'])

function push<V>(map: Map<string, V[]>, key: string, value: V): void {
  const list = map.get(key)
  if (list) list.push(value)
  else map.set(key, [value])
}
