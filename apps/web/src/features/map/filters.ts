import type { Topology, TopoNode } from '@hopscope/topology'

/** What the reader wants to leave out. Filters hide, they never move: the places stay reserved. */
export const FILTERS = ['stopped', 'system', 'processes', 'entrances', 'down'] as const
export type Filter = (typeof FILTERS)[number]
export type Filters = ReadonlySet<Filter>

export type Filtered = { topology: Topology; hidden: number }

/**
 * The topology without what the filters match, what is inside of it and the port ends that led to it. `hidden` counts
 * the objects matched, not their parts.
 */
export function applyFilters(topology: Topology, filters: Filters): Filtered {
  if (filters.size === 0) return { topology, hidden: 0 }
  const gone = new Set<string>()
  let hidden = 0
  const parents = new Map(topology.nodes.map((n) => [n.id, n.parent]))
  for (const node of topology.nodes) {
    if (![...filters].some((filter) => MATCHES[filter](node))) continue
    gone.add(node.id)
    hidden++
  }
  for (const node of topology.nodes) if (insideOf(node.parent, gone, parents)) gone.add(node.id)
  dropLoosePorts(topology, gone)
  return {
    hidden,
    topology: {
      nodes: topology.nodes.filter((n) => !gone.has(n.id)),
      edges: topology.edges.filter((e) => !gone.has(e.source) && !gone.has(e.target)),
    },
  }
}

const MATCHES: Record<Filter, (node: TopoNode) => boolean> = {
  stopped: (n) => (n.kind === 'box' || n.kind === 'resident') && n.state === 'down',
  system: (n) => n.kind === 'bay' && n.bay === 'system',
  processes: (n) => n.kind === 'bay' && n.bay === 'processes',
  entrances: (n) => n.kind === 'entrance',
  down: (n) => LINKS.has(n.kind) && n.state === 'down',
}
const LINKS = new Set<TopoNode['kind']>(['bridge', 'nic', 'tunnel', 'macvlan'])

function insideOf(parent: string | undefined, gone: Set<string>, parents: Map<string, string | undefined>): boolean {
  for (let at = parent; at !== undefined; at = parents.get(at)) if (gone.has(at)) return true
  return false
}

/** A port without the veth that it is the end of is part of what was hidden. */
function dropLoosePorts(topology: Topology, gone: Set<string>): void {
  const kinds = new Map(topology.nodes.map((n) => [n.id, n.kind]))
  for (const edge of topology.edges) {
    if (edge.kind !== 'veth') continue
    if (gone.has(edge.target) && kinds.get(edge.source) === 'port') gone.add(edge.source)
    if (gone.has(edge.source) && kinds.get(edge.target) === 'port') gone.add(edge.target)
  }
}
