import type { Group, HostView } from './groups.ts'
import { leftHeight } from './left.ts'
import { barWidth, boxHeight, SIZE, slotsFor } from './sizes.ts'
import { extent, freshSpots, isFree, type Outline, occupy, type Space, type Spot, spaceOf, spots } from './space.ts'
import { extentOf, headOf, type StickyHost, type StickyRack } from './sticky.ts'

/** What the whole picture shall fit into at full size, in model pixels: a window's map, without its margins. */
const WINDOW = { h: 730 }
/** What stands left of the shelves: segments, NICs, the stack. */
const LEFT = 620
/** A picture that is smaller than the window has this shape, width to height. */
const CALM = 2.1

/** Places the racks and bays of hosts that stand one below the other: at that width they are largest in a window. */
export function packHosts(views: readonly HostView[], aspect: number): StickyHost[] {
  const wanted = views.map((v) => ({
    racks: v.racks.map(wantOf).sort(byPlace),
    bays: v.bays.map(wantOf),
    left: v.left,
  }))
  const all = wanted.flatMap((w) => [...w.racks, ...w.bays])
  const area = all.reduce((sum, w) => sum + w.slots * w.colW * w.slotH + 9000, 0)
  const ideal = Math.sqrt(area * aspect)
  let best: { hosts: StickyHost[]; score: number; stretch: number } | undefined
  const attempt = (stretch: number): void => {
    const width = Math.max(340, Math.round(ideal * stretch))
    const hosts = wanted.map((w) => lowest(w, width))
    const score = rate(hosts, wanted, aspect)
    if (!best || score > best.score) best = { hosts, score, stretch }
  }
  // Very many racks fill any width well.
  for (const stretch of all.length > MANY ? [1.1] : WIDTHS) attempt(stretch)
  const around = best?.stretch ?? 1
  if (all.length <= MANY) for (const factor of NEARBY) attempt(around * factor)
  return best?.hosts ?? []
}

const MANY = 60
/** Shares of the width that would do without any gaps; then those around the best. */
const WIDTHS = [0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.3, 1.5, 1.8, 2.2]
const NEARBY = [0.9, 0.95, 1.05, 1.1]

/** Places one host's racks and bays anew within a width that others have already. */
export function packHost(view: HostView, width: number): StickyHost {
  const racks = view.racks.map(wantOf).sort(byPlace)
  return lowest({ racks, bays: view.bays.map(wantOf), left: view.left }, width)
}

/** A new rack or bay where there is room for it: rather in a gap than below, rather below than beyond the width. */
export function addRack(host: StickyHost, group: Group, limit: number): StickyRack {
  const want = wantOf(group)
  const rack = seat(host, want, { space: spaceOf(Object.values(host.racks), limit), rows: ROWS, strict: false })
  host.racks[group.node.id] = rack
  return rack
}

/** The slot height that most of a group's boxes fit in; taller ones take two. */
export function slotHeight(group: Group): number {
  const heights = group.seats.map((s) => s.height).sort((a, b) => a - b)
  const common = heights[Math.floor(heights.length * 0.85)] ?? boxHeight(1)
  return Math.min(boxHeight(3), Math.max(boxHeight(1), common)) + SIZE.rowGap
}

type Want = { group: Group; slots: number; tallest: number; slotH: number; colW: number }
type Wanted = { racks: Want[]; bays: Want[]; left: HostView['left'] }

function wantOf(group: Group): Want {
  const slotH = slotHeight(group)
  const spans = group.seats.map((s) => Math.ceil((s.height + SIZE.rowGap) / slotH))
  const taken = spans.reduce((a, b) => a + b, 0)
  const slots = slotsFor(taken, group.folded || group.bay)
  return { group, slots, tallest: Math.max(1, ...spans), slotH, colW: group.gutter + group.boxW }
}

/** What hangs from a NIC or tunnel stands first, so that its line is short; then the largest. */
const byPlace = (a: Want, b: Want): number => Number(b.group.fromLeft) - Number(a.group.fromLeft) || b.slots - a.slots

/** The lowest of several packings in that width. */
function lowest(wanted: Wanted, width: number): StickyHost {
  const most = Math.max(1, ...[...wanted.racks, ...wanted.bays].map((w) => Math.max(w.slots, w.tallest)))
  let best: { host: StickyHost; score: number } | undefined
  for (const rows of ROWS) {
    if (rows > most && rows > 1) break
    const host: StickyHost = { y: 0, h: 0, width, racks: {} }
    const space = spaceOf([], Infinity)
    const seating = { space, rows: [rows, Math.ceil(rows / 2), 1], strict: true }
    for (const want of [...wanted.racks, ...wanted.bays]) {
      const rack = seat(host, want, seating)
      host.racks[want.group.node.id] = rack
      occupy(space, rack)
    }
    const { right, bottom } = extent(space)
    const score = Math.max(bottom, leftHeight(wanted.left, bottom)) + 0.1 * right + 0.02 * bottom
    if (!best || score < best.score) best = { host, score }
  }
  return best?.host ?? { y: 0, h: 0, width, racks: {} }
}

