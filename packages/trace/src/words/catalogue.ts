import type { FilterErrorCode } from '../filter/parse.ts'
import type { LegacyObstacle } from '../summary.ts'

/** What a language has to say of filters. `{name}` stands for a parameter. */
export type TraceWords = {
  errors: Readonly<Record<FilterErrorCode, string>>
  tooMany: string
  /** What a tracing came to. */
  partial: string
  ended: Readonly<Record<'packets' | 'seconds' | 'stopped', string>>
  shown: string
  /** Where only those are shown that do not arrive. */
  shownLost: string
  notWhole: string
  leftOut: string
  beyond: string
  lost: string
  /** Instead of a number that was lost. */
  setBack: string
  unsent: string
  unavailable: string
  /** Why: another tracing is under way there. */
  already: string
  legacy: Readonly<Record<LegacyObstacle, string>>
  /** What a proof came to. */
  same: string
  differs: string
  predicted: string
  observed: string
  unseen: string
  refused: string
  unprovable: Readonly<Record<'OUTSIDE' | 'NO_ADDRESS' | 'NETNS_GONE' | 'NOT_ASKED', string>>
  /** What came of a question of ARP. */
  answered: string
  answeredBy: string
  unanswered: string
}
