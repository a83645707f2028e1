import { z } from 'zod'
import { includesRole } from '../auth/roles.ts'
import { ApiError } from './errors.ts'
import { id, name, newPassword, role } from './inputs.ts'
import { adminProcedure, router } from './trpc.ts'

export const usersRouter = router({
  list: adminProcedure.query(({ ctx }) => ctx.services.accounts.list()),

  create: adminProcedure
    .input(z.strictObject({ name, role, password: newPassword }))
    .mutation(async ({ ctx, input }) => {
      const user = await ctx.services.accounts.create(input)
      if ('refused' in user) throw new ApiError('NAME_TAKEN', `The name ${input.name} is taken. Choose another one.`)
      return user
    }),

  setRole: adminProcedure.input(z.strictObject({ id, role })).mutation(async ({ ctx, input }) => {
    refuse(await ctx.services.accounts.setRole(input.id, input.role))
    if (!includesRole(input.role, 'operator')) ctx.services.tracings.endOf(input.id)
  }),

  /** Gives an account a new password and ends its sessions. */
  resetPassword: adminProcedure
    .input(z.strictObject({ id, password: newPassword }))
    .mutation(async ({ ctx, input }) => {
      refuse(await ctx.services.accounts.setPassword(input.id, input.password))
      await ctx.services.sessions.endAllOf(input.id)
    }),

  remove: adminProcedure.input(z.strictObject({ id })).mutation(async ({ ctx, input }) => {
    const { accounts, sessions } = ctx.services
    refuse(await accounts.remove(input.id, () => sessions.endAllOf(input.id)))
  }),
})

function refuse(result: 'OK' | 'NOT_FOUND' | 'LAST_ADMIN'): void {
  if (result === 'NOT_FOUND') throw new ApiError('NOT_FOUND', 'There is no such account. Reload the list.')
  if (result === 'LAST_ADMIN')
    throw new ApiError('LAST_ADMIN', 'This is the only admin. Make another account an admin first.')
}
