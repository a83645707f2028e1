import { type Row, valueAt } from './table.ts'
import { type ColumnId, type Say, textOf } from './value.ts'

/** What a filter asks for: every term must be found, in its column or in any. */
type Term = { column?: ColumnId; text: string }
export type NamedColumn = { id: ColumnId; label: string }

/** The rows that match all terms. `mtu:1500 veth`: 1500 in that column, veth anywhere; quotes keep words together. */
export function filterRows(rows: readonly Row[], query: string, columns: readonly NamedColumn[], say: Say): Row[] {
  const terms = parseQuery(query, columns)
  if (terms.length === 0) return [...rows]
  return rows.filter((row) => {
    const texts = new Map<ColumnId, string>()
    const text = (id: ColumnId) => {
      const known = texts.get(id) ?? textOf(valueAt(row, id), say).toLowerCase()
      texts.set(id, known)
      return known
    }
    return terms.every((t) =>
      t.column ? text(t.column).includes(t.text) : columns.some((c) => text(c.id).includes(t.text)),
    )
  })
}

/** Terms of a filter. A colon makes a column only behind the name of one: `02:42:ac` and `fe80::1` are plain text. */
export function parseQuery(query: string, columns: readonly NamedColumn[]): Term[] {
  const words = query.toLowerCase().match(/[^\s":]+:"[^"]*"?|"[^"]*"?|\S+/g) ?? []
  return words
    .map((w) => {
      const at = w.indexOf(':')
      const name = at > 0 ? w.slice(0, at) : ''
      const column = columns.find((c) => c.id.toLowerCase() === name || spaceless(c.label) === name)
      const text = (column ? w.slice(at + 1) : w).replaceAll('"', '')
      return column ? { column: column.id, text } : { text }
    })
    .filter((t) => t.text !== '')
}

/** A header of two words is written together in a filter. */
const spaceless = (label: string): string => label.toLowerCase().replace(/\s+/g, '')
