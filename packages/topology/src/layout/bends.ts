import type { Placed, TopoEdge, TopoNode } from '../topology.ts'
import type { View } from './groups.ts'
import type { HostPlan } from './placeHost.ts'
import { RAIL, SIZE } from './sizes.ts'
import { barRight, type StickyRack } from './sticky.ts'

type Point = { x: number; y: number }
type Bending = { v: View; plans: ReadonlyMap<string, HostPlan>; nodes: ReadonlyMap<string, Placed> }

/** The corners of every edge that does not run straight, from source to target. */
export function bendEdges(b: Bending): Map<string, Point[]> {
  const bends = new Map<string, Point[]>()
  for (const edge of b.v.edges) {
    const points = bend(b, edge)
    if (points && points.length > 0) bends.set(edge.id, points)
  }
  return bends
}

type Ends = { edge: TopoEdge; source: TopoNode; target: TopoNode; from: Placed; to: Placed; plan: HostPlan }

function bend(b: Bending, edge: TopoEdge): Point[] | undefined {
  const source = b.v.nodes.get(edge.source)
  const target = b.v.nodes.get(edge.target)
  const from = b.nodes.get(edge.source)
  const to = b.nodes.get(edge.target)
  const plan = b.plans.get(source?.hostId ?? '')
  if (!source || !target || !from || !to || !plan) return undefined
  const ends = { edge, source, target, from, to, plan }
  switch (edge.kind) {
    case 'route':
      return routeBends(b, ends)
    case 'publish':
    case 'shares':
      return target.kind === 'stack' ? toStack(plan, from) : undefined
    case 'bridge-port':
      return edge.secondary ? undefined : plugBends(b, ends)
    case 'macvlan':
      return isChildrensBar(source) ? parentBends(ends) : childBends(b, ends)
    case 'lower':
      return lowerBends(ends)
    case 'segment':
      return segmentBends(b, ends)
    case 'tunnel':
      return target.kind === 'tunnel' ? farTunnelBends(b, ends) : undefined
    default:
      return undefined
  }
}

const isChildrensBar = (n: TopoNode): boolean => n.kind === 'macvlan' || n.memberKind === 'macvlan'

/** From the stack: straight to the left, or along the rail above the shelf. */
function routeBends(b: Bending, { target, to, plan }: Ends): Point[] {
  const { stack } = plan
  if (to.x < stack.x) return toStack(plan, to).reverse()
  const bar = target.kind === 'port' ? (b.v.nodes.get(b.v.farEnd.get(target.id) ?? '')?.parent ?? '') : target.id
  const box = b.v.nodes.get(bar)
  const rack = plan.sticky.racks[bar] ?? plan.sticky.racks[box?.rack ?? box?.parent ?? '']
  const x = stack.x + stack.w / 2
  if (!rack) return [{ x, y: to.y }]
  const y = railOf(plan, rack) - RAIL.route
  if (target.kind !== 'port') return [{ x, y }, ...fromRail({ rack, to, y, x: to.x })]
  if (rack.y === rack.rail)
    return [
      { x, y },
      { x: to.x, y },
    ]
  const above = plan.sticky.y + rack.y - SIZE.stackedGap / 2
  const lane = laneOf(rack)
  return [
    { x, y },
    { x: lane, y },
    { x: lane, y: above },
    { x: to.x, y: above },
  ]
}

const railOf = (plan: HostPlan, rack: StickyRack): number => plan.sticky.y + rack.rail

/** The lane left of a rack that does not stand at the top of its shelf. */
const laneOf = (rack: StickyRack): number => rack.x - (rack.bay ? SIZE.bayPad : 0) - SIZE.lane

type Landing = { rack: StickyRack; to: Placed; y: number; x: number }

/** From the rail at height y onto a bar: down to its upper side at x, or down the lane to its left side. */
function fromRail({ rack, to, y, x }: Landing): Point[] {
  if (rack.y === rack.rail)
    return [
      { x, y },
      { x, y: to.y - to.h / 2 },
    ]
  const lane = laneOf(rack)
  return [
    { x: lane, y },
    { x: lane, y: to.y },
    { x: to.x - to.w / 2, y: to.y },
  ]
}

/** From something in the left columns to the stack: level, or through a gap between what stands nearer to the stack. */
function toStack(plan: HostPlan, from: Placed): Point[] {
  const x = plan.stack.x - plan.stack.w / 2
  const { y, lane } = wayOut(plan, from)
  if (y === from.y) return [{ x, y }]
  return [
    { x: lane, y: from.y },
    { x: lane, y },
    { x, y },
  ]
}

/** The height nearest to a node's own at which nothing stands between it and the stack. */
function wayOut(plan: HostPlan, from: Placed): { y: number; lane: number } {
  const right = from.x + from.w / 2
  const { taken, free, lane } = gapsBeside(plan, right)
  if (!hits(taken, from.y)) return { y: from.y, lane }
  const away = (y: number): number => Math.abs(y - from.y)
  return {
    y: free.reduce<number | undefined>((a, y) => (a === undefined || away(y) < away(a) ? y : a), undefined) ?? from.y,
    lane,
  }
}

/**
 * What stands between x and the stack, the heights just above and below all of it that are free, and where the way up and down is:
 * right of the whole column, for doors stand further left than what else is in it.
 */
type Gaps = { taken: readonly Placed[]; free: readonly number[]; lane: number }

/** Those in one column have the same: there are hundreds of doors, and a few columns. */
const gaps = new WeakMap<HostPlan, Map<number, Gaps>>()

