import type { Action } from '../rule.ts'
import type { Reader } from './reader.ts'

const VERDICTS = new Set(['accept', 'drop', 'return', 'continue'])

export function readVerdict(reader: Reader): Action | undefined {
  const word = reader.peek()
  if (VERDICTS.has(word)) {
    reader.next()
    return { kind: word as 'accept' | 'drop' | 'return' | 'continue' } // the set above holds these
  }
  if (word !== 'jump' && word !== 'goto') return undefined
  reader.next()
  return { kind: word, chain: reader.next() }
}
