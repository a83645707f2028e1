import type { Db } from '../db/open.ts'
import type { Role } from './roles.ts'
import { newToken, tokenHash } from './tokens.ts'

const DAY = 24 * 60 * 60_000
const IDLE = 7 * DAY
const LONGEST = 30 * DAY
const BOOTSTRAP = 30 * 60_000
// The time of last use is written at most this often.
const TOUCH = 60_000

export type User = { id: string; name: string; role: Role }
/** A bootstrap session has no user: its only right is to set up the first account. */
export type Session = { id: string; user: User | null; createdAt: number }

export type Sessions = {
  /** A new session; the token goes into the cookie and is stored nowhere. Without a user: a bootstrap session. */
  create(userId: string | null): Promise<string>
  /** The session of a cookie's token, if it is known and neither idle nor too old. Counts as use. */
  find(token: string | undefined): Promise<Session | undefined>
  end(sessionId: string): Promise<void>
  endAllOf(userId: string): Promise<void>
  /** Ends the sessions that have expired. One in `inUse` (its page is open) counts as used, within its longest age. */
  sweep(inUse: Iterable<string>): Promise<void>
  /** Calls back with the ids of sessions that ended, for whatever reason. */
  onEnd(listener: (ids: string[]) => void): void
}

/** `onUnwritten` is told when the use of a session could not be noted: it stays valid, for whoever reads only. */
export function createSessions(db: Db, now: () => number, onUnwritten: (error: unknown) => void = () => {}): Sessions {
  const listeners: ((ids: string[]) => void)[] = []

  const noting = new Set<string>()
  function note(row: { id: string; createdAt: Date }): void {
    if (noting.has(row.id)) return
    noting.add(row.id)
    touch(db, row, now())
      .catch(onUnwritten)
      .finally(() => noting.delete(row.id))
  }

  async function drop(where: object): Promise<void> {
    const ids = (await db.session.findMany({ where, select: { id: true } })).map((s) => s.id)
    if (!ids.length) return
    await db.session.deleteMany({ where: { id: { in: ids } } })
    for (const listener of listeners) listener(ids)
  }

  return {
    async create(userId) {
      const token = newToken()
      const at = new Date(now())
      const expiresAt = new Date(now() + (userId ? IDLE : BOOTSTRAP))
      await db.session.create({
        data: { tokenHash: tokenHash(token), userId, createdAt: at, lastUsedAt: at, expiresAt },
      })
      return token
    },
    async find(token) {
      if (!token) return undefined
      const row = await db.session.findUnique({ where: { tokenHash: tokenHash(token) }, include: { user: true } })
      if (!row) return undefined
      // A bootstrap session from the future, after the clock was set back, would last for as long as that.
      const early = !row.userId && row.createdAt.getTime() - BOOTSTRAP > now()
      if (early || row.expiresAt.getTime() <= now()) {
        await drop({ id: row.id }).catch(onUnwritten)
        return undefined
      }
      // Nobody waits for it: a database that cannot be written must not keep people from looking.
      if (row.user && now() - row.lastUsedAt.getTime() >= TOUCH) note(row)
      const user = row.user && { id: row.user.id, name: row.user.name, role: row.user.role }
      return { id: row.id, user, createdAt: row.createdAt.getTime() }
    },
    end: (id) => drop({ id }),
    endAllOf: (userId) => drop({ userId }),
    async sweep(inUse) {
      const asked = [...inUse]
      const alive = await db.session.findMany({ where: { id: { in: asked }, expiresAt: { gt: new Date(now()) } } })
      for (const row of alive) if (row.userId) await touch(db, row, now())
      await drop({ expiresAt: { lte: new Date(now()) } })
      // One that ended while its page was still connecting was told of too early.
      const ended = asked.filter((id) => !alive.some((row) => row.id === id))
      for (const listener of listeners) listener(ended)
    },
    onEnd: (listener) => listeners.push(listener),
  }
}

async function touch(db: Db, row: { id: string; createdAt: Date }, at: number): Promise<void> {
  const expiresAt = new Date(Math.min(at + IDLE, row.createdAt.getTime() + LONGEST))
  // updateMany: the session may have ended meanwhile, which is no error.
  await db.session.updateMany({ where: { id: row.id }, data: { lastUsedAt: new Date(at), expiresAt } })
}
