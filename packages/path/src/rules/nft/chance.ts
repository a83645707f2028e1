import type { Statement } from '../rule.ts'
import { decimal } from '../values.ts'
import { type Entry, elementsAt, readEntries } from './elements.ts'
import type { Key } from './keys.ts'
import type { Reader } from './reader.ts'
import { readVerdict } from './verdict.ts'

const KEY: Key = { keys: [{ field: 'chance', read: (text) => drawn(text) }], text: 'numgen' }

/** `numgen random mod 2 vmap { 0 : goto a, 1 : goto b }`: one of some, as kube-proxy spreads connections; with nothing to choose it is certain. */
export function readChance(reader: Reader): Statement[] | undefined {
  reader.next()
  if (!reader.take('random') && !reader.take('inc')) return undefined
  const count = reader.take('mod') ? decimal(reader.next()) : undefined
  const map = count !== undefined && reader.take('vmap') ? elementsAt(reader) : undefined
  if (count === undefined || map === undefined || typeof map === 'string') return undefined
  const entries = readEntries(map, KEY, readVerdict)
  if (!entries) return undefined
  const numbers = new Set(entries.map(({ values }) => JSON.stringify(values)))
  // One of them comes for certain where each number has its own.
  const isWhole =
    entries.length === count && Array.from({ length: count }, (_, n) => n).every((n) => numbers.has(key(n)))
  const all: Entry[] = entries.map(({ values, action }, i) =>
    isWhole && i === count - 1 ? { values: [{ kind: 'any' }], action } : { values, action },
  )
  return [{ kind: 'map', fields: ['chance'], entries: all }]
}

const drawn = (text: string) => {
  const n = decimal(text)
  return n === undefined ? undefined : ({ kind: 'ranges', ranges: [[n, n]] } as const)
}
const key = (n: number): string => JSON.stringify([drawn(String(n))])
