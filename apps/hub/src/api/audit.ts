import { z } from 'zod'
import { id } from './inputs.ts'
import { adminProcedure, router } from './trpc.ts'

const page = {
  /** The number of the last line that was shown. */
  before: z.number().int().positive().optional(),
  limit: z.number().int().min(1).max(200).default(50),
}

/** Who asked for which change, and what came of it. */
export const auditRouter = router({
  /** Lines, newest first; those of one account, of one host or with one outcome if wanted. */
  list: adminProcedure
    .input(
      z.strictObject({ ...page, userId: id.optional(), hostId: id.optional(), outcome: z.string().max(60).optional() }),
    )
    .query(({ ctx, input }) => ctx.services.audit.list(input)),

  /** Whether the lines are those that were written: recomputes every hash. */
  verify: adminProcedure.query(({ ctx }) => ctx.services.audit.verify()),
})
