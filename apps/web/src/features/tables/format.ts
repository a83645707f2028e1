import type { CellKind } from './model/table.ts'

/** Numbers as a cell of that kind shows them, in the reader's language: `1,500`, `1.2 MB`, `3.4 kB/s`, `12 s`. */
export function formatNumber(value: number, kind: CellKind, locale: string): string {
  switch (kind) {
    case 'bytes':
      return scaled(value, locale, '')
    case 'rate':
      return scaled(value, locale, '-per-second')
    case 'seconds':
      return unit(value, 'second', locale, 0)
    case 'number':
      return plain(locale).format(value)
    default:
      return String(value)
  }
}

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const

function scaled(bytes: number, locale: string, per: '' | '-per-second'): string {
  const step = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)))
  return unit(bytes / 1000 ** step, `${UNITS[step]}${per}`, locale, step === 0 ? 0 : 1)
}

const made = new Map<string, Intl.NumberFormat>()

function unit(value: number, name: string, locale: string, digits: number): string {
  const key = `${locale} ${name} ${digits}`
  const unitDisplay = name === 'second' ? 'narrow' : 'short'
  const format =
    made.get(key) ??
    new Intl.NumberFormat(locale, { style: 'unit', unit: name, unitDisplay, maximumFractionDigits: digits })
  made.set(key, format)
  return format.format(value)
}

function plain(locale: string): Intl.NumberFormat {
  const format = made.get(locale) ?? new Intl.NumberFormat(locale, { maximumFractionDigits: 0 })
  made.set(locale, format)
  return format
}
