import type { RecordRef } from '@hopscope/topology'
import { sameRef } from '../../shell/location.ts'
import type { TreeItem } from './buildTree.ts'

/** A visible line: its item, how deep it is, and its place among its siblings, from 1. */
export type Row = { item: TreeItem; level: number; position: number; siblings: number; parent: number }

/** The lines to show, in order, without what is inside of closed items. `parent` is a row index, −1 for none. */
export function visibleRows(roots: TreeItem[], closed: ReadonlySet<string>): Row[] {
  const rows: Row[] = []
  const walk = (items: TreeItem[], level: number, parent: number): void => {
    for (const [i, item] of items.entries()) {
      const index = rows.push({ item, level, position: i + 1, siblings: items.length, parent }) - 1
      if (!closed.has(item.node.id)) walk(item.children, level + 1, index)
    }
  }
  walk(roots, 1, -1)
  return rows
}

/** The ids from a root down to the item that shows this record; empty when none does. */
export function pathTo(roots: TreeItem[], ref: RecordRef): string[] {
  return firstPath(roots, (i) => sameRef(i.node.refs[0], ref)) ?? firstPath(roots, holds(ref)) ?? []
}

/** The ids from a root down to a node. */
export const pathToNode = (roots: TreeItem[], id: string): string[] => firstPath(roots, (i) => i.node.id === id) ?? []

/** The next row after `from` whose name starts with what was typed; −1 when there is none. */
export function findTyped(rows: Row[], from: number, typed: string): number {
  const wanted = typed.toLowerCase()
  // While the same word goes on, the present row may still be the one.
  const start = typed.length > 1 ? from : from + 1
  for (let i = 0; i < rows.length; i++) {
    const at = (Math.max(0, start) + i) % rows.length
    if (rows[at]?.item.node.label.toLowerCase().startsWith(wanted)) return at
  }
  return -1
}

const holds =
  (ref: RecordRef) =>
  (item: TreeItem): boolean =>
    item.node.refs.some((r) => sameRef(r, ref))

function firstPath(items: TreeItem[], found: (item: TreeItem) => boolean): string[] | undefined {
  for (const item of items) {
    if (found(item)) return [item.node.id]
    const below = firstPath(item.children, found)
    if (below) return [item.node.id, ...below]
  }
  return undefined
}
