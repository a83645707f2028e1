import type { Match, Statement, Values } from '../rule.ts'
import { integer, masked, number, protocols } from '../values.ts'
import { readElements, readEntries, readPlain } from './elements.ts'
import { type Key, readKey } from './keys.ts'
import type { Reader } from './reader.ts'
import { readVerdict } from './verdict.ts'

/** Matches for the protocols that the keys of a match stand for. */
const needed = ({ keys }: Key): Match[] =>
  [...new Set(keys.flatMap(({ needs }) => needs ?? []))].map((protocol) => ({
    kind: 'match',
    fields: ['protocol'],
    not: false,
    alternatives: [[protocols(protocol) ?? number(-1)]],
    text: protocol,
  }))

export function readMatch(reader: Reader): Statement[] | undefined {
  const start = reader.at
  const flags = readTcpFlags(reader)
  if (flags) return flags
  const key = readKey(reader)
  if (!key) return undefined
  const fields = key.keys.map(({ field }) => field)
  if (reader.take('vmap')) {
    const entries = readEntries(reader, key, readVerdict)
    return entries && [...needed(key), { kind: 'map', fields, entries }]
  }
  const bits = readBits(reader, key)
  if (bits) return bits
  const not = reader.take('!=')
  if (!not) reader.take('==')
  // Elements of a set that has a name are in no record: it may hold or not.
  if (reader.peek().startsWith('@')) return [...needed(key), { kind: 'maybe', what: `${key.text} ${reader.next()}` }]
  const alternatives = reader.take('{') ? readElements(reader, key) : readPlain(reader, key)
  if (!alternatives) {
    reader.at = start
    return undefined
  }
  const text = reader
    .textFrom(start)
    .split(' ')
    .slice(0, reader.at - start)
    .join(' ')
  return [...needed(key), { kind: 'match', fields, not, alternatives, text }]
}

/** `meta mark & 0xff == 0x1`, `ct mark and 0xff == 0x1`. */
function readBits(reader: Reader, { keys }: Key): Statement[] | undefined {
  const [key] = keys
  if (!key || (reader.peek() !== '&' && reader.peek() !== 'and')) return undefined
  const start = reader.at
  reader.next()
  const mask = integer(reader.next())
  const not = reader.take('!=')
  if (!not) reader.take('==')
  const read = masked(reader.next())
  if (mask === undefined || !read || !['mark', 'ctMark'].includes(key.field)) {
    reader.at = start
    return undefined
  }
  const values: Values = { kind: 'masked', mask, value: read.value }
  return [{ kind: 'match', fields: [key.field], not, alternatives: [[values]], text: `${key.field} & ${mask}` }]
}

/** `tcp flags syn / fin,syn,rst,ack`, `tcp flags & (fin | syn) == syn`: only the first of both. */
function readTcpFlags(reader: Reader): Statement[] | undefined {
  if (reader.peek() !== 'tcp' || reader.peek(1) !== 'flags') return undefined
  const start = reader.at
  reader.at += 2
  const list = (): string[] => {
    const found = [reader.next().toUpperCase()]
    while (reader.take(',')) found.push(reader.next().toUpperCase())
    return found
  }
  const set = list()
  if (!reader.take('/')) {
    reader.at = start
    return undefined
  }
  const of = list()
  const key = { keys: [{ field: 'tcpFlags' as const, read: () => undefined, needs: 'tcp' }], text: 'tcp flags' }
  return [
    ...needed(key),
    {
      kind: 'match',
      fields: ['tcpFlags'],
      not: false,
      alternatives: [[{ kind: 'flags', of, set }]],
      text: 'tcp flags',
    },
  ]
}
