import { z } from 'zod'
import { ROLES } from '../auth/roles.ts'

export const id = z.string().min(1).max(200)
export const role = z.enum(ROLES)
/** An account's name: 1 to 64 characters, none of them invisible. */
export const name = z
  .string()
  .trim()
  .min(1)
  .max(64)
  .regex(/^[^\p{C}]+$/u, 'must not hold control characters')
/** A password as typed at a login: anything, within reason. */
export const password = z.string().min(1).max(200)
export const newPassword = z.string().min(10, 'must have at least 10 characters').max(200)
