import type { Group, HostView } from './groups.ts'
import { leftHeight } from './left.ts'
import { barWidth, boxHeight, SIZE, slotsFor } from './sizes.ts'
import { freshSpots, isFree, type Outline, occupy, type Space, type Spot, spaceOf, spots } from './space.ts'
import { headOf, type StickyHost, type StickyRack } from './sticky.ts'

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
  let best: { packings: Packing[]; score: number; stretch: number } | undefined
  const attempt = (stretch: number): void => {
    const width = Math.max(340, Math.round(ideal * stretch))
    const packings = wanted.map((w) => lowest(w, width))
    const score = rate(packings, aspect)
    if (!best || score > best.score) best = { packings, score, stretch }
  }
  // Very many racks fill any width well.
  for (const stretch of all.length > MANY ? [1.1] : WIDTHS) attempt(stretch)
  const around = best?.stretch ?? 1
  if (all.length <= MANY) for (const factor of NEARBY) attempt(around * factor)
  return best?.packings.map(hostOf) ?? []
}

const MANY = 60
/** Shares of the width that would do without any gaps; then those around the best. */
const WIDTHS = [0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.3, 1.5, 1.8, 2.2]
const NEARBY = [0.9, 0.95, 1.05, 1.1]

/** Places one host's racks and bays anew within a width that others have already. */
export function packHost(view: HostView, width: number): StickyHost {
  const racks = view.racks.map(wantOf).sort(byPlace)
  return hostOf(lowest({ racks, bays: view.bays.map(wantOf), left: view.left }, width))
}

/** A new rack or bay where there is room for it: rather in a gap than below, rather below than beyond the width. */
export function addRack(host: StickyHost, group: Group, limit: number): StickyRack {
  const want = wantOf(group)
  const space = spaceOf(Object.values(host.racks), limit)
  const rack = rackAt(want, seat(want, { space, width: host.width, rows: ROWS, strict: false }))
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

/** Where each of a host's racks and bays would stand: hundreds are tried for the one that is made. `h` is with the left columns. */
type Packing = { width: number; seats: readonly Seated[]; right: number; h: number }
type Seated = { want: Want; at: Seat }

/** The lowest of several packings in that width. */
function lowest({ racks, bays, left }: Wanted, width: number): Packing {
  const wants = [...racks, ...bays]
  const most = Math.max(1, ...wants.map((w) => Math.max(w.slots, w.tallest)))
  let best: { packing: Packing; score: number } | undefined
  for (const rows of ROWS) {
    if (rows > most && rows > 1) break
    const space = spaceOf([], Infinity)
    const seating = { space, width, rows: [rows, Math.ceil(rows / 2), 1], strict: true }
    const seats = wants.map((want) => {
      const at = seat(want, seating)
      occupy(space, outlineAt(want, at.spot, sizeOf(want, at.shape)))
      return { want, at }
    })
    const { right, bottom } = space
    const h = Math.max(bottom, leftHeight(left, bottom))
    const score = h + 0.1 * right + 0.02 * bottom
    if (!best || score < best.score) best = { packing: { width, seats, right, h }, score }
  }
  return best?.packing ?? { width, seats: [], right: 0, h: 0 }
}

function hostOf({ width, seats }: Packing): StickyHost {
  const racks = seats.map(({ want, at }) => [want.group.node.id, rackAt(want, at)] as const)
  return { y: 0, h: 0, width, racks: Object.fromEntries(racks) }
}

const ROWS = [1, 2, 3, 4, 5, 6, 8, 10, 13, 17, 22]

type Seat = { spot: Spot; shape: Shape }
type Seating = { space: Space; width: number; rows: readonly number[]; strict: boolean }

/** The cheapest place and shape for a rack; a strict one is within the width. */
function seat(want: Want, { space, width, rows, strict }: Seating): Seat {
  const places = (strict ? freshSpots : spots)(space, want.group.bay)
  let best: (Seat & { cost: number }) | undefined
  for (const shape of shapes(want, rows)) {
    const { w, h } = sizeOf(want, shape)
    for (const spot of places) {
      const over = Math.max(0, spot.x + w - width)
      if (strict && over > 0 && spot.x > SIZE.bayPad) continue
      const deeper = Math.max(0, spot.y + h - space.bottom)
      const cost = over * 3 + deeper * 2 + 0.2 * (spot.x + w) + 0.05 * spot.y
      if (best && cost >= best.cost) continue
      if (isFree(outlineAt(want, spot, { w, h }), space)) best = { spot, shape, cost }
    }
  }
  if (best) return best
  // No room above the limit: right of everything there always is.
  const x = space.right + SIZE.rackGap + (want.group.bay ? SIZE.bayPad : 0)
  return { spot: { x, y: 0, rail: 0 }, shape: { rows: want.tallest, columns: Math.ceil(want.slots / want.tallest) } }
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

function rackAt({ group, slotH, colW }: Want, { spot, shape }: Seat): StickyRack {
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
function rate(packings: readonly Packing[], aspect: number): number {
  let [w, h] = [360, 0]
  for (const packing of packings) {
    w = Math.max(w, packing.right)
    h += packing.h + SIZE.frameTop + SIZE.framePad + SIZE.hostGap
  }
  const zoom = Math.min(1, (WINDOW.h * aspect) / (w + LEFT), WINDOW.h / h)
  return zoom - (zoom < 0.95 ? 0.02 : 0.1) * Math.abs(Math.log((w + LEFT) / h / CALM))
}
