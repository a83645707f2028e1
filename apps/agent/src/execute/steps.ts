import { type Expect, isSoAlready, lineOf, type Reason, type ReasonCode, type Step } from '@hopscope/command'
import type { HostSnapshot } from '@hopscope/model'
import type { Wanted } from '../observer.ts'
import type { Actor } from './acting.ts'
import { unmet } from './expects.ts'
import { factsFor, factsOf } from './factsFor.ts'
import type { Entry, Journal } from './journal.ts'
import { sinceBoot } from './unconfirmed.ts'

/** The observed host, as far as changing it needs it. */
export type Host = {
  snapshot(): HostSnapshot
  /** Resolves when what the kernel has told is in the snapshot. */
  caughtUp(what?: Wanted): Promise<void>
}
/** What a change is made with. `revertAfter`: seconds after which it is undone unless it is kept. */
export type Work = { journal: Journal; act: Actor; host: Host; revertAfter?: number }

/** Runs all steps of a change, or none: each once its inverse is on the disk. */
export async function runSteps(entry: Entry, steps: readonly Step[], work: Work): Promise<void> {
  const { journal, act, host } = work
  const { change } = entry
  const began = performance.now()
  for (const [i, step] of steps.entries()) {
    const shown = change.steps[i]
    if (shown === undefined) throw new Error('a change has a line for each of its steps')
    // The first step comes right after the plan.
    if (i > 0 && step.expects.length > 0) await host.caughtUp(factsOf(step.expects))
    const other = unmet(host.snapshot(), step.expects)
    if (other === undefined) {
      shown.state = 'doing'
      journal.write(entry)
    }
    const failure = other ?? (await act(step.act))
    if (failure !== undefined) {
      if (change.final || DID_NOTHING.has(failure.code)) shown.state = 'failed'
      await undoSteps(entry, work, failure)
      shown.state = 'failed'
      if (change.state === 'undone') change.state = 'failed'
      change.milliseconds = performance.now() - began
      return journal.write(entry)
    }
    await ended(host, step.ends ?? [])
    shown.state = 'done'
  }
  change.state = 'done'
  if (work.revertAfter !== undefined) {
    change.state = 'unconfirmed'
    change.revertIn = work.revertAfter * 1_000
    entry.revertAt = sinceBoot() + change.revertIn
  }
  change.milliseconds = performance.now() - began
  journal.write(entry)
}

/** Resolves when all of these are gone, or after some seconds: whatever is left then is left to whoever plans next. */
async function ended(host: Host, ends: readonly Expect[]): Promise<void> {
  const began = performance.now()
  const isThere = (one: Expect) => unmet(host.snapshot(), [one]) === undefined
  while (ends.some(isThere) && performance.now() - began < ENDS_WITHIN) {
    await new Promise((resolve) => setTimeout(resolve, 2))
    await host.caughtUp()
  }
}
const ENDS_WITHIN = 5_000

/** Docker refuses a name that somebody else was faster with: to undo that step would remove what is theirs. */
const DID_NOTHING: ReadonlySet<string> = new Set(['CONTAINER_NAME_USED', 'NETWORK_NAME_USED'] satisfies ReasonCode[])

/** Undoes what was done, last step first; the one that was just being done may or may not have been. */
export async function undoSteps(entry: Entry, { journal, act, host }: Work, reason: Reason): Promise<void> {
  const { change, undo } = entry
  change.state = 'undoing'
  delete change.revertIn
  change.reason = reason
  delete change.left
  if (change.final && change.steps.some(({ state }) => state === 'doing')) {
    change.state = 'stuck'
    change.left = { code: 'DONE_OR_NOT', params: {} } satisfies Reason
    return journal.write(entry)
  }
  journal.write(entry)
  for (let i = change.steps.length - 1; i >= 0; i--) {
    const step = change.steps[i]
    if (step === undefined || (step.state !== 'done' && step.state !== 'doing')) continue
    const uncertain = step.state === 'doing'
    for (const one of undo[i] ?? []) {
      // It takes away what there is by now.
      if ('withdraw' in one) await host.caughtUp(factsFor(change.command))
      const failure = await act(one)
      if (failure === undefined || (uncertain && isSoAlready(failure))) continue
      change.state = 'stuck'
      change.left = stoppedAt(lineOf(host.snapshot(), one), failure)
      return journal.write(entry)
    }
    step.state = 'undone'
    journal.write(entry)
  }
  change.state = 'undone'
  journal.write(entry)
}

/** What is left to do by hand, and what the program said of it. */
function stoppedAt(shell: string, { code, detail }: Reason): Reason {
  return { code: 'UNDO_STOPPED', params: { shell }, detail: detail ?? code }
}
