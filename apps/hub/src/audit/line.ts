import { createHash } from 'node:crypto'
import { canonicalJson } from '@hopscope/model'
import { z } from 'zod'
import { ROLES } from '../auth/roles.ts'

const base = {
  seq: z.number().int().positive(),
  /** Milliseconds since the epoch. */
  at: z.number(),
  user: z.strictObject({ id: z.string(), name: z.string(), role: z.enum(ROLES) }),
  /** Where the session's request came from. */
  address: z.string(),
  host: z.strictObject({ id: z.string(), name: z.string() }),
}

// Request and answer are kept as they were then; another version of the protocol may have others.
const requestSchema = z.looseObject({
  kind: z.string(),
  id: z.string().optional(),
  command: z.record(z.string(), z.unknown()).optional(),
  shown: z.array(z.string()).optional(),
})
const answerSchema = z.looseObject({ kind: z.string() })

const askedSchema = z.strictObject({ kind: z.literal('asked'), ...base, request: requestSchema })
const cameSchema = z.strictObject({
  kind: z.literal('came'),
  ...base,
  /** The line that asked. */
  asked: z.number().int().positive(),
  /** The state that a change ended in, or `refused`, `moved`, `denied`; `silent`: nobody answered. */
  outcome: z.string(),
  milliseconds: z.number(),
  answer: answerSchema,
})
export const entrySchema = z.discriminatedUnion('kind', [askedSchema, cameSchema])
/** What one line of the audit says. */
export type Entry = z.infer<typeof entrySchema>
type WithoutPlace<E> = E extends Entry ? Omit<E, 'seq' | 'at'> : never
/** The same before it has its place. */
export type News = WithoutPlace<Entry>

/** A line as the database has it. */
export type Line = {
  seq: number
  entry: string
  hash: string
  userId: string
  host: string
  outcome: string
  asked: number | null
  change: string | null
}

/** What stands before the first line. */
export const NO_HASH = ''

/** The line of an entry behind the one with this hash. */
export function lineOf(entry: Entry, hashBefore: string): Line {
  const text = canonicalJson(entry)
  return { seq: entry.seq, entry: text, hash: hashOf(hashBefore, text), ...columnsOf(entry) }
}

export const hashOf = (before: string, entry: string): string =>
  createHash('sha256').update(before).update(entry).digest('hex')

/** What lines are found by. An agent's words are JSON here too: SQLite ends a text at NUL, and has no half surrogates. */
export function columnsOf(entry: Entry): Omit<Line, 'seq' | 'entry' | 'hash'> {
  const { user, host } = entry
  const found = { userId: user.id, host: JSON.stringify(host.id) }
  if (entry.kind === 'asked') return { ...found, outcome: 'asked', asked: null, change: null }
  const id = z.object({ change: z.object({ id: z.string() }) }).safeParse(entry.answer)
  const change = id.success ? JSON.stringify(id.data.change.id) : null
  return { ...found, outcome: JSON.stringify(entry.outcome).slice(1, -1), asked: entry.asked, change }
}
