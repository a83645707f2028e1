import { RAIL, SIZE } from './sizes.ts'
import { barRight, bottomOf, columnWidth, rightOf, type StickyRack, spanned } from './sticky.ts'

type Area = { left: number; right: number; top: number; bottom: number }

/** What else is there, and how far down a rack may reach; `right` and `bottom` are the size of the area that is taken. */
export type Space = {
  outlines: Outline[]
  solids: Area[]
  wires: Area[]
  limit: number
  right: number
  bottom: number
  /** Where the next one could begin, but for a bay's padding. */
  beside: Spot[]
  below: Spot[]
}

export function spaceOf(others: readonly StickyRack[], limit: number): Space {
  const space: Space = { outlines: [], solids: [], wires: [], limit, right: 0, bottom: 0, beside: [], below: [] }
  for (const rack of others) occupy(space, outlineOf(rack))
  return space
}

/** One more rack is there. */
export function occupy(space: Space, outline: Outline): void {
  const { x, rail, right, bottom } = outline
  space.outlines.push(outline)
  space.solids.push(...solids(outline))
  space.wires.push(...wires(outline))
  space.right = Math.max(space.right, right)
  space.bottom = Math.max(space.bottom, bottom)
  space.beside.push({ x: right + SIZE.rackGap, y: rail, rail })
  space.below.push({ x: x - (outline.bay ? SIZE.bayPad : 0), y: bottom + SIZE.stackedGap, rail })
}

/** Where a rack stands or would stand, without its slots: thousands are tried for each that is made. */
export type Outline = {
  x: number
  y: number
  rail: number
  bay: boolean
  /** Right edge of the bar, and of everything that belongs to the rack. */
  barRight: number
  right: number
  bottom: number
  /** Left and right edges of columns that lie behind other racks. */
  apart: readonly { left: number; right: number }[]
}

export const outlineOf = (r: StickyRack): Outline => ({
  x: r.x,
  y: r.y,
  rail: r.rail,
  bay: r.bay,
  barRight: barRight(r),
  right: rightOf(r),
  bottom: bottomOf(r),
  apart: r.columns.slice(spanned(r)).map((left) => ({ left, right: left + columnWidth(r) })),
})

/** Whether a rack can stand there: on nobody, under nobody's lines, its own lines over nobody. */
export function isFree(rack: Outline, space: Space): boolean {
  if (rack.bottom > space.limit) return false
  const pad = rack.bay ? SIZE.bayPad : 0
  const bar = { left: rack.x - pad, right: rack.barRight + pad, top: rack.y, bottom: rack.bottom }
  if (meets(bar, space.solids, SIZE.stackedGap) || meets(bar, space.wires, 0)) return false
  for (const area of apart(rack))
    if (meets(area, [bar], 0) || meets(area, space.solids, SIZE.stackedGap) || meets(area, space.wires, 0)) return false
  return !wires(rack).some((wire) => meets(wire, space.solids, 0))
}

export type Spot = { x: number; y: number; rail: number }

/** Where a rack could begin when everything is placed anew: beside and below of each, and on a new shelf. */
export function freshSpots({ outlines, bottom, beside, below }: Space, bay: boolean): Spot[] {
  const y = outlines.length === 0 ? 0 : bottom + gapAbove(bay)
  return inset([{ x: 0, y, rail: y }, ...beside, ...below], bay)
}

/** Where a rack could begin among others that came and went: also in the gaps that they left, on shelves of any height. */
export function spots({ outlines, below }: Space, bay: boolean): Spot[] {
  const rails = [...new Set([0, ...outlines.flatMap((r) => [r.rail, r.bottom + gapAbove(bay)])])]
  const xs = [...new Set([0, ...outlines.map((r) => r.right + SIZE.rackGap)])]
  return inset([...rails.flatMap((rail) => xs.map((x) => ({ x, y: rail, rail }))), ...below], bay)
}

const inset = (spots: Spot[], bay: boolean): Spot[] =>
  bay ? spots.map((spot) => ({ ...spot, x: spot.x + SIZE.bayPad })) : spots

const gapAbove = (bay: boolean): number => (bay ? SIZE.bayGap : SIZE.shelfGap)

/** What boxes, bars and bays cover. */
function solids(r: Outline): Area[] {
  const pad = r.bay ? SIZE.bayPad : 0
  return [{ left: r.x - pad, right: r.barRight + pad, top: r.y, bottom: r.bottom }, ...apart(r)]
}

/** A column behind other racks has its way up to the rail for itself. */
const apart = (r: Outline): Area[] => r.apart.map(({ left, right }) => ({ left, right, top: r.rail, bottom: r.bottom }))

/** Where lines to the rack run: over its shelf, and down beside it when it does not stand at the shelf's top. */
function wires(r: Outline): Area[] {
  const rail = { left: 0, right: r.right, top: r.rail - (r.bay ? RAIL.route + 2 : RAIL.parent + 4), bottom: r.rail }
  if (r.y === r.rail) return [rail]
  const left = r.x - (r.bay ? SIZE.bayPad : 0) - SIZE.lane
  return [rail, { left: left - 8, right: left + 8, top: r.rail, bottom: r.y + SIZE.bar }]
}

/** Thousands of times per arrangement: no callbacks. */
function meets(a: Area, others: readonly Area[], gap: number): boolean {
  for (let i = 0; i < others.length; i++) {
    const b = others[i]
    if (b && a.left < b.right + gap && b.left < a.right + gap && a.top < b.bottom + gap && b.top < a.bottom + gap)
      return true
  }
  return false
}
