import { filterTextSchema, querySchema, tracingLimitSchema } from '@hopscope/protocol'
import { z } from 'zod'
import { ofHost } from './errors.ts'
import { id } from './inputs.ts'
import { operatorProcedure, router } from './trpc.ts'

/** Following real packets is root's power: it slows them down, reads their headers, and a proof sends one. */
export const tracingRouter = router({
  /** Traces packets of a host for the page with this connection, which gets them as they come. */
  start: operatorProcedure
    .input(
      z.strictObject({
        hostId: id,
        /** The id of the page's connection. */
        page: z.string().min(1).max(60),
        filter: filterTextSchema,
        limit: tracingLimitSchema,
      }),
    )
    .mutation(async ({ ctx, input: { hostId, page, filter, limit } }) => {
      const { session, user, ip, services } = ctx
      const asker = { user, address: ip }
      const asked = { hostId, filter, limit, page: { id: page, session }, asker }
      return ofHost(hostId, await services.tracings.begin(asked))
    }),

  /** Ends one's own tracing, and says what it came to. */
  stop: operatorProcedure
    .input(z.strictObject({ id }))
    .mutation(({ ctx, input }) => ctx.services.tracings.stop(input.id, ctx.user.id)),

  /** Sends one packet, follows exactly that one, and lays its way over the predicted one. */
  prove: operatorProcedure
    .input(z.strictObject({ hostId: id, query: querySchema }))
    .mutation(async ({ ctx, input: { hostId, query } }) =>
      ofHost(hostId, await ctx.services.tracings.prove({ hostId, query, asker: { user: ctx.user, address: ctx.ip } })),
    ),
})
