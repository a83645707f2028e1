import { same } from '@hopscope/model'
import { columnsOf, entrySchema, hashOf, type Line, NO_HASH } from './line.ts'

/** How the audit is: whole, with the hash of its last line, or wrong from this line on. */
export type Verified =
  | { kind: 'whole'; lines: number; hash: string }
  | { kind: 'broken'; seq: number; why: 'missing' | 'changed' | 'unreadable' }

/**
 * Goes through all lines in their order. A line that was changed, or removed from between others, is found where it is; one
 * that was removed from the end only by whoever noted the last hash elsewhere.
 */
export async function verifyLines(lines: AsyncIterable<Line>): Promise<Verified> {
  let hash = NO_HASH
  let seq = 0
  for await (const line of lines) {
    seq++
    if (line.seq !== seq) return { kind: 'broken', seq, why: 'missing' }
    if (line.hash !== hashOf(hash, line.entry)) return { kind: 'broken', seq, why: 'changed' }
    const read = readEntry(line)
    if (read === undefined) return { kind: 'broken', seq, why: 'unreadable' }
    const { entry: _, hash: own, seq: place, ...columns } = line
    if (read.seq !== place || !same(columnsOf(read), columns)) return { kind: 'broken', seq, why: 'changed' }
    hash = own
  }
  return { kind: 'whole', lines: seq, hash }
}

/** What a line says; undefined for what this version does not understand. */
export function readEntry({ entry }: Pick<Line, 'entry'>) {
  try {
    return entrySchema.safeParse(JSON.parse(entry)).data
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
