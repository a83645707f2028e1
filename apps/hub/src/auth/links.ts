import type { ErrorCode } from '@hopscope/protocol'
import type { Db } from '../db/open.ts'
import { newToken, tokenHash } from './tokens.ts'

const VALID = 30 * 60_000
// Old links are kept for a while, so that a used or expired one is called so and not unknown.
const KEPT = 24 * 60 * 60_000

export type Links = {
  /** The token of a new one-time link, valid for 30 minutes and once. Links made before it expire. */
  issue(): Promise<string>
  /** Uses a link up; otherwise says why it is refused. */
  claim(token: string): Promise<'OK' | Extract<ErrorCode, `LINK_${string}`>>
}

export function createLinks(db: Db, now: () => number): Links {
  return {
    async issue() {
      const at = new Date(now())
      await db.oneTimeLink.deleteMany({ where: { createdAt: { lt: new Date(now() - KEPT) } } })
      await db.oneTimeLink.updateMany({ where: { expiresAt: { gt: at } }, data: { expiresAt: at } })
      const token = newToken()
      const expiresAt = new Date(now() + VALID)
      await db.oneTimeLink.create({ data: { tokenHash: tokenHash(token), createdAt: at, expiresAt } })
      return token
    },
    async claim(token) {
      const row = await db.oneTimeLink.findUnique({ where: { tokenHash: tokenHash(token) } })
      if (!row) return 'LINK_INVALID'
      if (row.usedAt) return 'LINK_USED'
      // One from the future, after the clock was set back, would be valid for as long as that.
      const early = row.createdAt.getTime() - VALID > now()
      if (early || row.expiresAt.getTime() <= now()) return 'LINK_EXPIRED'
      // Of two claims at once, one finds it unused.
      const won = await db.oneTimeLink.updateMany({
        where: { id: row.id, usedAt: null },
        data: { usedAt: new Date(now()) },
      })
      return won.count === 1 ? 'OK' : 'LINK_USED'
    },
  }
}
