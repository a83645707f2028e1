import type { Placed, TopoNode } from '../topology.ts'
import { clamp, SIZE, textWidth } from './sizes.ts'

const HEIGHT: Partial<Record<TopoNode['kind'], number>> = {
  nic: 36,
  tunnel: 36,
  interface: 28,
  port: 12,
  entrance: 26,
  resident: 34,
  block: 64,
}

type Column = { nodes: Map<string, Placed>; right: number; top: number; room: number; width: number }

/**
 * Puts NICs, tunnels, doors and residents into columns that grow to the left, away from the shelves; NICs end up
 * outermost. Returns the left edge and the height they take.
 */
export function placeLeft(left: readonly TopoNode[], at: Column): { x: number; height: number } {
  const w = at.width
  const columns = split(left, at.room)
  const height = Math.max(0, ...columns.map(heightOf))
  const x = (c: number) => at.right - (columns.length - c) * w - (columns.length - 1 - c) * 30
  columns.forEach((column, c) => {
    let y = at.top - 1
    for (const [i, n] of column.entries()) {
      const h = heightFor(n)
      y += i === 0 ? 0 : gapBefore(n, column[i - 1])
      // Doors stand in the host's outer wall.
      const shift = n.kind === 'entrance' && c === 0 ? SIZE.framePad + 10 : 0
      const dot = n.kind === 'port' ? SIZE.port : w
      at.nodes.set(n.id, { x: x(c) + w / 2 - shift, y: y + h / 2, w: dot, h: n.kind === 'port' ? SIZE.port : h })
      y += h
    }
  })
  return { x: columns.length === 0 ? at.right - 60 : x(0), height }
}

const heightFor = (n: TopoNode): number => HEIGHT[n.kind] ?? 34

const gapBefore = (n: TopoNode, above: TopoNode | undefined): number => {
  if (above?.kind !== n.kind) return 26
  return n.kind === 'nic' || n.kind === 'tunnel' ? 18 : 9
}

const heightOf = (column: readonly TopoNode[]): number =>
  column.reduce((sum, n, i) => sum + heightFor(n) + (i === 0 ? 0 : gapBefore(n, column[i - 1])), 0)

/** Height of the left column beside shelves of that height. */
export function leftHeight(left: readonly TopoNode[], shelves: number, limit = Infinity): number {
  return Math.max(0, ...split(left, leftRoom(shelves, limit)).map(heightOf))
}

/** How high a column may get before there are two. */
export const leftRoom = (shelves: number, limit = Infinity): number => Math.min(Math.max(shelves, 480), limit)

/** Width that all of them fit in. */
export function leftWidth(left: readonly TopoNode[]): number {
  const widths = left.map((n) => Math.max(textWidth(n.label), textWidth(n.detail ?? '', 10)) + 44)
  return clamp(Math.max(0, ...widths), 132, 216)
}

function split(left: readonly TopoNode[], room: number): TopoNode[][] {
  const count = Math.max(1, Math.ceil(heightOf(left) / room))
  const each = heightOf(left) / count
  const columns: TopoNode[][] = []
  let y = Infinity
  for (const n of left) {
    const h = heightFor(n) + gapBefore(n, columns.at(-1)?.at(-1))
    if (y + h > each + 30 && (columns.length < count || columns.length === 0)) {
      columns.push([])
      y = 0
    }
    columns.at(-1)?.push(n)
    y += h
  }
  return columns
}
