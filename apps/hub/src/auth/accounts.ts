import type { ErrorCode } from '@hopscope/protocol'
import type { Db } from '../db/open.ts'
import { queue } from '../db/queue.ts'
import { hashPassword, verifyPassword } from './password.ts'
import type { Role } from './roles.ts'
import type { User } from './sessions.ts'

export type Account = User & { createdAt: number }
type Refusal<C extends ErrorCode> = { refused: C }

export type Accounts = {
  exist(): Promise<boolean>
  list(): Promise<Account[]>
  /** The account that a one-time link logs in as. */
  firstAdmin(): Promise<User | undefined>
  /** Makes the first account, an admin; refused when there is one already. */
  setUp(name: string, password: string): Promise<User | Refusal<'SETUP_DONE'>>
  create(account: { name: string; role: Role; password: string }): Promise<User | Refusal<'NAME_TAKEN'>>
  /** The account with this name and password; takes the same time when there is no such name. */
  verify(name: string, password: string): Promise<User | undefined>
  setRole(id: string, role: Role): Promise<'OK' | 'NOT_FOUND' | 'LAST_ADMIN'>
  setPassword(id: string, password: string): Promise<'OK' | 'NOT_FOUND'>
  /** `before` runs once it is certain that the account goes. */
  remove(id: string, before: () => Promise<void>): Promise<'OK' | 'NOT_FOUND' | 'LAST_ADMIN'>
}

export function createAccounts(db: Db): Accounts {
  const oneAtATime = queue()
  const insert = async (name: string, role: Role, passwordHash: string): Promise<User> =>
    db.user.create({ data: { name, nameKey: nameKey(name), role, passwordHash }, select: USER })

  /** Runs a change unless it would leave no admin. */
  const keepingAnAdmin = (id: string, change: () => Promise<unknown>, staysAdmin: boolean) =>
    oneAtATime(async () => {
      const user = await db.user.findUnique({ where: { id } })
      if (!user) return 'NOT_FOUND' as const
      if (user.role === 'admin' && !staysAdmin && (await db.user.count({ where: { role: 'admin' } })) === 1)
        return 'LAST_ADMIN' as const
      await change()
      return 'OK' as const
    })

  return {
    exist: async () => (await db.user.count()) > 0,
    async list() {
      const rows = await db.user.findMany({ orderBy: { createdAt: 'asc' } })
      return rows.map((u) => ({ id: u.id, name: u.name, role: u.role, createdAt: u.createdAt.getTime() }))
    },
    async firstAdmin() {
      const where = { role: 'admin' as const }
      return (await db.user.findFirst({ where, orderBy: { createdAt: 'asc' }, select: USER })) ?? undefined
    },
    async setUp(name, password) {
      const hash = await hashPassword(password)
      return oneAtATime(async () =>
        (await db.user.count()) ? ({ refused: 'SETUP_DONE' } as const) : insert(name, 'admin', hash),
      )
    },
    async create({ name, role, password }) {
      const hash = await hashPassword(password)
      return oneAtATime(async () => {
        const taken = await db.user.findUnique({ where: { nameKey: nameKey(name) } })
        return taken ? ({ refused: 'NAME_TAKEN' } as const) : insert(name, role, hash)
      })
    },
    async verify(name, password) {
      const row = await db.user.findUnique({ where: { nameKey: nameKey(name) } })
      const right = await verifyPassword(password, row?.passwordHash)
      return row && right ? { id: row.id, name: row.name, role: row.role } : undefined
    },
    setRole: (id, role) =>
      keepingAnAdmin(id, () => db.user.update({ where: { id }, data: { role } }), role === 'admin'),
    async setPassword(id, password) {
      const passwordHash = await hashPassword(password)
      const changed = await db.user.updateMany({ where: { id }, data: { passwordHash } })
      return changed.count ? 'OK' : 'NOT_FOUND'
    },
    remove(id, before) {
      const remove = async () => {
        await before()
        await db.user.delete({ where: { id } })
      }
      return keepingAnAdmin(id, remove, false)
    },
  }
}

const USER = { id: true, name: true, role: true } as const

/** Names are compared without case and width, so that nobody can pass for somebody else. */
export const nameKey = (name: string): string => name.normalize('NFKC').toLowerCase()
