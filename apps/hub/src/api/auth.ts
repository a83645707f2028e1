import { z } from 'zod'
import { nameKey } from '../auth/accounts.ts'
import type { Attempt } from '../auth/limits.ts'
import { ApiError } from './errors.ts'
import { name, newPassword, password } from './inputs.ts'
import { bootstrapProcedure, type Context, publicProcedure, router, viewerProcedure } from './trpc.ts'

const LINK_REFUSALS = {
  LINK_INVALID: 'This link is unknown. Restart the hub to get a new one.',
  LINK_USED: 'This link was used already. Restart the hub to get a new one.',
  LINK_EXPIRED: 'This link has expired; links last 30 minutes. Restart the hub to get a new one.',
} as const

export const authRouter = router({
  /** Who is logged in, and whether there is any account. The page's first question. */
  state: publicProcedure.query(async ({ ctx: { services, session } }) => ({
    setupDone: await services.accounts.exist(),
    user: session?.user ?? null,
    bootstrap: session !== undefined && session.user === null,
    insecureBind: services.insecureBind,
    version: services.version,
  })),

  /** Uses up the link that the hub printed: sets up the first account, or logs in as the first admin. */
  claim: publicProcedure
    .input(z.strictObject({ token: z.string().min(1).max(200) }))
    .mutation(async ({ ctx, input }): Promise<{ next: 'setup' | 'home' }> => {
      const { accounts, links } = ctx.services
      const attempt = await limit(ctx, 'link')
      const result = await links.claim(input.token)
      if (result !== 'OK') throw new ApiError(result, LINK_REFUSALS[result])
      await ctx.services.limits.succeeded(attempt)
      const admin = await accounts.firstAdmin()
      await startSession(ctx, admin?.id ?? null)
      return { next: admin ? 'home' : 'setup' }
    }),

  /** Makes the first account, an admin, and logs in as it. */
  setup: bootstrapProcedure.input(z.strictObject({ name, password: newPassword })).mutation(async ({ ctx, input }) => {
    const user = await ctx.services.accounts.setUp(input.name, input.password)
    if ('refused' in user) throw new ApiError('SETUP_DONE', 'Somebody set up the first account already. Log in.')
    await startSession(ctx, user.id)
    return user
  }),

  login: publicProcedure.input(z.strictObject({ name, password })).mutation(async ({ ctx, input }) => {
    const attempt = await limit(ctx, `account ${nameKey(input.name)}`)
    const user = await ctx.services.accounts.verify(input.name, input.password)
    if (!user) throw new ApiError('WRONG_CREDENTIALS', 'Name or password is wrong. Check both and try again.')
    await ctx.services.limits.succeeded(attempt)
    await startSession(ctx, user.id)
    return user
  }),

  logout: publicProcedure.mutation(async ({ ctx }) => {
    if (ctx.session) await ctx.services.sessions.end(ctx.session.id)
    ctx.setCookie(undefined)
  }),

  /** Changes the own password and ends all other sessions of the account. */
  changePassword: viewerProcedure
    .input(z.strictObject({ current: password, next: newPassword }))
    .mutation(async ({ ctx, input }) => {
      const { accounts, sessions, limits } = ctx.services
      const attempt = await limit(ctx, `account ${nameKey(ctx.user.name)}`)
      if (!(await accounts.verify(ctx.user.name, input.current)))
        throw new ApiError('WRONG_CREDENTIALS', 'The current password is wrong. Check it and try again.')
      await limits.succeeded(attempt)
      await accounts.setPassword(ctx.user.id, input.next)
      await sessions.endAllOf(ctx.user.id)
      ctx.setCookie(await sessions.create(ctx.user.id))
    }),
})

/** Counts an attempt to prove who one is; refuses when there were too many. */
async function limit(ctx: Context, subject: string): Promise<Attempt> {
  const attempt = { ip: ctx.ip, subject }
  const wait = await ctx.services.limits.attempt(attempt)
  if (!wait) return attempt
  const message = `Too many attempts. Try again in ${wait.retryAfter} seconds.`
  throw new ApiError('RATE_LIMITED', message, { retryAfter: wait.retryAfter })
}

/** Logs in. The session from before, if any, ends: a token never outlives a change of rights. */
async function startSession(ctx: Context, userId: string | null): Promise<void> {
  if (ctx.session) await ctx.services.sessions.end(ctx.session.id)
  ctx.setCookie(await ctx.services.sessions.create(userId))
}
