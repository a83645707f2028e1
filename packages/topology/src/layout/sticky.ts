/** A bar (or bay) with its slots: a box keeps its slot while it lives. All x and y count from the host's origin. */
export type StickyRack = {
  shelf: number
  x: number
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

/** A shelf holds racks side by side; a bay has one for itself, so that it can grow. */
export type StickyShelf = { y: number; h: number; bay: boolean }

export type StickyHost = { y: number; width: number; shelves: StickyShelf[]; racks: Record<string, StickyRack> }

/** Where everything stood: plain data, kept between calls and saved per user. Without it everything is placed anew. */
export type StickyLayout = { version: 1; hosts: Record<string, StickyHost> }

export const emptySticky = (): StickyLayout => ({ version: 1, hosts: {} })

export const columnWidth = (r: StickyRack): number => r.gutter + r.boxW

export const rowsOf = (r: StickyRack): number => r.slots[0]?.length ?? 0

/** How many columns follow the bar without a gap: those are what it spans. */
export function spanned(r: StickyRack): number {
  let n = 0
  while (n < r.columns.length && r.columns[n] === r.x + n * columnWidth(r)) n += 1
  return n
}

/** Right edge of the bar. */
export const barRight = (r: StickyRack): number => r.x + Math.max(r.barW, spanned(r) * columnWidth(r) + 8)
