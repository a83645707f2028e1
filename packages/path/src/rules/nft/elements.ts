import type { FwSet, FwSets } from '@hopscope/model'
import type { Action, Values } from '../rule.ts'
import { tokens } from '../tokens.ts'
import type { Key } from './keys.ts'
import { Reader } from './reader.ts'

/**
 * Where elements stand that are to be read next: in the rule itself, behind `{`, or in the set that is named there; a text says why nobody
 * knows them. Undefined, with nothing read, where neither is next.
 */
export function elementsAt(reader: Reader): Reader | string | undefined {
  if (reader.take('{')) return reader
  if (!reader.peek().startsWith('@')) return undefined
  const name = reader.next()
  const set = named(reader.sets, name.slice(1))
  if (set?.elements.kind === 'all') return new Reader(tokens(`${set.elements.all.join(', ')} }`, '{},'), {})
  return set === undefined ? name : `${name} (${whyUnknown(set)})`
}

const named = (sets: FwSets, name: string): FwSet | undefined => (Object.hasOwn(sets, name) ? sets[name] : undefined)

/** In nft's words, which are the same in every language. */
function whyUnknown({ elements, flags }: FwSet): string {
  if (elements.kind === 'tooMany') return `elements: ${elements.count}`
  return flags.length > 0 ? `flags ${flags.join(',')}` : 'add, update, delete'
}

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

/** Those of a set, `*` for whatever is in none of the others. */
export function readElements(reader: Reader, key: Key): Values[][] | undefined {
  const all: Values[][] = []
  while (!reader.take('}')) {
    const values = readElement(reader, key)
    if (!values) return undefined
    all.push(values)
    if (!reader.take(',') && reader.peek() !== '}') return undefined
  }
  return all
}

function readElement(reader: Reader, key: Key): Values[] | undefined {
  if (!reader.take('*')) return readTuple(reader, key)
  skipNotes(reader)
  return key.keys.map(() => ({ kind: 'any' }))
}

export const isCatchAll = (values: readonly Values[]): boolean => values.every(({ kind }) => kind === 'any')

function readTuple(reader: Reader, { keys }: Key): Values[] | undefined {
  const all: Values[] = []
  for (const [i, { read }] of keys.entries()) {
    if (i > 0 && !reader.take('.')) return undefined
    const word = reader.next()
    if (word === '' || word === '*' || word.startsWith('@')) return undefined
    const values = read(word)
    if (!values) return undefined
    all.push(values)
  }
  skipNotes(reader)
  return all
}

/** What changes nothing of whether it matches. */
function skipNotes(reader: Reader): void {
  for (;;) {
    if (reader.take('comment')) reader.next()
    else if (!reader.take('counter')) return
  }
}

export type Entry = { values: Values[]; action: Action }

/** `80 : accept, 443 : drop, * : continue }`; the last one is asked last wherever it stands. */
export function readEntries(
  reader: Reader,
  key: Key,
  action: (reader: Reader) => Action | undefined,
): Entry[] | undefined {
  const entries: Entry[] = []
  while (!reader.take('}')) {
    const values = readElement(reader, key)
    if (!values || !reader.take(':')) return undefined
    const found = action(reader)
    if (!found) return undefined
    entries.push({ values, action: found })
    if (!reader.take(',') && reader.peek() !== '}') return undefined
  }
  return entries.sort((a, b) => Number(isCatchAll(a.values)) - Number(isCatchAll(b.values)))
}
