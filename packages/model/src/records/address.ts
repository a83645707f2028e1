import { z } from 'zod'
import { family, inNetns, part } from './common.ts'

export const addressId = (a: { netns: string; index: number; local: string; prefixLength: number }): string =>
  `addr:${part(a.netns)}:${a.index}:${a.local}/${a.prefixLength}`

/** An address of a link. Same as `ip addr show`. */
export const addressSchema = z.strictObject({
  ...inNetns,
  index: z.number(),
  family,
  local: z.string(),
  prefixLength: z.number(),
  /** The other end of a point-to-point link. */
  peer: z.string().optional(),
  broadcast: z.string().optional(),
  scope: z.string(),
  label: z.string().optional(),
  /** secondary, tentative, dadfailed, noprefixroute, permanent, dynamic… */
  flags: z.array(z.string()),
})
export type Address = z.infer<typeof addressSchema>
