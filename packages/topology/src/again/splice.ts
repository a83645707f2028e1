import type { HostSnapshot } from '@hopscope/model'
import { nodeId } from '../draft.ts'
import { byInode, compare } from '../facts.ts'
import { entranceId, entrancesIn } from '../kinds/published.ts'
import type { TopoEdge, Topology, TopoNode } from '../topology.ts'
import type { Parts } from './parts.ts'

type Splicing = { topology: Topology; old: Parts; now: Parts; host: HostSnapshot }

/** The topology with the parts `now` instead of the `old` ones, in the order of `deriveTopology`; undefined when they do not fit in. */
export function splice({ topology, old, now, host }: Splicing): Topology | undefined {
  const nodes = topology.nodes.filter((n) => !old.nodes.has(n.id))
  const edges = topology.edges.filter((e) => !old.edges.has(e.id))
  const all = nodes.length + old.nodes.size === topology.nodes.length
  if (!all || edges.length + old.edges.size !== topology.edges.length) return undefined
  if (edges.some((e) => old.nodes.has(e.source) || old.nodes.has(e.target)) || !fits(nodes, now)) return undefined
  const withNodes = insertNodes(nodes, { now, host })
  const withEdges = insertEdges(edges, { now, host })
  if (!withNodes || !withEdges) return undefined
  const doors = [old, now].some((p) => [...p.nodes.values()].some((n) => n.kind === 'entrance'))
  return doors
    ? inOrderOfDoors({ nodes: withNodes, edges: withEdges }, { now, host })
    : { nodes: withNodes, edges: withEdges }
}

/** All that the parts stand in or lead to is there, and nothing of theirs is. */
function fits(rest: readonly TopoNode[], { nodes, edges }: Parts): boolean {
  const ids = new Set(rest.map((n) => n.id))
  for (const n of nodes.values()) if (ids.has(n.id) || (n.rack !== undefined && !ids.has(n.rack))) return false
  for (const e of edges.values()) if (!ids.has(e.target) && !nodes.has(e.target)) return false
  return true
}

type Into = { now: Parts; host: HostSnapshot }
/** Where something stands among its like; compared field by field. */
type Rank = readonly [number, string, number]

function insertNodes(nodes: readonly TopoNode[], { now, host }: Into): TopoNode[] | undefined {
  const boxes: Group<TopoNode>[] = []
  const ports: Group<TopoNode>[] = []
  for (const n of now.nodes.values()) {
    if (n.kind === 'box') boxes.push({ rank: boxRank(n, host), items: [n] })
    else if (n.kind === 'interface') boxes.at(-1)?.items.push(n)
    else if (n.kind === 'port') ports.push({ rank: linkRank(n.id, host), items: [n] })
  }
  const boxLike = (n: TopoNode): Rank | undefined =>
    n.kind === 'box' || n.kind === 'resident' ? boxRank(n, host) : undefined
  // The interfaces of a box follow it.
  const withBoxes = inserted(nodes, boxes, { rankOf: boxLike, follows: (n) => n.kind === 'interface' })
  const portLike = (n: TopoNode): Rank | undefined => (n.kind === 'port' ? linkRank(n.id, host) : undefined)
  return withBoxes && inserted(withBoxes, ports, { rankOf: portLike })
}

function insertEdges(edges: readonly TopoEdge[], { now, host }: Into): TopoEdge[] | undefined {
  const isLine = (e: TopoEdge): boolean => e.kind === 'veth' || e.kind === 'bridge-port'
  const lines: Group<TopoEdge>[] = []
  for (const e of now.edges.values()) {
    if (!isLine(e)) continue
    const last = lines.at(-1)
    if (last?.items[0]?.source === e.source) last.items.push(e)
    else lines.push({ rank: linkRank(e.source, host), items: [e] })
  }
  return inserted(edges, lines, { rankOf: (e) => (isLine(e) ? linkRank(e.source, host) : undefined) })
}

/** Boxes of namespaces in the order of these, then what has none in the order of the containers. */
function boxRank({ id, refs, kind }: TopoNode, { host, records }: HostSnapshot): Rank {
  const containers = refs.flatMap((r) => (r.kind === 'container' ? (records.container[r.id] ?? []) : []))
  // A box without a container has its namespace's id; one of several may wait for the others' namespace.
  const netns = containers.length === 0 ? recordId(id, host) : containers.find((c) => c.netns !== undefined)?.netns
  if (netns === undefined || kind === 'resident') return [1, containers[0]?.id ?? '', 0]
  return [0, netns, 0]
}

const recordId = (id: string, host: HostSnapshot['host']): string => id.slice(nodeId(host.id, '').length)

/** Links in the order of their namespaces, then of their ifindexes. */
function linkRank(id: string, { host, records }: HostSnapshot): Rank | undefined {
  const link = records.link[recordId(id, host)]
  return link && [0, link.netns, link.index]
}

const compareRanks = (a: Rank, b: Rank): number =>
  a[0] - b[0] || (a[0] === 0 ? byInode(a[1], b[1]) : compare(a[1], b[1])) || a[2] - b[2]

type Group<T> = { rank: Rank | undefined; items: T[] }
type Among<T> = { rankOf: (item: T) => Rank | undefined; follows?: (item: T) => boolean }

/** `list` with the groups, which are in order, among their like; undefined when they have none there. */
function inserted<T>(list: readonly T[], groups: readonly Group<T>[], { rankOf, follows }: Among<T>): T[] | undefined {
  if (groups.length === 0) return [...list]
  const out: T[] = []
  let next = 0
  let end: number | undefined
  for (const item of list) {
    const rank = rankOf(item)
    for (let g = groups[next]; rank && g?.rank && compareRanks(g.rank, rank) < 0; g = groups[++next])
      out.push(...g.items)
    out.push(item)
    if (rank || (end === out.length - 1 && follows?.(item))) end = out.length
  }
  if (end === undefined) return undefined
  out.splice(end, 0, ...groups.slice(next).flatMap((g) => g.items))
  return groups.every((g) => g.rank) ? out : undefined
}

/** Doors stand by their ports, after everything else; their lines come before those of `--link` only. */
function inOrderOfDoors({ nodes, edges }: Topology, { now, host }: Into): Topology {
  const known = new Map([...nodes, ...now.nodes.values()].flatMap((n) => (n.kind === 'entrance' ? [[n.id, n]] : [])))
  const lines = new Map<string, TopoEdge[]>()
  for (const e of [...edges, ...now.edges.values()]) {
    if (e.kind !== 'publish') continue
    const list = lines.get(e.source)
    if (list) list.push(e)
    else lines.set(e.source, [e])
  }
  const order = entrancesIn(host).map((e) => entranceId(host.host.id, e))
  const ids = [...new Set(order)].filter((id) => known.has(id))
  const links = edges.filter((e) => e.kind === 'link-option')
  return {
    nodes: [...nodes.filter((n) => n.kind !== 'entrance'), ...ids.flatMap((id) => known.get(id) ?? [])],
    edges: [
      ...edges.filter((e) => e.kind !== 'publish' && e.kind !== 'link-option'),
      ...ids.flatMap((id) => lines.get(id) ?? []),
      ...links,
    ],
  }
}
