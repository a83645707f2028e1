import type { NodeKind, Topology, TopoNode } from '@hopscope/topology'

/** One line of the tree. `other`: the far end of its veth pair, when that is known. */
export type TreeItem = { node: TopoNode; children: TreeItem[]; other?: TopoNode; place?: TopoNode }

/** The order in which the parts of a host are read: from outside to inside. */
const ORDER: NodeKind[] = [
  'host',
  'segment',
  'peer',
  'nic',
  'tunnel',
  'stack',
  'bridge',
  'macvlan',
  'block',
  'port',
  'box',
  'interface',
  'resident',
  'bay',
  'entrance',
]
const rank = new Map(ORDER.map((kind, i) => [kind, i]))

/** The map as a tree: every node of the topology once, where a reader would look for it. */
export function buildTree(topology: Topology): TreeItem[] {
  const t = indexed(topology)
  const items = new Map(topology.nodes.map((node) => [node.id, itemOf(t, node)]))
  const roots: TreeItem[] = []
  for (const node of topology.nodes) {
    const item = items.get(node.id)
    const home = items.get(homeOf(t, node) ?? '')
    if (item) (home?.children ?? roots).push(item)
  }
  for (const item of items.values()) sort(item.children)
  return sort(roots)
}

type Indexed = {
  nodes: Map<string, TopoNode>
  /** Port → the bridge it is plugged into. */
  bridgeOf: Map<string, string>
  /** Either end of a veth pair → the other. */
  otherEnd: Map<string, string>
  /** Box → the port of its rack that leads to it. */
  portOfBox: Map<string, string>
  /** Peer → a tunnel that leads to it. */
  tunnelOf: Map<string, string>
}

function indexed({ nodes, edges }: Topology): Indexed {
  const t: Indexed = {
    nodes: new Map(nodes.map((n) => [n.id, n])),
    bridgeOf: new Map(),
    otherEnd: new Map(),
    portOfBox: new Map(),
    tunnelOf: new Map(),
  }
  for (const { kind, source, target } of edges) {
    if (kind === 'bridge-port') t.bridgeOf.set(source, target)
    if (kind === 'veth') t.otherEnd.set(source, target).set(target, source)
    if (kind === 'tunnel') {
      for (const [a, b] of [
        [source, target],
        [target, source],
      ] as const) {
        if (t.nodes.get(a)?.kind === 'tunnel' && t.nodes.get(b)?.kind === 'peer') t.tunnelOf.set(b, a)
      }
    }
  }
  for (const [port, bridge] of t.bridgeOf) {
    const box = t.nodes.get(t.nodes.get(t.otherEnd.get(port) ?? '')?.parent ?? '')
    if (box?.rack === bridge && !t.portOfBox.has(box.id)) t.portOfBox.set(box.id, port)
  }
  return t
}

function itemOf(t: Indexed, node: TopoNode): TreeItem {
  const other = t.nodes.get(t.otherEnd.get(node.id) ?? '')
  const place = other && t.nodes.get(t.bridgeOf.get(other.id) ?? other.parent ?? '')
  return { node, children: [], ...(other && { other }), ...(place && { place }) }
}

/** The id of the node under which this one is read; undefined for what stands by itself. */
function homeOf(t: Indexed, node: TopoNode): string | undefined {
  switch (node.kind) {
    case 'box':
      return t.portOfBox.get(node.id) ?? node.rack ?? node.parent
    case 'port':
      return known(t, t.bridgeOf.get(node.id)) ?? node.parent
    case 'peer':
      return t.tunnelOf.get(node.id) ?? node.parent
    case 'block':
      return node.rack ?? node.parent
    default:
      return node.parent
  }
}

const known = (t: Indexed, id: string | undefined): string | undefined => (id && t.nodes.has(id) ? id : undefined)

const names = new Intl.Collator('en', { numeric: true })

function sort(items: TreeItem[]): TreeItem[] {
  return items.sort(
    (a, b) => (rank.get(a.node.kind) ?? 0) - (rank.get(b.node.kind) ?? 0) || names.compare(a.node.label, b.node.label),
  )
}
