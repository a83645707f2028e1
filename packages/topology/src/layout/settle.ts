import type { Group, HostView, Seat } from './groups.ts'
import { addRack } from './pack.ts'
import { SIZE, slotsFor } from './sizes.ts'
import { isFree, outlineOf, spaceOf } from './space.ts'
import {
  bottomOf,
  columnWidth,
  extentOf,
  rightOf,
  rowsOf,
  type StickyHost,
  type StickyRack,
  spanned,
} from './sticky.ts'

/** Wider than this a frame gets only when it has to. */
const WIDEST = 2400
/** A rack that can grow to both sides gets no higher than this. */
const MOST_ROWS = 12

/**
 * A host's slots after the change: who stays keeps its slot, who left frees it, who came gets the first free one. Racks
 * that left free their area; rows and columns that nobody needs are given back. `limit`: how far down it may reach.
 */
export function settleHost(view: HostView, before: StickyHost, limit: number): StickyHost {
  const groups = [...view.racks, ...view.bays]
  const host = structuredClone(before)
  const known = new Set(groups.map((g) => g.node.id))
  for (const id of Object.keys(host.racks)) if (!known.has(id)) delete host.racks[id]
  // What was made for a folded block has no room for what was in it: opened, it gets a new place.
  for (const group of groups) if (host.racks[group.node.id]?.folded && !group.folded) delete host.racks[group.node.id]
  // First everybody who leaves, then everybody who comes: what became free can be used.
  for (const group of groups) vacate(host.racks[group.node.id], group)
  for (const group of groups) {
    const rack = host.racks[group.node.id] ?? addRack(host, group, limit)
    seatAll(host, { group, rack, limit })
  }
  return host
}

/** Frees the slots of boxes that are gone, then gives back outermost columns and rows, all but one that is not needed. */
function vacate(rack: StickyRack | undefined, group: Group): void {
  if (!rack) return
  const seats = new Map(group.seats.map((s) => [s.id, s]))
  for (const column of rack.slots)
    for (const [i, id] of column.entries()) if (id !== null && !seats.has(id)) column[i] = null
  const taken = group.seats.reduce((sum, s) => sum + spanOf(rack, s), 0)
  const needed = slotsFor(taken, group.folded || group.bay)
  const tallest = Math.max(1, ...group.seats.map((s) => spanOf(rack, s)))
  const empty = (column: readonly (string | null)[] | undefined) => column?.every((s) => s === null) ?? false
  // One is left to spare: as a bar shrinks, every line that goes round to its end moves.
  while (rack.columns.length > 1 && empty(rack.slots.at(-1)) && (rack.columns.length - 2) * rowsOf(rack) >= needed) {
    rack.columns.pop()
    rack.slots.pop()
  }
  const idle = () => rack.slots.every((column) => column.at(-1) === null)
  while (rowsOf(rack) > tallest && idle() && rack.columns.length * (rowsOf(rack) - 2) >= needed)
    for (const column of rack.slots) column.pop()
}

type Seating = { group: Group; rack: StickyRack; limit: number }

function seatAll(host: StickyHost, { group, rack, limit }: Seating): void {
  const seated = new Set(rack.slots.flat())
  for (const seat of group.seats) if (seated.has(seat.id)) stretch(rack, seat)
  for (const seat of group.seats) {
    if (seated.has(seat.id)) continue
    while (!take(rack, seat)) grow(host, { group, rack, limit })
  }
}

/** Takes the first free run of slots; a box that is taller than a whole column has to shrink into one. */
function take(rack: StickyRack, seat: Seat): boolean {
  const span = Math.min(spanOf(rack, seat), Math.max(1, rowsOf(rack)))
  for (const column of rack.slots)
    for (let row = 0; row + span <= column.length; row++)
      if (column.slice(row, row + span).every((s) => s === null)) {
        column.fill(seat.id, row, row + span)
        return true
      }
  return false
}

const spanOf = (rack: StickyRack, seat: Seat): number => Math.ceil((seat.height + SIZE.rowGap) / rack.slotH)

/** A box that grew takes the slots below it if they are free; one that shrank gives them back. */
function stretch(rack: StickyRack, seat: Seat): void {
  const span = spanOf(rack, seat)
  for (const column of rack.slots) {
    const first = column.indexOf(seat.id)
    if (first < 0) continue
    for (let row = first; row < column.length; row++) {
      const mine = column[row] === seat.id
      if (row >= first + span) column[row] = mine ? null : (column[row] ?? null)
      else if (mine || column[row] === null) column[row] = seat.id
      else return
    }
    return
  }
}

/** One row or column more, rather within the frame than beyond it; when all sides are taken, a column at the far end. */
function grow(host: StickyHost, { rack, limit }: Seating): void {
  const others = Object.values(host.racks).filter((r) => r !== rack)
  const frame = extentOf(Object.values(host.racks))
  const space = spaceOf(others, limit)
  const free = (r: StickyRack) => isFree(outlineOf(r), space)
  const taller = withRow(rack)
  const wider = withColumn(rack)
  const low = free(taller)
  const beside = free(wider)
  // A bay's boxes that no longer fit in stand outside of it: nobody moves.
  if (low && bottomOf(taller) <= frame.bottom) Object.assign(rack, taller)
  else if (beside && rightOf(wider) <= Math.max(host.width, frame.right)) Object.assign(rack, wider)
  else if (low && rowsOf(rack) < MOST_ROWS) Object.assign(rack, taller)
  else if (beside && rightOf(wider) <= WIDEST) Object.assign(rack, wider)
  else if (low) Object.assign(rack, taller)
  else addColumn(rack, rack.columns.length, frame.right + SIZE.rackGap)
}

function withRow(rack: StickyRack): StickyRack {
  return { ...rack, slots: rack.slots.map((column) => [...column, null]) }
}

function withColumn(rack: StickyRack): StickyRack {
  const wider = { ...rack, columns: [...rack.columns], slots: [...rack.slots] }
  addColumn(wider, spanned(rack))
  return wider
}

function addColumn(rack: StickyRack, index: number, x = rack.x + spanned(rack) * columnWidth(rack)): void {
  const rows = Math.max(1, rowsOf(rack))
  rack.columns.splice(index, 0, x)
  rack.slots.splice(
    index,
    0,
    Array.from({ length: rows }, () => null),
  )
}