const ROWS = [1, 2, 3, 4, 5, 6, 8, 10, 13, 17, 22]

type Seating = { space: Space; rows: readonly number[]; strict: boolean }

/** The cheapest place and shape for a rack; on a strict host, within its width. */
function seat(host: StickyHost, want: Want, { space, rows, strict }: Seating): StickyRack {
  const places = (strict ? freshSpots : spots)(space, want.group.bay)
  const now = extent(space)
  let best: { spot: Spot; shape: Shape; cost: number } | undefined
  for (const shape of shapes(want, rows)) {
    const { w, h } = sizeOf(want, shape)
    for (const spot of places) {
      const over = Math.max(0, spot.x + w - host.width)
      if (strict && over > 0 && spot.x > SIZE.bayPad) continue
      const deeper = Math.max(0, spot.y + h - now.bottom)
      const cost = over * 3 + deeper * 2 + 0.2 * (spot.x + w) + 0.05 * spot.y
      if (best && cost >= best.cost) continue
      if (isFree(outlineAt(want, spot, { w, h }), space)) best = { spot, shape, cost }
    }
  }
  if (best) return rackAt(want, best.spot, best.shape)
  // No room above the limit: right of everything there always is.
  const x = now.right + SIZE.rackGap + (want.group.bay ? SIZE.bayPad : 0)
  return rackAt(want, { x, y: 0, rail: 0 }, { rows: want.tallest, columns: Math.ceil(want.slots / want.tallest) })
}

type Shape = { rows: number; columns: number }

/** Shapes with about so many rows, none higher than its columns need. */
function shapes({ slots, tallest }: Want, choice: readonly number[]): Shape[] {
  const found = new Map<number, Shape>()
  for (const rows of choice) {
    const columns = Math.max(1, Math.ceil(slots / Math.max(tallest, rows)))
    if (!found.has(columns)) found.set(columns, { columns, rows: Math.max(tallest, Math.ceil(slots / columns)) })
  }
  return [...found.values()]
}

/** From a rack's x to its right edge, from its y to its lower one. */
function sizeOf({ group, slotH, colW }: Want, { rows, columns }: Shape): { w: number; h: number } {
  const pad = group.bay ? SIZE.bayPad : 0
  const bar = group.bay ? 0 : barWidth(group.node)
  return { w: Math.max(bar, columns * colW + 8) + pad, h: headOf(group) + rows * slotH - SIZE.rowGap + pad }
}

/** The outline of what `rackAt` would make there. */
function outlineAt({ group: { bay } }: Want, { x, y, rail }: Spot, { w, h }: { w: number; h: number }): Outline {
  const right = x + w
  return { x, y, rail, bay, barRight: right - (bay ? SIZE.bayPad : 0), right, bottom: y + h, apart: NOWHERE }
}

const NOWHERE: Outline['apart'] = []

function rackAt({ group, slotH, colW }: Want, spot: { x: number; y: number; rail: number }, shape: Shape): StickyRack {
  return {
    ...spot,
    bay: group.bay,
    barW: group.bay ? 0 : barWidth(group.node),
    boxW: group.boxW,
    gutter: group.gutter,
    slotH,
    columns: Array.from({ length: shape.columns }, (_, c) => spot.x + c * colW),
    slots: Array.from({ length: shape.columns }, () => Array.from({ length: shape.rows }, () => null)),
    folded: group.folded,
  }
}

/** How large the picture is in a window: its zoom, and a little for a calm shape and a small area. */
function rate(hosts: readonly StickyHost[], wanted: readonly Wanted[], aspect: number): number {
  let [w, h] = [360, 0]
  for (const [i, host] of hosts.entries()) {
    const { right, bottom } = extentOf(Object.values(host.racks))
    w = Math.max(w, right)
    h += Math.max(bottom, leftHeight(wanted[i]?.left ?? [], bottom)) + SIZE.frameTop + SIZE.framePad + SIZE.hostGap
  }
  const zoom = Math.min(1, (WINDOW.h * aspect) / (w + LEFT), WINDOW.h / h)
  return zoom - (zoom < 0.95 ? 0.02 : 0.1) * Math.abs(Math.log((w + LEFT) / h / CALM))
}
