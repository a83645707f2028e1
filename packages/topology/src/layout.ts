import { bendEdges } from './layout/bends.ts'
import { type HostView, type View, viewOf } from './layout/groups.ts'
import { columnsHeight, isSnug, leftRoom, settleLeft } from './layout/left.ts'
import { placeOutside } from './layout/outside.ts'
import { packHost, packHosts } from './layout/pack.ts'
import { type HostPlan, placeHost, placePorts } from './layout/placeHost.ts'
import { settleHost } from './layout/settle.ts'
import { SIZE } from './layout/sizes.ts'
import { emptySticky, extentOf, type StickyHost, type StickyLayout } from './layout/sticky.ts'
import type { Layout, Placed, Topology, TopoNode } from './topology.ts'

export { emptySticky, type StickyHost, type StickyLayout, type StickyRack } from './layout/sticky.ts'

/** Width to height of the window that a new arrangement is made for. */
const ASPECT = 16 / 9
/** Frames at least this wide, compared with the widest, end at its right edge. */
const ALIGNED = 0.72
/** Kept places that make the picture so much smaller than new ones would, in zoom, are not worth keeping. */
const WORTH = 0.7

export type LayoutOptions = {
  /** Width to height of the window; only what is placed anew heeds it. */
  aspect?: number
}

/**
 * Where everything stands: segments at the left, NICs, doors, the IP stack, then bridges with their boxes, bays between
 * and below. `sticky` is what an earlier call returned: whoever stays does not move. Pure; `sticky` is not changed.
 */
export function layoutRack(
  topology: Topology,
  sticky: StickyLayout = emptySticky(),
  { aspect = ASPECT }: LayoutOptions = {},
): { layout: Layout; sticky: StickyLayout } {
  const view = viewOf(topology)
  const nodes = new Map<string, Placed>()
  const hosts = settle(view, sticky, aspect)
  const width = Math.max(0, ...view.hosts.map(({ host }) => hosts[host.hostId]?.left?.width ?? 0))
  const plans = new Map<string, HostPlan>()
  for (const host of view.hosts) {
    const settled = hosts[host.host.hostId]
    if (settled) plans.set(host.host.hostId, placeHost(view, host, { sticky: settled, nodes, leftWidth: width }))
  }
  // After all hosts: a port's far end may be on another one.
  placePorts(view, nodes, plans)
  alignFrames([...plans.values()])
  placeOutside(view, [...plans.values()], nodes)
  const bends = bendEdges({ v: view, plans, nodes })
  return { layout: { nodes, bends, bounds: boundsOf(nodes) }, sticky: { version: 2, hosts } }
}

/**
 * The places to start a visit with: the kept ones of the hosts that are there, or none when what came and went has left
 * so many holes that a new arrangement shows everything much larger. So with the columns at the left of each host.
 */
export function compact(sticky: StickyLayout, topology: Topology, options: LayoutOptions = {}): StickyLayout {
  const kept = viewOf(topology).hosts.flatMap(({ host, left }) => {
    const places = sticky.hosts[host.hostId]
    return places ? [[host.hostId, withSnugLeft(left, places, limitOf(places, sticky))] as const] : []
  })
  if (kept.length === 0) return emptySticky()
  const start: StickyLayout = { version: 2, hosts: Object.fromEntries(kept) }
  const zoom = (from: StickyLayout): number => {
    const { w, h } = layoutRack(topology, from, options).layout.bounds
    return Math.min((options.aspect ?? ASPECT) / Math.max(1, w), 1 / Math.max(1, h))
  }
  return zoom(start) < WORTH * zoom(emptySticky()) ? emptySticky() : start
}

