import type { Placed, TopoEdge, TopoNode } from '../topology.ts'
import type { View } from './groups.ts'
import type { HostPlan } from './placeHost.ts'
import { RAIL, SIZE } from './sizes.ts'
import { barRight } from './sticky.ts'

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
      return target.kind === 'stack' ? [{ x: plan.stack.x - plan.stack.w / 2, y: from.y }] : undefined
    case 'bridge-port':
      return edge.secondary ? undefined : plugBends(b, ends)
    case 'macvlan':
      return source.kind === 'macvlan' ? parentBends(ends) : childBends(b, ends)
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

/** From the stack: straight to the left, or along the rail above the shelf. */
function routeBends(b: Bending, { target, to, plan }: Ends): Point[] {
  const { stack } = plan
  if (to.x < stack.x) return [{ x: stack.x - stack.w / 2, y: to.y }]
  const bar = target.kind === 'port' ? (b.v.nodes.get(b.v.farEnd.get(target.id) ?? '')?.parent ?? '') : target.id
  const box = b.v.nodes.get(bar)
  const rack = plan.sticky.racks[bar] ? bar : (box?.rack ?? box?.parent ?? '')
  const y = plan.shelfY(rack) - RAIL.route
  const right = { x: stack.x + stack.w / 2, y }
  return target.kind === 'port' ? [right, { x: to.x, y }] : [right, { x: to.x, y }, { x: to.x, y: to.y - to.h / 2 }]
}

/** From a port to its bar: up the trunk; from behind other racks along the lower side of the bars; from the left over a rail. */
function plugBends(b: Bending, { source, target, from, to, plan }: Ends): Point[] | undefined {
  const bottom = to.y + to.h / 2
  if (from.x < plan.stack.x) return overRail(plan, { from, to, rail: plan.shelfY(target.id) - RAIL.tunnel, inset: 24 })
  const folded = source.kind === 'block' && source.rack === target.id ? plan.trunk.get(source.id) : undefined
  if (folded !== undefined)
    return [
      { x: from.x - from.w / 2, y: from.y },
      { x: folded, y: from.y },
      ...trunkBends(plan, { rack: target.id, x: folded, to, bottom }),
    ]
  const box = b.v.nodes.get(b.v.nodes.get(b.v.farEnd.get(source.id) ?? '')?.parent ?? '')
  if (!box) return undefined
  if (box.rack !== target.id) return undefined
  return trunkBends(plan, { rack: target.id, x: from.x, to, bottom })
}

function childBends(b: Bending, { edge, source, target, from, to, plan }: Ends): Point[] | undefined {
  const box = b.v.nodes.get(source.parent ?? '')
  if (from.x < plan.stack.x) return overRail(plan, { from, to, rail: plan.shelfY(target.id) - RAIL.parent, inset: 40 })
  const trunk = plan.trunk.get(box?.id ?? '')
  if (edge.secondary || box?.rack !== target.id || trunk === undefined) return undefined
  return [{ x: trunk, y: from.y }, ...trunkBends(plan, { rack: target.id, x: trunk, to, bottom: to.y + to.h / 2 })]
}

function trunkBends(
  plan: HostPlan,
  { rack, x, to, bottom }: { rack: string; x: number; to: Placed; bottom: number },
): Point[] {
  const sticky = plan.sticky.racks[rack]
  const right = sticky ? barRight(sticky) : to.x + to.w / 2
  if (x < right) return [{ x, y: bottom }]
  const y = bottom + SIZE.drop / 2
  return [
    { x, y },
    { x: right - 8, y },
    { x: right - 8, y: bottom },
  ]
}

/** A macvlan bar reaches its parent over a rail above its shelf, then down the lane beside the NICs. */
function parentBends({ from, to, plan, source }: Ends): Point[] {
  const rail = plan.shelfY(source.id) - RAIL.parent
  return overRail(plan, { from: to, to: from, rail, inset: 40 }).reverse()
}

/** From the right side of something in the left column to the upper side of a bar. */
function overRail(plan: HostPlan, o: { from: Placed; to: Placed; rail: number; inset: number }): Point[] {
  const x = o.to.x - o.to.w / 2 + o.inset
  return [
    { x: o.from.x + o.from.w / 2, y: o.from.y },
    { x: plan.lane, y: o.from.y },
    { x: plan.lane, y: o.rail },
    { x, y: o.rail },
    { x, y: o.to.y - o.to.h / 2 },
  ]
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
  const x = Math.min(...[...b.plans.values()].map((p) => p.frame.x - p.frame.w / 2)) - 40
  return [
    { x: from.x - from.w / 2, y: from.y },
    { x, y: from.y },
    { x, y: to.y },
    { x: to.x + to.w / 2, y: to.y },
  ]
}

function farTunnelBends(b: Bending, { from, to, plan, target }: Ends): Point[] {
  const other = b.plans.get(target.hostId)
  const edge = (p: HostPlan) => p.frame.x - p.frame.w / 2
  const x = Math.min(edge(plan), other ? edge(other) : Infinity) - 22
  return [
    { x: from.x - from.w / 2, y: from.y },
    { x, y: from.y },
    { x, y: to.y },
    { x: to.x - to.w / 2, y: to.y },
  ]
}
