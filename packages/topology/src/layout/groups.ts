import type { TopoEdge, Topology, TopoNode } from '../topology.ts'
import { blockHeight, boxHeight, boxWidth, clamp, SIZE } from './sizes.ts'

/** A box (or block) that wants a slot. */
export type Seat = { id: string; height: number }
/** A bar or bay with what stands in it. */
export type Group = {
  node: TopoNode
  bay: boolean
  seats: Seat[]
  boxW: number
  gutter: number
  folded: boolean
  fromLeft: boolean
}
/** What one host has to place. */
export type HostView = { host: TopoNode; stack?: TopoNode; racks: Group[]; bays: Group[]; left: TopoNode[] }

export type View = {
  hosts: HostView[]
  nodes: Map<string, TopoNode>
  /** Interfaces of each box, in order. */
  inside: Map<string, TopoNode[]>
  /** The interface at the far end of a port. */
  farEnd: Map<string, string>
  /** The bridge a port is plugged into. */
  bridgeOf: Map<string, string>
  outside: TopoNode[]
  edges: TopoEdge[]
}

/** The topology sorted into what stands where. */
export function viewOf(t: Topology): View {
  const nodes = new Map(t.nodes.map((n) => [n.id, n]))
  const inside = groupBy(t.nodes, (n) =>
    n.kind === 'interface' && nodes.get(n.parent ?? '')?.kind === 'box' ? n.parent : undefined,
  )
  const farEnd = new Map<string, string>()
  const bridgeOf = new Map<string, string>()
  for (const e of t.edges) {
    if (e.kind === 'bridge-port') bridgeOf.set(e.source, e.target)
    if (e.kind !== 'veth') continue
    if (isInside(nodes, e.target)) farEnd.set(e.source, e.target)
    if (isInside(nodes, e.source)) farEnd.set(e.target, e.source)
  }
  const outside = t.nodes.filter(
    (n) => ['segment', 'peer'].includes(n.kind) || n.memberKind === 'peer' || n.memberKind === 'segment',
  )
  const placement = { nodes, inside, farEnd, bridgeOf, outside, edges: t.edges }
  const byHost = groupBy(t.nodes, (n) => n.hostId)
  const frames = t.nodes.filter((n) => n.kind === 'host')
  return { ...placement, hosts: frames.map((host) => hostView(placement, host, byHost.get(host.hostId) ?? [])) }
}

type Placement = Omit<View, 'hosts'>

function hostView(v: Placement, host: TopoNode, mine: TopoNode[]): HostView {
  const standing = mine.filter((n) => n.kind === 'box' || n.kind === 'block')
  const seated = groupBy(
    standing,
    (n) => n.rack ?? (v.nodes.get(n.parent ?? '')?.kind === 'bay' ? n.parent : undefined),
  )
  const fromLeft = hangingFromLeft(v)
  const group = (node: TopoNode) =>
    groupOf(v, { node, boxes: seated.get(node.id) ?? [], fromLeft: fromLeft.has(node.id) })
  const stack = mine.find((n) => n.kind === 'stack')
  return {
    host,
    ...(stack ? { stack } : {}),
    racks: mine.filter((n) => isBar(n)).map(group),
    bays: mine.filter((n) => n.kind === 'bay').map(group),
    left: leftOf(v, mine),
  }
}

/** What stands between the outside and the stack, from top to bottom. */
function leftOf(v: Placement, mine: TopoNode[]): TopoNode[] {
  const loose = (n: TopoNode) =>
    (n.kind === 'interface' && v.nodes.get(n.parent ?? '')?.kind !== 'box') ||
    (n.kind === 'port' && !v.farEnd.has(n.id) && !v.bridgeOf.has(n.id))
  const of = (kind: string) =>
    mine.filter((n) => n.kind === kind || (n.kind === 'block' && n.memberKind === kind && n.rack === undefined))
  const folded = mine.filter((n) => n.memberKind === 'port' || n.memberKind === 'interface')
  return [...of('nic'), ...of('tunnel'), ...mine.filter(loose), ...folded, ...of('entrance'), ...of('resident')]
}

/** A folded set of bars takes the place of one. */
const isBar = (n: TopoNode): boolean =>
  n.kind === 'bridge' ||
  n.kind === 'macvlan' ||
  (n.kind === 'block' && (n.memberKind === 'bridge' || n.memberKind === 'macvlan'))

type Standing = { node: TopoNode; boxes: TopoNode[]; fromLeft: boolean }

function groupOf(v: Placement, { node, boxes, fromLeft }: Standing): Group {
  const widths = boxes.map((b) => boxWidth(b, v.inside.get(b.id) ?? [])).sort((a, b) => a - b)
  const boxW = clamp(widths[Math.floor(widths.length * 0.9)] ?? 0, 128, 196)
  const bay = node.kind === 'bay'
  const cabled = boxes.some((b) => (v.inside.get(b.id) ?? []).length > 0)
  return {
    node,
    bay,
    boxW,
    gutter: bay && !cabled ? SIZE.bareGutter : SIZE.gutter,
    folded: boxes.some((b) => b.kind === 'block'),
    fromLeft,
    seats: boxes.map((b) => ({ id: b.id, height: seatHeight(v, b, boxW) })),
  }
}

/** Bars whose parent, tunnel or NIC stands in the left column. */
function hangingFromLeft(v: Placement): Set<string> {
  const bars = new Set<string>()
  for (const e of v.edges) {
    if (e.kind === 'macvlan') bars.add(e.source)
    if (e.kind === 'bridge-port' && v.nodes.get(e.source)?.kind !== 'port') bars.add(e.target)
  }
  return bars
}

const seatHeight = (v: Placement, box: TopoNode, boxW: number): number =>
  box.kind === 'block' ? blockHeight(box.members?.length ?? 0, boxW) : boxHeight((v.inside.get(box.id) ?? []).length)

const isInside = (nodes: ReadonlyMap<string, TopoNode>, id: string): boolean => {
  const node = nodes.get(id)
  return node?.kind === 'interface' && nodes.get(node.parent ?? '')?.kind === 'box'
}

function groupBy<T>(list: readonly T[], key: (item: T) => string | undefined): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of list) {
    const k = key(item)
    if (k === undefined) continue
    const group = groups.get(k)
    if (group) group.push(item)
    else groups.set(k, [item])
  }
  return groups
}
