import type { Command } from '@hopscope/protocol'
import type { Phrase } from '../plan.ts'

/** One step as its guide knows it: whether it is done is asked of the host, not of what was run. */
export type Aim = {
  command: Command
  title: Phrase
  /** What happens and why, for somebody who sees it for the first time. */
  why: Phrase
  done: boolean
  /** By the command's fields, the guide's inputs that they come from. */
  inputs?: Readonly<Record<string, string>>
}
