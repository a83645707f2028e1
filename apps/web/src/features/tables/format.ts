import type { CellKind } from './model/table.ts'

/** Numbers as a cell of that kind shows them, in the reader's language: `1500`, `12,345`, `1.2 MB`, `3.4 kB/s`, `12 s`. */
export function formatNumber(value: number, kind: CellKind, locale: string): string {
  switch (kind) {
    case 'bytes':
      return scaled(value, locale)
    case 'rate':
      return `${scaled(value, locale)}/s`
    case 'seconds':
      return `${decimal(locale, 0).format(value)} s`
    case 'count':
      return decimal(locale, 0).format(value)
    default:
      return String(value)
  }
}

// Symbols of units are the same in every language.
const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const

function scaled(bytes: number, locale: string): string {
  const step = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)))
  return `${decimal(locale, step === 0 ? 0 : 1).format(bytes / 1000 ** step)} ${UNITS[step]}`
}

const made = new Map<string, Intl.NumberFormat>()

/** Making a format costs a hundred times more than using it. */
function decimal(locale: string, digits: number): Intl.NumberFormat {
  const key = `${locale} ${digits}`
  const format = made.get(key) ?? new Intl.NumberFormat(locale, { maximumFractionDigits: digits })
  made.set(key, format)
  return format
}
