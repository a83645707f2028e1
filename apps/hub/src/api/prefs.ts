import { z } from 'zod'
import { router, viewerProcedure } from './trpc.ts'

const prefs = z.strictObject({
  locale: z.enum(['en', 'zh-CN']).optional(),
  theme: z.enum(['light', 'dark', 'system']).optional(),
})
type Prefs = z.infer<typeof prefs>

export const prefsRouter = router({
  /** What the user chose; a field is absent while the browser's own setting counts. */
  get: viewerProcedure.query(async ({ ctx }): Promise<Prefs> => {
    const row = await ctx.services.db.user.findUniqueOrThrow({ where: { id: ctx.user.id } })
    return prefs.parse({ locale: row.locale ?? undefined, theme: row.theme ?? undefined })
  }),

  /** Changes the fields that are given. */
  set: viewerProcedure.input(prefs).mutation(async ({ ctx, input }) => {
    await ctx.services.db.user.update({ where: { id: ctx.user.id }, data: input })
  }),
})
