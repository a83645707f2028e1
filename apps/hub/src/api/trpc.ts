import { initTRPC } from '@trpc/server'
import type { Audit } from '../audit/audit.ts'
import type { AuditedChanges } from '../audit/auditedChanges.ts'
import type { Accounts } from '../auth/accounts.ts'
import type { Limits } from '../auth/limits.ts'
import type { Links } from '../auth/links.ts'
import { includesRole, type Role } from '../auth/roles.ts'
import type { Session, Sessions } from '../auth/sessions.ts'
import type { Db } from '../db/open.ts'
import type { Hosts } from '../hosts/hosts.ts'
import type { Counts } from '../metrics/counts.ts'
import type { Changes } from '../sockets/changes.ts'
import type { Tracings } from '../sockets/tracings.ts'
import { ApiError, describeError } from './errors.ts'

/** What procedures work with. */
export type Services = {
  db: Db
  accounts: Accounts
  sessions: Sessions
  links: Links
  limits: Limits
  hosts: Hosts
  changes: Changes
  audit: Audit
  audited: AuditedChanges
  tracings: Tracings
  counts: Counts
  insecureBind: boolean
  version: string
}
export type Context = {
  services: Services
  session: Session | undefined
  ip: string
  /** Sends the session's cookie with the answer; undefined removes it. */
  setCookie(token: string | undefined): void
}
/** Who may call a procedure. `bootstrap`: only the holder of a one-time link before there is an account. */
export type Access = 'public' | 'bootstrap' | Role

const t = initTRPC
  .context<Context>()
  .meta<{ access: Access }>()
  .create({
    isDev: false,
    errorFormatter({ shape, error }) {
      const { message, info } = describeError(error)
      return { ...shape, message, data: { ...shape.data, hopscope: info } }
    },
  })

export const router = t.router

// Every procedure starts from one of these five: there is none without a class.
export const publicProcedure = t.procedure.meta({ access: 'public' })
export const bootstrapProcedure = t.procedure.meta({ access: 'bootstrap' }).use(({ ctx, next }) => {
  if (!ctx.session) throw new ApiError('UNAUTHENTICATED', 'There is no session. Open the link that the hub printed.')
  if (ctx.session.user) throw new ApiError('SETUP_DONE', 'There is an account already. Log in with it.')
  return next({ ctx: { session: ctx.session } })
})
export const viewerProcedure = withRole('viewer')
export const operatorProcedure = withRole('operator')
export const adminProcedure = withRole('admin')

function withRole(role: Role) {
  return t.procedure.meta({ access: role }).use(({ ctx, next }) => {
    const { session } = ctx
    if (!session?.user) throw new ApiError('UNAUTHENTICATED', 'There is no session, or it has expired. Log in.')
    if (!includesRole(session.user.role, role))
      throw new ApiError('FORBIDDEN', `This needs the role ${role}. Ask an admin for it.`, { role })
    return next({ ctx: { session, user: session.user } })
  })
}
