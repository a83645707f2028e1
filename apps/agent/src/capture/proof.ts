import type { Way } from '@hopscope/model'
import type { Prediction } from '@hopscope/path'
import { type ArpResult, type Comparison, compareWays, type Head, type Story, type TraceSummary } from '@hopscope/trace'

/** One direction: what was predicted of it, and what was seen. */
export type Proven = { predicted: Way; story: Story; head?: Head; comparison: Comparison }
/** A prediction beside what became of a real packet. */
export type Proof = {
  prediction: Prediction
  /** Of the packet that was sent, and of its answer; absent when none was seen. */
  forward?: Proven
  back?: Proven
  /** The sender's own kernel did not send it: the errno's name. */
  refused?: string
  /** Of a question of ARP. */
  asked?: ArpResult
  summary: TraceSummary
}
/** From outside nothing can be sent; what is no address cannot be sent to; for some addresses nobody is asked. */
export type Unprovable = { because: 'OUTSIDE' | 'NO_ADDRESS' | 'NETNS_GONE' | 'NOT_ASKED' }

export type Seen = { story: Story; head: Head | undefined }
/** What was predicted of a direction, with what was seen beside it. */
export const beside = (predicted: Way, { story, head }: Seen, untold: ReadonlySet<string>): Proven => ({
  predicted,
  story,
  ...(head && { head }),
  comparison: compareWays(predicted, story.way, untold),
})
