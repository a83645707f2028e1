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

/** A place in a column, for a kind of node; what stood there may be gone, and its like may come. */
export type LeftSlot = { id: string | null; kind: string }
/** Columns from the outermost to the innermost, of one width. */
export type LeftColumns = { width: number; columns: LeftSlot[][] }

/**
 * Who stands where left of the stack: NICs, tunnels, doors and residents. Who was there keeps
 * its place; only what has room nowhere lets all be arranged anew.
 */
export function settleLeft(left: readonly TopoNode[], before: LeftColumns | undefined, room: number): LeftColumns {
  const width = leftWidth(left)
  const anew = split(left, room).map((column) => column.map(({ id, kind }): LeftSlot => ({ id, kind })))
  const kept = before && keep(left, before.columns, room)
  // Columns that are mostly holes are not worth keeping.
  return kept && columnsHeight(kept) <= 2 * Math.max(480, columnsHeight(anew))
    ? { width: Math.max(width, before.width), columns: kept }
    : { width, columns: anew }
}

function keep(left: readonly TopoNode[], before: readonly LeftSlot[][], room: number): LeftSlot[][] | undefined {
  const here = new Set(left.map(({ id }) => id))
  const columns = before.map((column) =>
    column.map(({ id, kind }): LeftSlot => ({ id: id !== null && here.has(id) ? id : null, kind })),
  )
  for (const column of columns) while (column.at(-1)?.id === null) column.pop()
  const seated = new Set(columns.flat().map(({ id }) => id))
  for (const { id, kind } of left) {
    if (seated.has(id)) continue
    const hole = columns.flat().find((slot) => slot.id === null && slot.kind === kind)
    if (hole) hole.id = id
    // A NIC stands above all doors.
    else if (kind === 'nic' || kind === 'tunnel' || !append(columns, { id, kind }, room)) return undefined
  }
  return columns.filter((column) => column.length > 0)
}

function append(columns: LeftSlot[][], slot: LeftSlot, room: number): boolean {
  const [lowest] = columns.toSorted((a, b) => heightOf(a) - heightOf(b))
  if (!lowest || heightOf([...lowest, slot]) > room) return false
  lowest.push(slot)
  return true
}

type Column = { nodes: Map<string, Placed>; right: number; top: number; width: number }

/** Puts the columns left of the shelves, the innermost at `right`. Returns their left edge and the height they take. */
export function placeLeft(columns: readonly LeftSlot[][], at: Column): { x: number; height: number } {
  const w = at.width
  const x = (c: number) => at.right - (columns.length - c) * w - (columns.length - 1 - c) * 30
  columns.forEach((column, c) => {
    let y = at.top - 1
    for (const [i, { id, kind }] of column.entries()) {
      const h = heightFor(kind)
      y += i === 0 ? 0 : gapBefore(kind, column[i - 1]?.kind)
      // Doors stand in the host's outer wall.
      const shift = kind === 'entrance' && c === 0 ? SIZE.framePad + 10 : 0
      const size = kind === 'port' ? { w: SIZE.port, h: SIZE.port } : { w, h }
      if (id !== null) at.nodes.set(id, { x: x(c) + w / 2 - shift, y: y + h / 2, ...size })
      y += h
    }
  })
  return { x: columns.length === 0 ? at.right - 60 : x(0), height: columnsHeight(columns) }
}

type OfKind = { kind: string }

const heightFor = (kind: string): number => HEIGHT[kind] ?? 34

const gapBefore = (kind: string, above: string | undefined): number => {
  if (above !== kind) return 26
  return kind === 'nic' || kind === 'tunnel' ? 18 : 9
}

const heightOf = (column: readonly OfKind[]): number =>
  column.reduce((sum, n, i) => sum + heightFor(n.kind) + (i === 0 ? 0 : gapBefore(n.kind, column[i - 1]?.kind)), 0)

export const columnsHeight = (columns: readonly OfKind[][]): number => Math.max(0, ...columns.map(heightOf))

/** Height of the left columns, newly arranged, beside shelves of that height. */
export const leftHeight = (left: readonly TopoNode[], shelves: number): number =>
  columnsHeight(split(left, leftRoom(shelves)))

/** How high a column may get before there are two. */
export const leftRoom = (shelves: number, limit = Infinity): number => Math.min(Math.max(shelves, 480), limit)

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
