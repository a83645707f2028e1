import { z } from 'zod'

/** How much may be traced: it slows down what it traces, so that nothing is traced without all three. */
export const captureLimitSchema = z.strictObject({
  /** Packets that are shown; then the tracing ends. Each rule that starts the tracing lets through no more than these. */
  packets: z.number().int().min(1).max(10_000).default(100),
  /** Packets a second, by each rule that starts the tracing: one at prerouting and one at output, in each family of a namespace. */
  rate: z.number().int().min(1).max(10_000).default(100),
  seconds: z.number().min(0.1).max(600).default(30),
})
export type CaptureLimit = z.infer<typeof captureLimitSchema>
