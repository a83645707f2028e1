import type { Placed, TopoNode } from '../topology.ts'
import { clamp, SIZE, textWidth } from './sizes.ts'

const HEIGHT: Readonly<Record<string, number>> = {
  nic: 36,
  tunnel: 36,
  interface: 28,
  port: 12,
  entrance: 26,
  resident: 34,
  block: 64,
}

/** A place in a column, for a kind of node: what stood there may be gone, and its like may come. */
export type LeftSlot = { id: string | null; kind: string }
/** Doors of one that was made as the outermost stand in the host's wall. */
export type LeftColumn = { wall: boolean; slots: LeftSlot[] }
/** Columns from the outermost to the innermost, all of one width. */
export type LeftColumns = { width: number; columns: LeftColumn[] }

/** How high a column should get before there is another, and how far down it may reach at all. */
export type LeftRoom = { room: number; limit: number }

export const leftRoom = (shelves: number, limit = Infinity): LeftRoom => ({
  room: Math.min(Math.max(shelves, 480), limit),
  limit,
})

/**
 * Who stands where left of the stack: NICs, tunnels, doors and residents. Who was there keeps its place, who comes gets one
 * that is free, else one below, else one in a column of its own at the left. Only what stands above all others, a NIC or
 * what was folded, lets all be arranged anew.
 */
export function settleLeft(left: readonly TopoNode[], before: LeftColumns | undefined, room: LeftRoom): LeftColumns {
  return (before && keep(left, before, room)) ?? arrange(left, room)
}

/** Whether kept columns are about as good as new ones: no higher or more, with few holes, and wide enough for every text. */
export function isSnug(left: readonly TopoNode[], kept: LeftColumns, room: LeftRoom): boolean {
  const [now, anew] = [settleLeft(left, kept, room), arrange(left, room)]
  const slots = now.columns.flatMap((column) => column.slots)
  const isLow = columnsHeight(now.columns) <= 1.25 * Math.max(room.room, columnsHeight(anew.columns))
  const isFull = slots.length <= 1.5 * left.length + 4
  return isLow && isFull && now.columns.length <= anew.columns.length && now.width >= anew.width
}

/** NICs end up outermost. */
function arrange(left: readonly TopoNode[], { room }: LeftRoom): LeftColumns {
  const columns = split(left, room).map((column, at) => ({
    wall: at === 0,
    slots: column.map(({ id, kind }): LeftSlot => ({ id, kind })),
  }))
  return { width: leftWidth(left), columns }
}

function keep(left: readonly TopoNode[], before: LeftColumns, room: LeftRoom): LeftColumns | undefined {
  const here = new Map(left.map(({ id, kind }) => [id, kind]))
  const isHere = ({ id, kind }: LeftSlot): boolean => id !== null && here.get(id) === kind
  const was = before.columns.flatMap(({ slots }) => slots)
  if (was.some((slot) => slot.kind === 'block' && !isHere(slot))) return undefined
  const columns = before.columns.map(({ wall, slots }) => ({
    wall,
    slots: slots.map((slot): LeftSlot => ({ id: isHere(slot) ? slot.id : null, kind: slot.kind })),
  }))
  for (const { slots } of columns) while (slots.at(-1)?.id === null) slots.pop()
  // An empty column further in stays: without it all that stand further out would move.
  const outermost = columns.findIndex(({ slots }) => slots.length > 0)
  const kept: LeftColumns = { width: before.width, columns: outermost < 0 ? [] : columns.slice(outermost) }
  // Later, a wider text is cut rather than that all doors move.
  if (!was.some(({ kind }) => kind === 'entrance')) kept.width = Math.max(before.width, leftWidth(left))
  const seated = new Set(was.flatMap((slot) => (isHere(slot) ? slot.id : [])))
  for (const { id, kind } of left) {
    if (seated.has(id)) continue
    const hole = kept.columns.flatMap(({ slots }) => slots).find((slot) => slot.id === null && slot.kind === kind)
    if (hole) hole.id = id
    else if (isTop(kind) || kind === 'block') return undefined
    else append(kept.columns, { id, kind }, room)
  }
  return kept
}

