import { type Change, changeSchema } from '@hopscope/protocol'
import type { Logger } from 'pino'
import { coalesced } from '../auth/coalesced.ts'
import type { Db } from '../db/open.ts'
import { queue } from '../db/queue.ts'
import { type Entry, entrySchema, type Line, lineOf, type News, NO_HASH } from './line.ts'
import { readEntry, type Verified, verifyLines } from './verify.ts'

/** Who asked for which change and what came of it, in the database: added to, never changed, each line's hash over all before. */
export type Audit = {
  /** Writes a line; gives its number. Throws when the database cannot be written. */
  append(news: News): Promise<number>
  /** Lines before `before` (all when left out), newest first. */
  list(o: { before?: number; limit: number } & Filter): Promise<Audited[]>
  /** The latest state of what was changed, newest first: as it was when it was asked for from here. */
  changes(): Promise<PastChange[]>
  verify(): Promise<Verified>
}
export type Filter = { userId?: string; hostId?: string; outcome?: string }
export type Audited = { seq: number; hash: string; entry: Entry | undefined }
export type PastChange = { host: Entry['host']; change: Change }

const MOST_CHANGES = 500
const PAGE = 500

export function createAudit(db: Db, now: () => number, log: Logger): Audit {
  const oneAtATime = queue()
  const verify = coalesced((_: 'all') => verifyLines(linesOf((after) => db.auditLine.findMany(pageAfter(after)))))
  return {
    append: (news) =>
      oneAtATime(async () => {
        const last = await db.auditLine.findFirst({ orderBy: { seq: 'desc' } })
        const entry = entrySchema.parse({ ...news, seq: (last?.seq ?? 0) + 1, at: now() })
        const data = lineOf(entry, last?.hash ?? NO_HASH)
        await db.auditLine.create({ data })
        // A witness elsewhere: whoever cuts lines off the end would have to change the log as well.
        log.info({ seq: data.seq, hash: data.hash }, 'a line of the audit was written')
        return data.seq
      }),
    async list({ before, limit, userId, hostId, outcome }) {
      const where = {
        ...(before !== undefined && { seq: { lt: before } }),
        ...(userId !== undefined && { userId }),
        ...(hostId !== undefined && { host: JSON.stringify(hostId) }),
        ...(outcome !== undefined && { outcome }),
      }
      const lines = await db.auditLine.findMany({ where, orderBy: { seq: 'desc' }, take: limit })
      return lines.map((line) => ({ seq: line.seq, hash: line.hash, entry: readEntry(line) }))
    },
    async changes() {
      const where = { change: { not: null } }
      const lines = await db.auditLine.findMany({ where, orderBy: { seq: 'desc' }, take: MOST_CHANGES })
      const latest = new Map<string, PastChange>()
      for (const line of lines) {
        const key = `${line.host} ${line.change}`
        const past = latest.has(key) ? undefined : pastChangeOf(line)
        if (past !== undefined) latest.set(key, past)
      }
      return [...latest.values()].sort((a, b) => b.change.at - a.change.at)
    },
    verify: () => verify('all'),
  }
}

/** All lines in their order, read page by page. */
export async function* linesOf(read: (after: number) => Promise<Line[]>): AsyncGenerator<Line> {
  let after = 0
  for (;;) {
    const page = await read(after)
    yield* page
    const last = page.at(-1)
    if (last === undefined) return
    after = last.seq
  }
}

export const pageAfter = (after: number) => ({
  where: { seq: { gt: after } },
  orderBy: { seq: 'asc' as const },
  take: PAGE,
})

function pastChangeOf(line: Line): PastChange | undefined {
  const entry = readEntry(line)
  if (entry?.kind !== 'came') return undefined
  const change = changeSchema.safeParse(entry.answer.change)
  return change.success ? { host: entry.host, change: change.data } : undefined
}
