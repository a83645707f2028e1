import type { Field, Match, Span, Statement, Values } from '../rule.ts'
import { decimal, FOUND, integer, MISSING, masked, match, number, protocols, words } from '../values.ts'
import { elementsAt, isCatchAll, readElements, readEntries, readPlain } from './elements.ts'
import { type Key, readKey } from './keys.ts'
import type { Reader } from './reader.ts'
import { readVerdict } from './verdict.ts'

/** Matches for the protocols and families that the keys of a match stand for. */
export const needed = ({ keys }: Key): Match[] => [...new Set(keys.flatMap(({ needs }) => needs ?? []))].map(impliedBy)

/** What nft checks without a word where something makes sense for one protocol or family only. */
export function impliedBy(name: string): Match {
  if (name === 'arp') return match('etherType', words(name), { not: false, text: name })
  const family = name === 'ip' ? 'ipv4' : name === 'ip6' ? 'ipv6' : undefined
  return family === undefined
    ? match('protocol', protocols(name) ?? number(-1), { not: false, text: name })
    : match('family', words(family), { not: false, text: name })
}

export function readMatch(reader: Reader): Statement[] | undefined {
  const start = reader.at
  const read = () => reader.textBetween(start, reader.at)
  const special = readTcpFlags(reader) ?? readWayBack(reader)
  if (special) return special
  const key = readKey(reader)
  if (!key) return undefined
  const fields = key.keys.map(({ field }) => field)
  if (reader.take('vmap')) return readVerdictMap(reader, key)
  const bits = readBits(reader, key)
  if (bits) return bits
  const compared = readComparison(reader, key)
  if (compared) return [...needed(key), { kind: 'match', fields, not: false, alternatives: [[compared]], text: read() }]
  const not = reader.take('!=')
  if (!not) reader.take('==')
  const name = reader.peek()
  const set = elementsAt(reader)
  const maybe = (what: string): Statement[] => [...needed(key), { kind: 'maybe', what: `${key.text} ${what}` }]
  if (typeof set === 'string') return maybe(set)
  // A set has the whole status, of which only some bits are known.
  if (set && fields.includes('ctStatus')) return maybe(name)
  const alternatives = set ? readElements(set, key) : readPlain(reader, key)
  if (!alternatives && name.startsWith('@')) return maybe(name)
  if (!alternatives) {
    reader.at = start
    return undefined
  }
  // Kernels differ in whether "!=" asks for the element "*".
  if (not && alternatives.some(isCatchAll)) return [...needed(key), { kind: 'maybe', what: read() }]
  return [...needed(key), { kind: 'match', fields, not, alternatives, text: read() }]
}

/** `tcp dport >= 1024`, `ip ttl < 5`. */
function readComparison(reader: Reader, { keys }: Key): Values | undefined {
  const [key, other] = keys
  const most = key && MOST[key.field]
  const n = decimal(reader.peek(1))
  if (most === undefined || other !== undefined || n === undefined) return undefined
  const range = rangeOf(reader.peek(), n, most)
  if (range) reader.at += 2
  return range && { kind: 'ranges', ranges: [range] }
}

const MOST: Partial<Record<Field, number>> = { sport: 65_535, dport: 65_535, length: 65_535, ttl: 255, hopLimit: 255 }

function rangeOf(operator: string, n: number, most: number): Span | undefined {
  switch (operator) {
    case '<':
      return [0, n - 1]
    case '<=':
      return [0, n]
    case '>':
      return [n + 1, most]
    case '>=':
      return [n, most]
  }
  return undefined
}

function readVerdictMap(reader: Reader, key: Key): Statement[] | undefined {
  const map = elementsAt(reader)
  if (typeof map === 'string') return [...needed(key), { kind: 'unknown', what: `${key.text} vmap ${map}` }]
  const entries = map && readEntries(map, key, readVerdict)
  return entries && [...needed(key), { kind: 'map', fields: key.keys.map(({ field }) => field), entries }]
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

/** `fib saddr . mark . iif oif missing`; newer versions of nft say `check` in the place of `oif`. */
function readWayBack(reader: Reader): Statement[] | undefined {
  const start = reader.at
  if (!reader.take('fib', 'saddr', '.')) return undefined
  const field = reader.take('mark', '.') ? 'markedWayBack' : 'wayBack'
  if (reader.take('iif') && (reader.take('oif') || reader.take('check')))
    for (const word of [FOUND, MISSING] as const)
      if (reader.take(word === FOUND ? 'exists' : 'missing'))
        return [match(field, words(word), { not: false, text: reader.textBetween(start, reader.at) })]
  reader.at = start
  return undefined
}

/** `tcp flags syn / fin,syn,rst,ack`, `tcp flags & (fin | syn) == syn`: only the first of both. */
function readTcpFlags(reader: Reader): Statement[] | undefined {
  if (reader.peek() !== 'tcp' || reader.peek(1) !== 'flags') return undefined
  const start = reader.at
  reader.at += 2
  const not = reader.take('!=')
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
      not,
      alternatives: [[{ kind: 'flags', of, set }]],
      text: 'tcp flags',
    },
  ]
}
