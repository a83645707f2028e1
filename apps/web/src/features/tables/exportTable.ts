import { download } from '../map/exportImage.ts'
import { toCsv, toJson } from './model/exportRows.ts'
import type { TableState } from './useTable.ts'

export type ExportFormat = 'csv' | 'json'

/** Saves the shown rows and columns, in their order, as a file. */
export function exportTable(format: ExportFormat, name: string, { rows, visible, say }: TableState): void {
  const text = format === 'csv' ? toCsv(rows, visible, say) : toJson(rows, visible, say)
  // Spreadsheets take a CSV file for Latin-1 unless it begins with a byte order mark.
  const parts = format === 'csv' ? ['\uFEFF', text] : [text]
  const type = format === 'csv' ? 'text/csv;charset=utf-8' : 'application/json'
  download(new Blob(parts, { type }), `hopscope-${name}.${format}`)
}
