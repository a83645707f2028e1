import { type Reason, sayReason } from '@hopscope/command'
import { type ChangeRequest, commandSchema, revertAfterSchema } from '@hopscope/protocol'
import { z } from 'zod'
import type { Asker } from '../audit/auditedChanges.ts'
import { includesRole } from '../auth/roles.ts'
import type { User } from '../auth/sessions.ts'
import { ApiError, ofHost } from './errors.ts'
import { id } from './inputs.ts'
import { operatorProcedure, router, viewerProcedure } from './trpc.ts'

const shown = z.array(z.string().max(4_000)).max(200)
const confirm = z.string().min(1).max(200).optional()

export const changesRouter = router({
  /** Runs a command on a host, if it still comes to the commands that were shown. What is not ours needs an admin and its name. */
  run: operatorProcedure
    .input(
      z.strictObject({
        hostId: id,
        command: commandSchema,
        shown,
        confirm,
        /** Seconds after which it is undone by itself; given where it could cut a way, or at will. */
        revertAfter: revertAfterSchema.optional(),
      }),
    )
    .mutation(async ({ ctx, input }) => {
      const { hostId, command, ...agreed } = input
      const request: ChangeRequest = { kind: 'run', command, ...askedBy(ctx.user), ...agreed }
      if (agreed.confirm !== undefined && !includesRole(ctx.user.role, 'admin')) {
        const reason: Reason = { code: 'ADMIN_NEEDED', params: { name: agreed.confirm } }
        await ctx.services.audited.deny(hostId, request, askerOf(ctx), reason)
        throw new ApiError('FORBIDDEN', sayReason(reason), { role: 'admin' })
      }
      return ofHost(hostId, await ctx.services.audited.ask(hostId, request, askerOf(ctx)))
    }),

  /** Undoes a change. */
  undo: operatorProcedure
    .input(z.strictObject({ hostId: id, id }))
    .mutation(async ({ ctx, input: { hostId, id } }) =>
      ofHost(hostId, await ctx.services.audited.ask(hostId, { kind: 'undo', id, ...askedBy(ctx.user) }, askerOf(ctx))),
    ),

  /** An unconfirmed change is to stay: from a page that has connected anew since, so that its way is seen to be open. */
  confirm: operatorProcedure.input(z.strictObject({ hostId: id, id })).mutation(async ({ ctx, input }) => {
    const { audited, changes } = ctx.services
    const request: ChangeRequest = { kind: 'keep', id: input.id, ...askedBy(ctx.user) }
    if (!changes.isReached(ctx.session.id, input.id)) {
      const reason: Reason = { code: 'KEPT_FROM_BEFORE', params: {} }
      await audited.deny(input.hostId, request, askerOf(ctx), reason)
      return { kind: 'denied' as const, reason }
    }
    return ofHost(input.hostId, await audited.ask(input.hostId, request, askerOf(ctx)))
  }),

  /** Changes of all hosts that are undone by themselves unless somebody keeps them. */
  unconfirmed: viewerProcedure.query(({ ctx }) => ctx.services.changes.unconfirmed()),

  /** Whose ways a change of this host could cut. */
  ways: operatorProcedure
    .input(z.strictObject({ hostId: id }))
    .query(({ ctx, input }) => ctx.services.changes.ways(input.hostId)),

  /** What was changed on a host, newest first. */
  history: viewerProcedure.input(z.strictObject({ hostId: id })).query(async ({ ctx, input }) => {
    const changes = await ctx.services.changes.history(input.hostId)
    if ('away' in changes) throw new ApiError('NOT_FOUND', sayReason(changes.away))
    return changes
  }),

  /** What was changed from here on hosts that cannot tell it themselves now: they are away, or gone. Newest first. */
  past: viewerProcedure.query(async ({ ctx: { services } }) => {
    const live = new Set(services.hosts.list().flatMap(({ host, status }) => (status === 'live' ? [host.id] : [])))
    return (await services.audit.changes()).filter(({ host }) => !live.has(host.id))
  }),
})

/** As the agent is told; the procedures let nobody below an operator in. */
const askedBy = ({ name, role }: User) => ({ by: name, role: role === 'admin' ? role : ('operator' as const) })
const askerOf = ({ user, ip }: { user: User; ip: string }): Asker => ({ user, address: ip })
