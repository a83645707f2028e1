import type { Placed } from '../topology.ts'
import type { Group, HostView, View } from './groups.ts'
import { placeLeft } from './left.ts'
import { RAIL, SIZE } from './sizes.ts'
import { barRight, columnWidth, type StickyHost, type StickyRack, spanned } from './sticky.ts'

/** Where things of one host are, beside its nodes' rectangles: what edges are bent around. */
export type HostPlan = {
  frame: Placed
  stack: Placed
  /** Everything in the columns left of the stack. */
  left: Placed[]
  /** Right edge of the column of NICs. */
  leftRight: number
  /** The trunk's x of a box, in the gutter left of it. */
  trunk: Map<string, number>
  sticky: StickyHost
}

/** Puts all nodes of a host into `nodes`. */
export function placeHost(
  v: View,
  host: HostView,
  at: { sticky: StickyHost; nodes: Map<string, Placed>; leftWidth: number },
): HostPlan {
  const { sticky, nodes } = at
  const trunk = new Map<string, number>()
  const before = new Set(nodes.keys())
  for (const group of host.racks) placeRack(v, group, { ...at, trunk })
  for (const group of host.bays) placeBay(v, group, { ...at, trunk })
  const content = [...nodes].flatMap(([id, n]) => (before.has(id) ? [] : [n]))
  const bottom = Math.max(0, ...content.map((n) => n.y + n.h / 2 - sticky.y))
  const stackX = -SIZE.stackGap - SIZE.stack / 2
  const leftRight = stackX - SIZE.stack / 2 - SIZE.leftGap
  const left = placeLeft(sticky.left?.columns ?? [], { nodes, right: leftRight, top: sticky.y, width: at.leftWidth })
  const height = Math.max(bottom, left.height, SIZE.least)
  const stack = rect(stackX - SIZE.stack / 2, sticky.y - RAIL.stack, SIZE.stack, height + RAIL.stack)
  if (host.stack) nodes.set(host.stack.id, stack)
  const right = content.length === 0 ? -SIZE.stackGap : Math.max(...content.map((n) => n.x + n.w / 2))
  const frameLeft = left.x - SIZE.framePad
  const width = right + SIZE.framePad - frameLeft
  const frame = rect(frameLeft, sticky.y - SIZE.frameTop, width, height + SIZE.frameTop + SIZE.framePad)
  nodes.set(host.host.id, frame)
  const inLeft = host.left.flatMap((n) => nodes.get(n.id) ?? [])
  return { frame, stack, left: inLeft, leftRight, trunk, sticky }
}

export const rect = (left: number, top: number, w: number, h: number): Placed => ({
  x: left + w / 2,
  y: top + h / 2,
  w,
  h,
})

type Placing = { sticky: StickyHost; nodes: Map<string, Placed>; trunk: Map<string, number> }

function placeRack(v: View, group: Group, at: Placing): void {
  const rack = at.sticky.racks[group.node.id]
  if (!rack) return
  const y = at.sticky.y + rack.y
  at.nodes.set(group.node.id, rect(rack.x, y, barRight(rack) - rack.x, SIZE.bar))
  placeSeats(v, group, { ...at, rack, top: y + SIZE.bar + SIZE.drop })
}

function placeBay(v: View, group: Group, at: Placing): void {
  const rack = at.sticky.racks[group.node.id]
  if (!rack) return
  const y = at.sticky.y + rack.y
  placeSeats(v, group, { ...at, rack, top: y + SIZE.bayHead })
  // Only as large as what stands in it: free slots of a bay are not shown.
  const inside = new Set(rack.slots.slice(0, spanned(rack)).flat())
  const boxes = group.seats.flatMap((s) => (inside.has(s.id) ? (at.nodes.get(s.id) ?? []) : []))
  const right = Math.max(rack.x + columnWidth(rack), ...boxes.map((b) => b.x + b.w / 2))
  const bottom = Math.max(y + SIZE.bayHead, ...boxes.map((b) => b.y + b.h / 2))
  const left = rack.x - SIZE.bayPad
  at.nodes.set(group.node.id, rect(left, y, right + SIZE.bayPad - left, bottom + SIZE.bayPad - y))
}

function placeSeats(v: View, group: Group, at: Placing & { rack: StickyRack; top: number }): void {
  const { rack, nodes } = at
  const heights = new Map(group.seats.map((s) => [s.id, s.height]))
  rack.slots.forEach((column, c) => {
    for (let row = 0; row < column.length; row++) {
      const id = column[row]
      if (id === null || id === undefined || nodes.has(id)) continue
      const span = column.filter((s) => s === id).length
      const h = Math.min(heights.get(id) ?? 0, span * rack.slotH - SIZE.rowGap)
      const left = (rack.columns[c] ?? rack.x) + rack.gutter
      const box = rect(left, at.top + row * rack.slotH, rack.boxW, h)
      nodes.set(id, box)
      at.trunk.set(id, left - rack.gutter / 2)
      placeInterfaces(v, id, { box, nodes })
    }
  })
}

function placeInterfaces(v: View, id: string, { box, nodes }: { box: Placed; nodes: Map<string, Placed> }): void {
  const inside = v.inside.get(id) ?? []
  const top = box.y - box.h / 2 + 27
  const step = Math.min(24, (box.h - 33) / Math.max(1, inside.length))
  inside.forEach((n, i) => {
    nodes.set(n.id, { x: box.x, y: top + (i + 0.5) * step, w: box.w - 20, h: Math.max(2, step - 4) })
  })
}

/** A port's dot sits left of its container's box; one whose far end is elsewhere sits on its bridge's edge. */
export function placePorts(v: View, nodes: Map<string, Placed>, plans: ReadonlyMap<string, HostPlan>): void {
  const onBars = new Map<string, string[]>()
  for (const n of v.nodes.values()) {
    if (n.kind !== 'port' || nodes.has(n.id)) continue
    const end = v.farEnd.get(n.id)
    const inner = end === undefined ? undefined : nodes.get(end)
    const box = v.nodes.get(v.nodes.get(end ?? '')?.parent ?? '')
    const x = box && plans.get(box.hostId)?.trunk.get(box.id)
    if (inner && x !== undefined) nodes.set(n.id, { x, y: inner.y, w: SIZE.port, h: SIZE.port })
    else {
      const bridge = v.bridgeOf.get(n.id) ?? ''
      onBars.set(bridge, [...(onBars.get(bridge) ?? []), n.id])
    }
  }
  for (const [bridge, ports] of onBars) placeOnBar(nodes, bridge, ports)
}

function placeOnBar(nodes: Map<string, Placed>, bridge: string, ports: string[]): void {
  const bar = nodes.get(bridge)
  // viewOf put ports without a bridge into the left column, and every bridge is a bar.
  if (!bar) throw new Error(`the ports ${ports.join(', ')} have no place: ${bridge} is not among the bars`)
  const step = Math.min(18, (bar.w - 24) / ports.length)
  ports.forEach((id, i) => {
    nodes.set(id, { x: bar.x + bar.w / 2 - 14 - i * step, y: bar.y + bar.h / 2, w: SIZE.port, h: SIZE.port })
  })
}
