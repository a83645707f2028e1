import { expect, it } from 'vitest'
import { formatNumber } from './format.ts'

it.each([
  [0, 'bytes', '0 B'],
  [999, 'bytes', '999 B'],
  [1000, 'bytes', '1 kB'],
  [2_560_000, 'bytes', '2.6 MB'],
  [5e15, 'bytes', '5,000 TB'],
  [12_345, 'rate', '12.3 kB/s'],
  [0.4, 'rate', '0 B/s'],
  [61.6, 'seconds', '62 s'],
  [65536, 'number', '65536'],
  [65536, 'count', '65,536'],
] as const)('shows %d as %s: %s', (value, kind, text) => {
  expect(formatNumber(value, kind, 'en')).toBe(text)
})