/** Every host's slots. Hosts that were there stay; new ones come where there is room between them, else below. */
function settle(view: View, sticky: StickyLayout, aspect: number): Record<string, StickyHost> {
  const here = new Set(view.hosts.map((h) => h.host.hostId))
  const out: Record<string, StickyHost> = {}
  // A host that is away keeps its place.
  const taken = Object.entries(sticky.hosts).flatMap(([id, h]) => (here.has(id) ? [] : [spanOf(h)]))
  for (const host of view.hosts) {
    const before = sticky.hosts[host.host.hostId]
    if (!before) continue
    const settled = settleOne(host, before, limitOf(before, sticky))
    out[host.host.hostId] = settled
    taken.push(spanOf(settled))
  }
  const fresh = view.hosts.filter((h) => !sticky.hosts[h.host.hostId])
  const known = Object.values(out)
  const width = Math.max(0, ...known.map((h) => Math.max(h.width, extentOf(Object.values(h.racks)).right)))
  const packed = known.length > 0 ? fresh.map((h) => packHost(h, width)) : packHosts(fresh, aspect)
  for (const [i, host] of fresh.entries()) {
    const start = packed[i]
    if (!start) continue
    const settled = settleOne(host, start, Infinity)
    settled.y = freeY(spanOf(settled), taken)
    out[host.host.hostId] = settled
    taken.push(spanOf(settled))
  }
  return out
}

function settleOne(host: HostView, before: StickyHost, limit: number): StickyHost {
  const settled = settleHost(host, before, limit)
  const { bottom } = extentOf(Object.values(settled.racks))
  settled.left = settleLeft(host.left, before.left, leftRoom(bottom, limit))
  settled.h = Math.max(bottom, columnsHeight(settled.left.columns), SIZE.least)
  return settled
}

function withSnugLeft(nodes: readonly TopoNode[], host: StickyHost, limit: number): StickyHost {
  const { left, ...rest } = host
  const room = leftRoom(extentOf(Object.values(host.racks)).bottom, limit)
  return left && isSnug(nodes, left, room) ? host : rest
}

/** From the upper to the lower edge of a host's frame. */
type Span = { top: number; bottom: number }

const spanOf = ({ y, h }: StickyHost): Span => ({ top: y - SIZE.frameTop, bottom: y + h + SIZE.framePad })

/** How far down a host may reach, from its origin: to the next one below. */
function limitOf(host: StickyHost, sticky: StickyLayout): number {
  const below = Object.values(sticky.hosts).flatMap((h) => (h.y > host.y ? [h.y] : []))
  return Math.min(...below) - host.y - SIZE.frameTop - SIZE.hostGap - SIZE.framePad
}

/** The first origin between or below the others where such a span fits. */
function freeY({ top, bottom }: Span, taken: readonly Span[]): number {
  const sorted = taken.toSorted((a, b) => a.top - b.top)
  let from = Math.min(-SIZE.frameTop, sorted[0]?.top ?? 0)
  for (const span of sorted) {
    if (span.top - SIZE.hostGap >= from + bottom - top) break
    from = Math.max(from, span.bottom + SIZE.hostGap)
  }
  return from + SIZE.frameTop
}

/** Frames that are nearly as wide as the widest end at its right edge. */
function alignFrames(plans: readonly HostPlan[]): void {
  const right = Math.max(...plans.map((p) => p.frame.x + p.frame.w / 2))
  const widest = Math.max(...plans.map((p) => p.frame.w))
  for (const { frame } of plans) {
    if (frame.w < widest * ALIGNED) continue
    const left = frame.x - frame.w / 2
    frame.x = (left + right) / 2
    frame.w = right - left
  }
}

function boundsOf(nodes: ReadonlyMap<string, Placed>): Layout['bounds'] {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity]
  for (const n of nodes.values()) {
    left = Math.min(left, n.x - n.w / 2)
    top = Math.min(top, n.y - n.h / 2)
    right = Math.max(right, n.x + n.w / 2)
    bottom = Math.max(bottom, n.y + n.h / 2)
  }
  return nodes.size === 0 ? { x: 0, y: 0, w: 0, h: 0 } : { x: left, y: top, w: right - left, h: bottom - top }
}
