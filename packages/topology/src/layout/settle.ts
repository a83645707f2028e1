import type { Group, HostView, Seat } from './groups.ts'
import { newRack, packHost, slotHeight } from './pack.ts'
import { barWidth, SIZE } from './sizes.ts'
import { barRight, columnWidth, rowsOf, type StickyHost, type StickyRack } from './sticky.ts'

/** Wider than this a frame gets only when it has to. */
const WIDEST = 2400

/** A host's slots after the change: who stays keeps its slot, who left frees it, who came gets the first free one. */
export function settleHost(
  view: HostView,
  before: StickyHost | undefined,
  at: { y: number; last: boolean },
): StickyHost {
  const groups = [...view.racks, ...view.bays]
  const opened = groups.some((g) => before?.racks[g.node.id]?.folded === true && !g.folded)
  const host = before && !opened ? structuredClone(before) : packHost(view, at.y)
  host.y = at.y
  const known = new Set(groups.map((g) => g.node.id))
  for (const id of Object.keys(host.racks)) if (!known.has(id)) delete host.racks[id]
  for (const group of groups) {
    const rack = host.racks[group.node.id] ?? addRack(host, group)
    seatAll(host, { group, rack, last: at.last })
    // A shelf that has become wide makes room for the others: the frame is as wide as the widest.
    const right = Math.max(barRight(rack), ...rack.columns.map((x) => x + columnWidth(rack)))
    host.width = Math.max(host.width, Math.min(right, WIDEST))
  }
  return host
}

type Seating = { group: Group; rack: StickyRack; last: boolean }

function seatAll(host: StickyHost, { group, rack, last }: Seating): void {
  const seats = new Map(group.seats.map((s) => [s.id, s]))
  const seated = new Set<string>()
  for (const column of rack.slots)
    column.forEach((id, i) => {
      if (id !== null && !seats.has(id)) column[i] = null
      else if (id !== null) seated.add(id)
    })
  for (const seat of group.seats) if (seated.has(seat.id)) stretch(rack, seat)
  for (const seat of group.seats) {
    if (seated.has(seat.id)) continue
    while (!take(rack, seat)) grow(host, { group, rack, last })
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

/** One column more beside the rack, one row more on the bottom shelf, or a column at the far end of the shelf. */
function grow(host: StickyHost, { group, rack, last }: Seating): void {
  const width = columnWidth(rack)
  const next = rack.x + rack.columns.length * width
  const taken = intervals(host, rack.shelf)
  const gap = SIZE.rackGap
  const others = taken.filter((i) => i.rack !== rack)
  const beside = others.every((i) => i.to <= next || i.from >= next + width + gap)
  const straight = rack.columns.every((x, c) => x === rack.x + c * width)
  const lowest = rack.shelf === host.shelves.length - 1
  const downwards = lowest && (last || group.bay) && rowsOf(rack) < 12
  if (downwards && (next + width > host.width || !(beside && straight))) addRow(host, rack)
  else if (beside && straight) addColumn(rack, next)
  else if (group.bay) moveToOwnShelf(host, group, rack)
  else addColumn(rack, Math.max(...taken.map((i) => i.to)) + (taken.at(-1)?.rack === rack ? 0 : 8))
}

/** A bay is one area: when it can grow to no side it has to go where it can. */
function moveToOwnShelf(host: StickyHost, group: Group, rack: StickyRack): void {
  const width = columnWidth(rack)
  rack.shelf = addShelf(host, { group, slotH: rack.slotH, rows: rowsOf(rack) })
  rack.x = SIZE.bayPad
  rack.columns = rack.columns.map((_, c) => rack.x + c * width)
}

function addColumn(rack: StickyRack, x: number): void {
  const rows = Math.max(1, rowsOf(rack))
  rack.columns.push(x)
  rack.slots.push(Array.from({ length: rows }, () => null))
}

function addRow(host: StickyHost, rack: StickyRack): void {
  for (const column of rack.slots) column.push(null)
  const shelf = host.shelves[rack.shelf]
  if (!shelf) return
  const head = shelf.bay ? SIZE.bayHead + SIZE.bayPad : SIZE.bar + SIZE.drop
  shelf.h = Math.max(shelf.h, head + rowsOf(rack) * rack.slotH - SIZE.rowGap)
}

type Interval = { from: number; to: number; rack: StickyRack }

/** What is taken on a shelf, from left to right. */
function intervals(host: StickyHost, shelf: number): Interval[] {
  const taken: Interval[] = []
  for (const rack of Object.values(host.racks)) {
    if (rack.shelf !== shelf) continue
    taken.push({ from: rack.x, to: barRight(rack), rack })
    for (const x of rack.columns) taken.push({ from: x, to: x + columnWidth(rack), rack })
  }
  return taken.sort((a, b) => a.to - b.to)
}

/** A new rack goes where a shelf has room for it, else onto a shelf of its own. Bays have shelves of their own. */
function addRack(host: StickyHost, group: Group): StickyRack {
  const slotH = slotHeight(group)
  const tall = Math.max(1, ...group.seats.map((s) => Math.ceil((s.height + SIZE.rowGap) / slotH)))
  const inner = tall * slotH - SIZE.rowGap
  const text = group.bay ? 0 : barWidth(group.node)
  const width = Math.max(text, group.gutter + group.boxW + 8) + (group.bay ? SIZE.bayPad : 0)
  const spot = findSpot(host, { width, height: headOf(group) + inner, bay: group.bay })
  const rows = group.bay ? tall : Math.max(2, tall)
  const made = spot ?? { shelf: addShelf(host, { group, slotH, rows }), x: group.bay ? SIZE.bayPad : 0 }
  const rack = newRack(group, { ...made, slotH, shelfH: host.shelves[made.shelf]?.h ?? slotH })
  host.racks[group.node.id] = rack
  return rack
}

const headOf = (group: Group): number => (group.bay ? SIZE.bayHead + SIZE.bayPad : SIZE.bar + SIZE.drop)

type Wanted = { width: number; height: number; bay: boolean }

function findSpot(host: StickyHost, want: Wanted): { shelf: number; x: number } | undefined {
  for (const [shelf, s] of host.shelves.entries()) {
    if (s.bay !== want.bay || s.h < want.height) continue
    let x = want.bay ? SIZE.bayPad : 0
    for (const i of intervals(host, shelf).sort((a, b) => a.from - b.from)) {
      if (i.from >= x + want.width + SIZE.rackGap) break
      x = Math.max(x, i.to + SIZE.rackGap)
    }
    if (x + want.width <= host.width) return { shelf, x }
  }
  return undefined
}

function addShelf(host: StickyHost, { group, slotH, rows }: { group: Group; slotH: number; rows: number }): number {
  const last = host.shelves.at(-1)
  const gap = group.bay ? SIZE.shelfGap / 2 : SIZE.shelfGap
  const h = headOf(group) + rows * slotH - SIZE.rowGap
  host.shelves.push({ y: last ? last.y + last.h + gap : 0, h, bay: group.bay })
  return host.shelves.length - 1
}
