import { RAIL, SIZE } from './sizes.ts'
import { barRight, bottomOf, columnWidth, rightOf, type StickyRack, spanned } from './sticky.ts'

type Area = { left: number; right: number; top: number; bottom: number }

/** What else is there, and how far down a rack may reach. */
export type Space = { solids: Area[]; wires: Area[]; limit: number }

export const spaceOf = (others: readonly StickyRack[], limit: number): Space => ({
  solids: others.flatMap(solids),
  wires: others.flatMap(wires),
  limit,
})

/** Whether a rack can stand there: on nobody, under nobody's lines, its own lines over nobody. */
export function isFree(rack: StickyRack, space: Space): boolean {
  if (bottomOf(rack) > space.limit) return false
  const mine = solids(rack)
  const [bar, ...apart] = mine
  if (bar && meet([bar], apart, 0)) return false
  return !(
    meet(mine, space.solids, SIZE.stackedGap) ||
    meet(mine, space.wires, 0) ||
    meet(wires(rack), space.solids, 0)
  )
}

export type Spot = { x: number; y: number; rail: number }

/** Where a rack could begin when everything is placed anew: beside and below of each, and on a new shelf. */
export function freshSpots(others: readonly StickyRack[], bay: boolean): Spot[] {
  const inset = bay ? SIZE.bayPad : 0
  const bottom = others.length === 0 ? 0 : Math.max(...others.map(bottomOf)) + gapAbove(bay)
  return [
    { x: inset, y: bottom, rail: bottom },
    ...others.map((r) => ({ x: rightOf(r) + SIZE.rackGap + inset, y: r.rail, rail: r.rail })),
    ...others.map((r) => below(r, inset)),
  ]
}

/** Where a rack could begin among others that came and went: also in the gaps that they left, on shelves of any height. */
export function spots(others: readonly StickyRack[], bay: boolean): Spot[] {
  const inset = bay ? SIZE.bayPad : 0
  const rails = [...new Set([0, ...others.flatMap((r) => [r.rail, bottomOf(r) + gapAbove(bay)])])]
  const xs = [...new Set([0, ...others.map((r) => rightOf(r) + SIZE.rackGap)])].map((x) => x + inset)
  return [...rails.flatMap((rail) => xs.map((x) => ({ x, y: rail, rail }))), ...others.map((r) => below(r, inset))]
}

const gapAbove = (bay: boolean): number => (bay ? SIZE.bayGap : SIZE.shelfGap)

const below = (r: StickyRack, inset: number): Spot => ({
  x: r.x - (r.bay ? SIZE.bayPad : 0) + inset,
  y: bottomOf(r) + SIZE.stackedGap,
  rail: r.rail,
})

/** What boxes, bars and bays cover. A column behind other racks has its way up to the rail for itself. */
function solids(r: StickyRack): Area[] {
  const pad = r.bay ? SIZE.bayPad : 0
  const bottom = bottomOf(r)
  const apart = r.columns.slice(spanned(r))
  return [
    { left: r.x - pad, right: barRight(r) + pad, top: r.y, bottom },
    ...apart.map((x) => ({ left: x, right: x + columnWidth(r), top: r.rail, bottom })),
  ]
}

/** Where lines to the rack run: over its shelf, and down beside it when it does not stand at the shelf's top. */
function wires(r: StickyRack): Area[] {
  const rail = { left: 0, right: rightOf(r), top: r.rail - (r.bay ? RAIL.route + 2 : RAIL.parent + 4), bottom: r.rail }
  if (r.y === r.rail) return [rail]
  const left = r.x - (r.bay ? SIZE.bayPad : 0) - SIZE.lane
  return [rail, { left: left - 8, right: left + 8, top: r.rail, bottom: r.y + SIZE.bar }]
}

const meet = (a: readonly Area[], b: readonly Area[], gap: number): boolean =>
  a.some((p) =>
    b.some((q) => p.left < q.right + gap && q.left < p.right + gap && p.top < q.bottom + gap && q.top < p.bottom + gap),
  )
