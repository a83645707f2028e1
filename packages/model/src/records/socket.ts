import { z } from 'zod'
import { family, inNetns, part } from './common.ts'

export const socketId = (netns: string, inode: number): string => `sock:${part(netns)}:${inode}`

/** A socket that waits for traffic: a listening TCP socket or an unconnected UDP or raw one. Same as `ss -lntup`. */
export const socketSchema = z.strictObject({
  ...inNetns,
  inode: z.number(),
  family,
  protocol: z.enum(['tcp', 'udp', 'raw']),
  address: z.string(),
  port: z.number(),
  v6Only: z.boolean().optional(),
  /** Name of the link it is bound to. */
  device: z.string().optional(),
  uid: z.number(),
  process: z.strictObject({ pid: z.number(), comm: z.string() }).optional(),
})
export type Socket = z.infer<typeof socketSchema>
