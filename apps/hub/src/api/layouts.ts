import { z } from 'zod'
import { ApiError } from './errors.ts'
import { router, viewerProcedure } from './trpc.ts'

const LARGEST = 256 * 1024
const MOST = 200

const key = z.string().min(1).max(100)
const value = z
  .unknown()
  .refine((v) => v !== undefined, 'is missing')
  .transform((v) => JSON.stringify(v))
  .refine((text) => Buffer.byteLength(text) <= LARGEST, 'must not exceed 256 KiB')

/** Whatever the page wants to find again for this user: positions, folds, columns. */
export const layoutsRouter = router({
  /** The JSON value saved under the key; null when there is none. */
  get: viewerProcedure.input(z.strictObject({ key })).query(async ({ ctx, input }): Promise<{ value: unknown }> => {
    const where = { userId_key: { userId: ctx.user.id, key: input.key } }
    const row = await ctx.services.db.layout.findUnique({ where })
    return { value: row ? JSON.parse(row.value) : null }
  }),

  save: viewerProcedure.input(z.strictObject({ key, value })).mutation(async ({ ctx, input }) => {
    const { layout } = ctx.services.db
    const owned = { userId: ctx.user.id, key: input.key }
    const others = await layout.count({ where: { userId: ctx.user.id, NOT: { key: input.key } } })
    if (others >= MOST) throw new ApiError('BAD_INPUT', `There are ${MOST} saved layouts already, which is the most.`)
    await layout.upsert({
      where: { userId_key: owned },
      update: { value: input.value },
      create: { ...owned, value: input.value },
    })
  }),
})