function gapsBeside(plan: HostPlan, right: number): Gaps {
  const known = gaps.get(plan) ?? new Map<number, Gaps>()
  gaps.set(plan, known)
  const found = known.get(right)
  if (found) return found
  const taken = plan.left.filter((n) => n.x - n.w / 2 > right)
  const edges = taken.flatMap((n) => [n.y - n.h / 2 - 4.5, n.y + n.h / 2 + 4.5])
  const column = plan.left.filter((n) => n.x - n.w / 2 <= right)
  const lane = Math.max(right, ...column.map((n) => n.x + n.w / 2)) + 15
  const made = { taken, free: edges.filter((y) => !hits(taken, y)), lane }
  known.set(right, made)
  return made
}

const hits = (taken: readonly Placed[], y: number): boolean => taken.some((n) => Math.abs(n.y - y) < n.h / 2 + 3)

/** From a port to its bar: up the trunk; from behind other racks over the rail; from the left over a rail. */
function plugBends(b: Bending, { source, target, from, to, plan }: Ends): Point[] | undefined {
  const rack = plan.sticky.racks[target.id]
  if (!rack) return undefined
  if (from.x < plan.stack.x) return overRail(plan, { from, to, rack, kind: 'tunnel' })
  const folded = source.kind === 'block' && source.rack === target.id ? plan.trunk.get(source.id) : undefined
  if (folded !== undefined)
    return [
      { x: from.x - from.w / 2, y: from.y },
      { x: folded, y: from.y },
      ...trunkBends(plan, { rack, x: folded, to }),
    ]
  const box = b.v.nodes.get(b.v.nodes.get(b.v.farEnd.get(source.id) ?? '')?.parent ?? '')
  return box?.rack === target.id ? trunkBends(plan, { rack, x: from.x, to }) : undefined
}

function childBends(b: Bending, { edge, source, target, from, to, plan }: Ends): Point[] | undefined {
  const rack = plan.sticky.racks[target.id]
  if (!rack) return undefined
  const box = b.v.nodes.get(source.parent ?? '')
  if (from.x < plan.stack.x) return overRail(plan, { from, to, rack, kind: 'parent' })
  const x = plan.trunk.get(box?.id ?? '')
  if (edge.secondary || box?.rack !== target.id || x === undefined) return undefined
  return [{ x, y: from.y }, ...trunkBends(plan, { rack, x, to })]
}

/** Up the trunk to the bar's lower side; from a column behind other racks up to the rail and back. */
function trunkBends(plan: HostPlan, { rack, x, to }: { rack: StickyRack; x: number; to: Placed }): Point[] {
  const right = barRight(rack)
  if (x < right) return [{ x, y: to.y + to.h / 2 }]
  const y = railOf(plan, rack) - RAIL.trunk
  return [{ x, y }, ...fromRail({ rack, to, y, x: right - 8 })]
}

/** A macvlan bar reaches its parent over a rail above its shelf, then down the lane beside the NICs. */
function parentBends({ from, to, plan, source }: Ends): Point[] | undefined {
  const rack = plan.sticky.racks[source.id]
  return rack && overRail(plan, { from: to, to: from, rack, kind: 'parent' }).reverse()
}

/** From the right side of something in the left column, over the stack's top, to a bar. */
function overRail(
  plan: HostPlan,
  o: { from: Placed; to: Placed; rack: StickyRack; kind: 'tunnel' | 'parent' },
): Point[] {
  const way = wayOut(plan, o.from)
  const [side, inset] = o.kind === 'tunnel' ? [15, 24] : [26, 40]
  const lane = plan.leftRight + side
  const top = plan.sticky.y - RAIL[o.kind]
  const y = railOf(plan, o.rack) - RAIL[o.kind]
  const down = -side
  const start = { x: o.from.x + o.from.w / 2, y: o.from.y }
  const aside =
    way.y === o.from.y
      ? []
      : [
          { x: way.lane, y: o.from.y },
          { x: way.lane, y: way.y },
        ]
  const rise = [
    { x: lane, y: way.y },
    { x: lane, y: top },
  ]
  const fall =
    y === top
      ? []
      : [
          { x: down, y: top },
          { x: down, y },
        ]
  const land = fromRail({ rack: o.rack, to: o.to, y, x: o.to.x - o.to.w / 2 + inset })
  return [start, ...aside, ...rise, ...fall, ...land]
}

/** Down the left side of the column, past what stands between. */
function lowerBends({ from, to, plan }: Ends): Point[] | undefined {
  const left = from.x - from.w / 2
  if (from.x > plan.stack.x || to.x > plan.stack.x) return undefined
  return [
    { x: left, y: from.y },
    { x: left - 11, y: from.y },
    { x: left - 11, y: to.y },
    { x: to.x - to.w / 2, y: to.y },
  ]
}

/** From a NIC to a segment that is not right opposite: over a lane outside of all hosts. */
function segmentBends(b: Bending, { from, to }: Ends): Point[] | undefined {
  if (Math.abs(from.y - to.y) < 1) return undefined
  const x = leftOf(b) - 40
  return [
    { x: from.x - from.w / 2, y: from.y },
    { x, y: from.y },
    { x, y: to.y },
    { x: to.x + to.w / 2, y: to.y },
  ]
}

/** From host to host: down the margin left of all frames, beside the segment's line. */
function farTunnelBends(b: Bending, { from, to }: Ends): Point[] {
  const x = leftOf(b) - 24
  return [
    { x: from.x - from.w / 2, y: from.y },
    { x, y: from.y },
    { x, y: to.y },
    { x: to.x - to.w / 2, y: to.y },
  ]
}

const leftOf = (b: Bending): number => Math.min(...[...b.plans.values()].map((p) => p.frame.x - p.frame.w / 2))
