import { visible } from '@hopscope/model'
import type { Paint } from '../terminal.ts'

export type Cell = string | { text: string; style: Parameters<Paint>[0] }

/** Rows under a dim header, columns aligned with two spaces between; columns without any text are left out. */
export function table(header: readonly string[], rows: readonly (readonly Cell[])[], paint: Paint): string {
  const used = header.map((_, i) => rows.some((row) => textOf(row[i]) !== ''))
  const pick = <T>(row: readonly T[]) => row.filter((_, i) => used[i])
  const lines = rows.map(pick)
  const head = pick(header)
  const widths = head.map((title, i) => Math.max(width(title), ...lines.map((row) => width(textOf(row[i])))))
  const line = (row: readonly Cell[], all?: Parameters<Paint>[0]) =>
    `  ${row.map((cell, i) => pad(cell, i === row.length - 1 ? 0 : (widths[i] ?? 0), paint, all)).join('  ')}`.trimEnd()
  return [line(head, 'dim'), ...lines.map((row) => line(row))].join('\n')
}

function pad(cell: Cell, to: number, paint: Paint, all?: Parameters<Paint>[0]): string {
  const text = textOf(cell)
  const style = all ?? (typeof cell === 'string' ? undefined : cell.style)
  return (style ? paint(style, text) : text) + ' '.repeat(Math.max(0, to - width(text)))
}

const textOf = (cell: Cell | undefined): string =>
  visible(cell === undefined ? '' : typeof cell === 'string' ? cell : cell.text)

/** Columns that a text takes; East Asian wide characters take two. */
export function width(text: string): number {
  let columns = 0
  for (const c of text)
    columns += /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]/.test(c) ? 2 : 1
  return columns
}
