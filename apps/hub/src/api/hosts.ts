import { z } from 'zod'
import { ApiError } from './errors.ts'
import { id } from './inputs.ts'
import { operatorProcedure, router, viewerProcedure } from './trpc.ts'

export const hostsRouter = router({
  /** All hosts and how fresh what is known of them is. */
  list: viewerProcedure.query(({ ctx }) => ctx.services.hosts.list()),

  /** Forgets a host whose agent is away. */
  forget: operatorProcedure.input(z.strictObject({ hostId: id })).mutation(({ ctx, input }) => {
    const result = ctx.services.hosts.forget(input.hostId)
    if (result === 'NOT_FOUND') throw new ApiError('NOT_FOUND', `There is no host ${input.hostId}. Reload the list.`)
    if (result === 'LIVE')
      throw new ApiError('BAD_INPUT', `The host ${input.hostId} is live. Stop its agent before you forget it.`)
  }),
})
