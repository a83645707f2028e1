import { commandSchema } from '@hopscope/protocol'
import { z } from 'zod'
import { includesRole } from '../auth/roles.ts'
import { ApiError } from './errors.ts'
import { id } from './inputs.ts'
import { operatorProcedure, router, viewerProcedure } from './trpc.ts'

const shown = z.array(z.string().max(4_000)).max(200)
const confirm = z.string().min(1).max(200).optional()

export const changesRouter = router({
  /** Runs a command on a host, if it still comes to the commands that were shown. What is not ours needs an admin and its name. */
  run: operatorProcedure
    .input(z.strictObject({ hostId: id, command: commandSchema, shown, confirm }))
    .mutation(({ ctx, input }) => {
      const { hostId, command, ...agreed } = input
      if (agreed.confirm !== undefined && !includesRole(ctx.user.role, 'admin')) {
        const message = `${agreed.confirm} was not made by Hopscope; to change it needs the role admin. Ask an admin for it.`
        throw new ApiError('FORBIDDEN', message, { role: 'admin' })
      }
      return ctx.services.changes.ask(hostId, { kind: 'run', command, by: ctx.user.name, ...agreed })
    }),

  /** Undoes a change. */
  undo: operatorProcedure
    .input(z.strictObject({ hostId: id, id }))
    .mutation(({ ctx, input }) =>
      ctx.services.changes.ask(input.hostId, { kind: 'undo', id: input.id, by: ctx.user.name }),
    ),

  /** What was changed on a host, newest first. */
  history: viewerProcedure.input(z.strictObject({ hostId: id })).query(async ({ ctx, input }) => {
    const changes = await ctx.services.changes.history(input.hostId)
    if ('away' in changes) throw new ApiError('NOT_FOUND', changes.away)
    return changes
  }),
})