const isTop = (kind: string): boolean => kind === 'nic' || kind === 'tunnel'

/** Below the lowest column, a little lower than a new arrangement would go; what may be there for a moment only, much lower. */
function append(columns: LeftColumn[], slot: LeftSlot, { room, limit }: LeftRoom): void {
  const isPassing = slot.kind === 'interface' || slot.kind === 'port'
  const most = Math.min(limit, room * (isPassing ? 2 : 1.25))
  const [shortest] = columns.toSorted((a, b) => heightOf(a.slots) - heightOf(b.slots))
  if (shortest && heightOf([...shortest.slots, slot]) <= most) shortest.slots.push(slot)
  else {
    // Beside NICs it stays free: their lines lead to the outside.
    const above = columns[0]?.slots.filter(({ kind }) => isTop(kind)) ?? []
    columns.unshift({ wall: true, slots: [...above.map(({ kind }) => ({ id: null, kind })), slot] })
  }
}

type Column = { nodes: Map<string, Placed>; right: number; top: number; width: number }

const GAP = 30
/** By how much a door in the host's outer wall stands further left than what is inside of it. */
const WALL = SIZE.framePad + 10

/** Puts the columns left of the shelves, the innermost at `right`. Returns their left edge and the height they take. */
export function placeLeft(columns: readonly LeftColumn[], at: Column): { x: number; height: number } {
  const { nodes, width } = at
  let right = at.right
  let x = at.right - 60
  for (const { wall, slots } of columns.toReversed()) {
    x = right - width
    let y = at.top - 1
    for (const [i, { id, kind }] of slots.entries()) {
      const h = heightFor(kind)
      y += i === 0 ? 0 : gapBefore(kind, slots[i - 1]?.kind)
      const shift = kind === 'entrance' && wall ? WALL : 0
      const size = kind === 'port' ? { w: SIZE.port, h: SIZE.port } : { w: width, h }
      if (id !== null) nodes.set(id, { x: x + width / 2 - shift, y: y + h / 2, ...size })
      y += h
    }
    right = x - GAP - (wall ? WALL : 0)
  }
  return { x, height: columnsHeight(columns) }
}

type OfKind = { kind: string }

const heightFor = (kind: string): number => HEIGHT[kind] ?? 34

const gapBefore = (kind: string, above: string | undefined): number => {
  if (above !== kind) return 26
  return isTop(kind) ? 18 : 9
}

const heightOf = (column: readonly OfKind[]): number =>
  column.reduce((sum, { kind }, i) => sum + heightFor(kind) + (i === 0 ? 0 : gapBefore(kind, column[i - 1]?.kind)), 0)

export const columnsHeight = (columns: readonly LeftColumn[]): number =>
  Math.max(0, ...columns.map(({ slots }) => heightOf(slots)))

/** Height of the left columns, newly arranged, beside shelves of that height. */
export const leftHeight = (left: readonly TopoNode[], shelves: number): number =>
  Math.max(0, ...split(left, leftRoom(shelves).room).map(heightOf))

/** Width that all of them fit in. */
function leftWidth(left: readonly TopoNode[]): number {
  const widths = left.map((n) => Math.max(textWidth(n.label), textWidth(n.detail ?? '', 10)) + 44)
  return clamp(Math.max(0, ...widths), 132, 216)
}

function split(left: readonly TopoNode[], room: number): TopoNode[][] {
  const count = Math.max(1, Math.ceil(heightOf(left) / room))
  const each = heightOf(left) / count
  const columns: TopoNode[][] = []
  let y = Infinity
  for (const n of left) {
    const h = heightFor(n.kind) + gapBefore(n.kind, columns.at(-1)?.at(-1)?.kind)
    if (y + h > each + 30 && (columns.length < count || columns.length === 0)) {
      columns.push([])
      y = 0
    }
    columns.at(-1)?.push(n)
    y += h
  }
  return columns
}
