import type { EdgeKind, NodeKind, TopoEdge, Topology, TopoNode } from '../topology.ts'

/** What boxes bring with them. */
export type Parts = { nodes: ReadonlyMap<string, TopoNode>; edges: ReadonlyMap<string, TopoEdge> }

/** The boxes of an excerpt with their interfaces, ports and doors; undefined when they are more than that. */
export function partsOf(excerpt: Topology): Parts | undefined {
  const kinds = new Map(excerpt.nodes.map((n) => [n.id, n.kind]))
  const nodes = new Map<string, TopoNode>()
  for (const node of excerpt.nodes) {
    // A box in a bay or a resident: the bay may come or go with it.
    if (node.kind === 'bay' || node.kind === 'resident' || (node.kind === 'box' && node.rack === undefined))
      return undefined
    if (OWN.has(node.kind) || (node.kind === 'interface' && kinds.get(node.parent ?? '') === 'box'))
      nodes.set(node.id, node)
  }
  const edges = new Map<string, TopoEdge>()
  for (const edge of excerpt.edges) {
    if (!nodes.has(edge.source) && !nodes.has(edge.target)) continue
    if (!nodes.has(edge.source) || !LINES.has(edge.kind)) return undefined
    edges.set(edge.id, edge)
  }
  return { nodes, edges }
}

const OWN: ReadonlySet<NodeKind> = new Set<NodeKind>(['box', 'port', 'entrance'])
const LINES: ReadonlySet<EdgeKind> = new Set<EdgeKind>(['veth', 'bridge-port', 'publish'])
