import type { Group, HostView } from './groups.ts'
import { barWidth, boxHeight, SIZE, SLACK } from './sizes.ts'
import type { StickyHost, StickyRack } from './sticky.ts'

/** Width to height that a host shall have: a little wider than a screen, for there is a column of NICs at its left. */
const ASPECT = 1.6
/** What stands left of the shelves. */
const LEFT = 330

/** Places a host's racks and bays anew: the shelf width that gives the best shape. */
export function packHost(view: HostView, y: number): StickyHost {
  const wants = view.racks.map(wantOf).sort((a, b) => b.slots - a.slots)
  const bays = view.bays.map(wantOf)
  const area = [...wants, ...bays].reduce((sum, w) => sum + w.slots * w.colW * w.slotH + 9000, 0)
  const ideal = Math.sqrt(area * ASPECT)
  let best: { host: StickyHost; score: number } | undefined
  for (const stretch of [0.6, 0.75, 0.9, 1, 1.15, 1.3, 1.6]) {
    for (const upright of [0.5, 0.8, 1.2, 1.8, 2.6]) {
      const host = pack({ wants, bays, width: Math.max(380, ideal * stretch), upright, y })
      const score = rate(host, [...wants, ...bays])
      if (!best || score < best.score) best = { host, score }
    }
  }
  // The loops above have run at least once.
  return best?.host ?? { y, width: 380, shelves: [], racks: {} }
}

/** The slot height that most of a group's boxes fit in; taller ones take two. */
export function slotHeight(group: Group): number {
  const heights = group.seats.map((s) => s.height).sort((a, b) => a - b)
  const common = heights[Math.floor(heights.length * 0.85)] ?? boxHeight(1)
  return Math.min(boxHeight(3), Math.max(boxHeight(1), common)) + SIZE.rowGap
}

/** `taken` slots are asked for, `slots` are given. */
type Want = { group: Group; taken: number; slots: number; slotH: number; colW: number }

/** A bay grows downwards, so it needs no slack. */
function wantOf(group: Group): Want {
  const slotH = slotHeight(group)
  const taken = group.seats.reduce((sum, s) => sum + Math.ceil((s.height + SIZE.rowGap) / slotH), 0)
  const slots = Math.max(1, Math.ceil(taken * (group.folded || group.bay ? 1 : SLACK)))
  return { group, taken, slots, slotH, colW: group.gutter + group.boxW }
}

type Packing = { wants: Want[]; bays: Want[]; width: number; upright: number; y: number }

function pack({ wants, bays, width, upright, y }: Packing): StickyHost {
  const host: StickyHost = { y, width, shelves: [], racks: {} }
  let x = 0
  for (const want of wants) {
    const last = host.shelves.at(-1)
    const w = last ? widthOf(want, last.h - SIZE.bar - SIZE.drop) : Infinity
    if (!last || x + w > width) {
      const rows = Math.max(tallest(want), Math.round(Math.sqrt((want.slots * want.colW * upright) / want.slotH)))
      addShelf(host, SIZE.bar + SIZE.drop + Math.min(rows, want.slots) * want.slotH - SIZE.rowGap, false)
      x = 0
    }
    x += seat(host, want, x) + SIZE.rackGap
  }
  packBays(host, bays, Math.max(width, x))
  return host
}

/** All bays share the lowest shelf, with as few rows as its width allows. */
function packBays(host: StickyHost, bays: Want[], width: number): void {
  if (bays.length === 0) return
  const widthAt = (rows: number) =>
    bays.reduce(
      (sum, b) => sum + Math.ceil(b.slots / Math.max(rows, tallest(b))) * b.colW + 2 * SIZE.bayPad + SIZE.rackGap,
      0,
    )
  let rows = 1
  while (widthAt(rows) > width && rows < 12) rows += 1
  const tall = (b: Want) => Math.max(Math.min(rows, b.slots), tallest(b)) * b.slotH
  addShelf(host, SIZE.bayHead + Math.max(...bays.map(tall)) - SIZE.rowGap + SIZE.bayPad, true)
  let x = SIZE.bayPad
  for (const bay of bays) x += seat(host, bay, x) + SIZE.rackGap
}

/** Slots of the tallest box: a column must have that many. */
const tallest = (w: Want): number =>
  Math.max(1, ...w.group.seats.map((s) => Math.ceil((s.height + SIZE.rowGap) / w.slotH)))

const widthOf = (w: Want, height: number): number => {
  const rows = Math.floor((height + SIZE.rowGap) / w.slotH)
  if (rows < tallest(w)) return Infinity
  return Math.max(barWidth(w.group.node), Math.ceil(w.slots / rows) * w.colW + 8)
}

function addShelf(host: StickyHost, h: number, bay: boolean): void {
  const last = host.shelves.at(-1)
  const gap = bay ? SIZE.shelfGap / 2 : SIZE.shelfGap
  host.shelves.push({ y: last ? last.y + last.h + gap : 0, h, bay })
}

/** Gives a group its columns at x on the last shelf; returns its width. */
function seat(host: StickyHost, { group, slots, slotH, colW }: Want, x: number): number {
  const shelf = host.shelves.length - 1
  const rack = newRack(group, { shelf, x, slotH, shelfH: host.shelves[shelf]?.h ?? slotH })
  const rows = rack.slots[0]?.length ?? 1
  for (let c = 1; c < Math.ceil(slots / rows); c++) {
    rack.columns.push(x + c * colW)
    rack.slots.push(Array.from({ length: rows }, () => null))
  }
  host.racks[group.node.id] = rack
  return Math.max(rack.barW, rack.columns.length * colW + 8)
}

/** A rack with one empty column as tall as its shelf allows. */
export function newRack(group: Group, at: { shelf: number; x: number; slotH: number; shelfH: number }): StickyRack {
  const head = group.bay ? SIZE.bayHead + SIZE.bayPad : SIZE.bar + SIZE.drop
  const rows = Math.max(1, Math.floor((at.shelfH - head + SIZE.rowGap) / at.slotH))
  return {
    shelf: at.shelf,
    x: at.x,
    barW: group.bay ? 0 : barWidth(group.node),
    boxW: group.boxW,
    gutter: group.gutter,
    slotH: at.slotH,
    columns: [at.x],
    slots: [Array.from({ length: rows }, () => null)],
    folded: group.folded,
  }
}

/** Distance from the wished shape, and the share of the picture that is empty. Smaller is better. */
function rate(host: StickyHost, wants: readonly Want[]): number {
  const racks = Object.values(host.racks)
  const right = Math.max(360, ...racks.map((r) => r.x + Math.max(r.barW, r.columns.length * (r.gutter + r.boxW))))
  const last = host.shelves.at(-1)
  const bottom = Math.max(160, last ? last.y + last.h : 0)
  const used = wants.reduce((sum, w) => sum + w.taken * w.colW * w.slotH + w.colW * SIZE.bar, 0)
  const shape = Math.abs(Math.log((right + LEFT) / (bottom + SIZE.frameTop) / ASPECT))
  return shape + 1.6 * (1 - used / (right * bottom))
}
