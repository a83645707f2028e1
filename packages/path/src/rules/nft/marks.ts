import type { Action, Statement } from '../rule.ts'
import { integer } from '../values.ts'
import { elementsAt, readEntries } from './elements.ts'
import { readKey } from './keys.ts'
import { needed } from './match.ts'
import type { Reader } from './reader.ts'

type Mark = 'mark' | 'ctMark'
const ALL = 0xffffffff

/**
 * `meta mark set 0x1`, `ct mark set meta mark`, `meta mark set meta mark & 0xff | 0x100`, `meta mark set ip saddr map @m`; undefined, with
 * nothing read, for anything else.
 */
export function readMarking(reader: Reader): Statement[] | undefined {
  const start = reader.at
  const to = reader.take('meta', 'mark', 'set') ? 'mark' : reader.take('ct', 'mark', 'set') ? 'ctMark' : undefined
  if (to === undefined) return undefined
  const read = readNumber(reader, to) ?? readMap(reader, to) ?? readBits(reader, to)
  if (read) return read
  reader.at = start
  return undefined
}

function readNumber(reader: Reader, to: Mark): Statement[] | undefined {
  const value = integer(reader.peek())
  if (value === undefined || isOperator(reader.peek(1)) || reader.peek(1) === 'map') return undefined
  reader.next()
  return [{ kind: to, mask: ALL, value }]
}

/** A mark for each entry; the rule ends for a packet that has none. */
function readMap(reader: Reader, to: Mark): Statement[] | undefined {
  const start = reader.at
  const key = readKey(reader)
  const map = key && reader.take('map') ? elementsAt(reader) : undefined
  if (key && map) {
    if (typeof map === 'string') return [...needed(key), { kind: 'unknown', what: `${key.text} map ${map}` }]
    const entries = readEntries(map, key, (r): Action | undefined => {
      const value = integer(r.next())
      return value === undefined ? undefined : { kind: to, mask: ALL, value }
    })
    if (entries) return [...needed(key), { kind: 'map', fields: key.keys.map(({ field }) => field), entries }]
  }
  reader.at = start
  return undefined
}

/** One of both marks, some of its bits, and others with them: `meta mark & 0xff | 0x100`. */
function readBits(reader: Reader, to: Mark): Statement[] | undefined {
  const from = reader.take('meta', 'mark') ? 'mark' : reader.take('ct', 'mark') ? 'ctMark' : undefined
  if (from === undefined) return undefined
  let kept = ALL
  let more = 0
  while (isOperator(reader.peek())) {
    const operator = reader.next()
    const n = integer(reader.next())
    if (n === undefined) return undefined
    // (x & kept) xor more, whatever comes after it.
    if (operator === '&') [kept, more] = [kept & n, more & n]
    else if (operator === '|') [kept, more] = [kept & ~n, (more & ~n) | n]
    else more ^= n
  }
  const [mask, value] = [~kept >>> 0, more >>> 0]
  if (from === to) return there(from, { kind: to, mask, value })
  const copied: Action = { kind: to === 'mark' ? 'restoreMark' : 'saveMark', clears: ALL, takes: kept >>> 0 }
  return there(from, copied, ...(value === 0 ? [] : [{ kind: to, mask: 0, value } as const]))
}

/** A packet without a connection has no mark of one, which ends the rule. */
const there = (from: Mark, ...actions: Action[]): Statement[] =>
  from === 'mark'
    ? actions
    : [{ kind: 'match', fields: [from], not: false, alternatives: [[{ kind: 'any' }]], text: 'ct mark' }, ...actions]

const isOperator = (word: string): boolean => word === '&' || word === '|' || word === '^'
