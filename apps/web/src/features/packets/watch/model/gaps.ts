import type { Stories } from '@hopscope/protocol'
import type { TraceSummary } from '@hopscope/trace'
import { z } from 'zod'

const count = z.number().int().nonnegative()

/** What did not come with the packets, and the time of the packets beside which it is missing, in milliseconds since the epoch. */
export const gapSchema = z.strictObject({
  at: z.number(),
  /** Packets that came faster than they could be passed on. */
  unsent: count,
  /** Times that the kernel had to throw messages away. */
  overruns: count,
  /** Packets beyond the number asked for. */
  leftOut: count,
})
export type Gap = z.infer<typeof gapSchema>

/** What came until now. */
type Until = { stories: readonly { at: number }[]; shown: number; overruns: number; gaps?: readonly Gap[] | undefined }

/** What is missing until a message, beside its first packet; none when all is there. */
export function gapBefore(until: Until, message: Pick<Stories, 'stories' | 'shown' | 'overruns'>): Gap[] {
  const at = (message.stories[0] ?? until.stories.at(-1))?.at
  const unsent = message.shown - message.stories.length - until.shown
  return gapAt(at, { unsent, overruns: message.overruns - until.overruns, leftOut: 0 })
}

/** What is missing behind the last packet, once a tracing has ended. */
export function gapAtEnd(until: Until, summary: Pick<TraceSummary, 'shown' | 'overruns' | 'leftOut'>): Gap[] {
  const { shown, overruns, leftOut } = summary
  const gap = { unsent: shown - until.shown, overruns: overruns - until.overruns, leftOut }
  return gapAt(until.stories.at(-1)?.at, gap)
}

function gapAt(at: number | undefined, { unsent, overruns, leftOut }: Omit<Gap, 'at'>): Gap[] {
  if (at === undefined || (unsent <= 0 && overruns <= 0 && leftOut <= 0)) return []
  return [{ at, unsent: Math.max(0, unsent), overruns: Math.max(0, overruns), leftOut: Math.max(0, leftOut) }]
}
