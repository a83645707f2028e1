import type { Action, Values } from '../rule.ts'
import type { Key } from './keys.ts'
import type { Reader } from './reader.ts'

/** One value, or several with commas: `ct state established,related`. */
export function readPlain(reader: Reader, key: Key): Values[][] | undefined {
  const all: Values[][] = []
  do {
    const values = readTuple(reader, key)
    if (!values) return undefined
    all.push(values)
  } while (reader.take(','))
  return all
}

export function readElements(reader: Reader, key: Key): Values[][] | undefined {
  const all: Values[][] = []
  while (!reader.take('}')) {
    const values = readTuple(reader, key)
    if (!values) return undefined
    all.push(values)
    if (!reader.take(',') && reader.peek() !== '}') return undefined
  }
  return all
}

function readTuple(reader: Reader, { keys }: Key): Values[] | undefined {
  const all: Values[] = []
  for (const [i, { read }] of keys.entries()) {
    if (i > 0 && !reader.take('.')) return undefined
    const word = reader.next()
    if (word === '' || word.startsWith('@')) return undefined
    const values = word === '*' && keys.length === 1 ? undefined : read(word)
    if (!values) return undefined
    all.push(values)
  }
  return all
}

/** `{ 80 : accept, 443 : drop }`. */
export function readEntries(
  reader: Reader,
  key: Key,
  action: (reader: Reader) => Action | undefined,
): { values: Values[]; action: Action }[] | undefined {
  const entries: { values: Values[]; action: Action }[] = []
  if (!reader.take('{')) return undefined
  while (!reader.take('}')) {
    const values = readTuple(reader, key)
    if (!values || !reader.take(':')) return undefined
    const found = action(reader)
    if (!found) return undefined
    entries.push({ values, action: found })
    if (!reader.take(',') && reader.peek() !== '}') return undefined
  }
  return entries
}
