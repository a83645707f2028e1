import type { LeftColumns } from './left.ts'
import { SIZE } from './sizes.ts'

/** A bar (or bay) with its slots: a box keeps its slot while it lives. All x and y count from the host's origin. */
export type StickyRack = {
  x: number
  y: number
  /** Height of the shelf it belongs to: above it run the lines that lead here. */
  rail: number
  bay: boolean
  /** Width that the bar needs for its own text. */
  barW: number
  boxW: number
  gutter: number
  slotH: number
  /** Left edge of each column; columns that do not follow one another directly lie behind other racks. */
  columns: number[]
  /** Box in each slot, column by column; a tall box has several. */
  slots: (string | null)[][]
  /** Made while its boxes were folded into a block: opening them needs a new place. */
  folded: boolean
}

/**
 * Racks stand freely on a host's area; `width` is how far to the right they go before they go down, `h` the height below
 * `y` that is taken.
 */
export type StickyHost = {
  y: number
  h: number
  width: number
  racks: Record<string, StickyRack>
  /** What stands left of the stack; absent until it was arranged. */
  left?: LeftColumns
}

/** Where everything stood: plain data, kept between calls and saved per user. Without it everything is placed anew. */
export type StickyLayout = { version: 2; hosts: Record<string, StickyHost> }

export const emptySticky = (): StickyLayout => ({ version: 2, hosts: {} })

export const columnWidth = (r: StickyRack): number => r.gutter + r.boxW

export const rowsOf = (r: StickyRack): number => r.slots[0]?.length ?? 0

/** Height above the first row of boxes. */
export const headOf = (r: { bay: boolean }): number => (r.bay ? SIZE.bayHead : SIZE.bar + SIZE.drop)

/** How many columns follow the bar without a gap: those are what it spans. */
export function spanned(r: StickyRack): number {
  let n = 0
  while (n < r.columns.length && r.columns[n] === r.x + n * columnWidth(r)) n += 1
  return n
}

/** Right edge of the bar. */
export const barRight = (r: StickyRack): number => r.x + Math.max(r.barW, spanned(r) * columnWidth(r) + 8)

/** Lower edge of the rack with all its rows. */
export const bottomOf = (r: StickyRack): number =>
  r.y + headOf(r) + rowsOf(r) * r.slotH - SIZE.rowGap + (r.bay ? SIZE.bayPad : 0)

/** Right edge of everything that belongs to the rack. */
export const rightOf = (r: StickyRack): number =>
  Math.max(barRight(r) + (r.bay ? SIZE.bayPad : 0), ...r.columns.map((x) => x + columnWidth(r)))

/** Size of the area that a host's racks take. */
export function extentOf(racks: readonly StickyRack[]): { right: number; bottom: number } {
  return { right: Math.max(0, ...racks.map(rightOf)), bottom: Math.max(0, ...racks.map(bottomOf)) }
}
