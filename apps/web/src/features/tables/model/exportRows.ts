import type { NamedColumn } from './query.ts'
import { type Row, valueAt } from './table.ts'
import { type Say, textOf, valueTexts } from './value.ts'

/** The rows as CSV (RFC 4180) with a header line. A text that a spreadsheet would run as a formula gets a quote in front. */
export function toCsv(rows: readonly Row[], columns: readonly NamedColumn[], say: Say): string {
  const lines = [columns.map((c) => field(c.label))]
  for (const row of rows)
    lines.push(
      columns.map((c) => {
        const value = valueAt(row, c.id)
        return typeof value === 'number' ? String(value) : field(textOf(value, say))
      }),
    )
  return `${lines.map((l) => l.join(',')).join('\r\n')}\r\n`
}

/** The rows as JSON: one object per row by column id; lists stay lists, numbers numbers. */
export function toJson(rows: readonly Row[], columns: readonly NamedColumn[], say: Say): string {
  const objects = rows.map((row) =>
    Object.fromEntries(
      columns.map((c) => {
        const value = valueAt(row, c.id)
        if (typeof value === 'number') return [c.id, value]
        const texts = valueTexts(value, say)
        return [c.id, texts.length > 1 ? texts : (texts[0] ?? null)]
      }),
    ),
  )
  return `${JSON.stringify(objects, null, 2)}\n`
}

function field(text: string): string {
  const safe = /^[\s]*[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) || safe !== text ? `"${safe.replaceAll('"', '""')}"` : safe
}
