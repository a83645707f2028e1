import { z } from 'zod'
import { family, inNetns, part } from './common.ts'

export const conntrackId = (netns: string, ctId: number): string => `ct:${part(netns)}:${ctId}`

const tuple = z.strictObject({
  src: z.string(),
  dst: z.string(),
  sport: z.number().optional(),
  dport: z.number().optional(),
  icmpType: z.number().optional(),
  icmpCode: z.number().optional(),
  icmpId: z.number().optional(),
})

/** A tracked connection; timeout and byte counts travel apart. Same as `conntrack -L`. */
export const conntrackSchema = z.strictObject({
  ...inNetns,
  ctId: z.number(),
  family,
  protocol: z.string(),
  orig: tuple,
  reply: tuple,
  /** TCP only: ESTABLISHED, TIME_WAIT… */
  state: z.string().optional(),
  /** SEEN_REPLY, ASSURED, SRC_NAT, DST_NAT… */
  status: z.array(z.string()),
  mark: z.number().optional(),
  zone: z.number().optional(),
})
export type Conntrack = z.infer<typeof conntrackSchema>
