import { bendEdges } from './layout/bends.ts'
import { type HostView, viewOf } from './layout/groups.ts'
import { leftWidth } from './layout/left.ts'
import { placeOutside } from './layout/outside.ts'
import { type HostPlan, placeHost, placePorts } from './layout/placeHost.ts'
import { settleHost } from './layout/settle.ts'
import { SIZE } from './layout/sizes.ts'
import { emptySticky, type StickyHost, type StickyLayout } from './layout/sticky.ts'
import type { Layout, Placed, Topology } from './topology.ts'

export { emptySticky, type StickyHost, type StickyLayout, type StickyRack, type StickyShelf } from './layout/sticky.ts'

/**
 * Where everything stands: segments at the left, NICs, doors, the IP stack, then bridges with their boxes on shelves,
 * bays below. `sticky` is what an earlier call returned: whoever stays does not move. Pure; `sticky` is not changed.
 */
export function layoutRack(
  topology: Topology,
  sticky: StickyLayout = emptySticky(),
): { layout: Layout; sticky: StickyLayout } {
  const view = viewOf(topology)
  const nodes = new Map<string, Placed>()
  const hosts: Record<string, StickyHost> = {}
  const plans = new Map<string, HostPlan>()
  const width = Math.max(0, ...view.hosts.map((h) => leftWidth(h.left)))
  let bottom = -Infinity
  for (const host of inOrder(view.hosts, sticky)) {
    const { hostId } = host.host
    const before = sticky.hosts[hostId]
    const fresh = bottom === -Infinity ? 0 : bottom + SIZE.hostReserve + SIZE.hostGap + SIZE.frameTop
    const pushed = bottom === -Infinity ? -Infinity : bottom + SIZE.hostGap / 2 + SIZE.frameTop
    const y = before ? Math.max(before.y, pushed) : fresh
    const last = host === view.hosts.at(-1)
    const settled = settleHost(host, before, { y, last })
    hosts[hostId] = settled
    const plan = placeHost(view, host, { sticky: settled, nodes, leftWidth: width })
    plans.set(hostId, plan)
    bottom = plan.frame.y + plan.frame.h / 2
  }
  // After all hosts: a port's far end may be on another one.
  placePorts(view, nodes)
  alignFrames([...plans.values()])
  placeOutside(view, [...plans.values()], nodes)
  const bends = bendEdges({ v: view, plans, nodes })
  return { layout: { nodes, bends, bounds: boundsOf(nodes) }, sticky: { version: 1, hosts } }
}

/** Frames of several hosts end at one line. */
function alignFrames(plans: readonly HostPlan[]): void {
  const left = Math.min(...plans.map((p) => p.frame.x - p.frame.w / 2))
  const right = Math.max(...plans.map((p) => p.frame.x + p.frame.w / 2))
  for (const { frame } of plans) {
    frame.x = (left + right) / 2
    frame.w = right - left
  }
}

/** Hosts that were there first, from top to bottom; new ones below them. */
function inOrder(hosts: HostView[], sticky: StickyLayout): HostView[] {
  const y = (h: HostView) => sticky.hosts[h.host.hostId]?.y ?? Infinity
  return hosts.sort((a, b) => (y(a) === y(b) ? 0 : y(a) - y(b)))
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
