import { randomBytes } from 'node:crypto'
import { type Act, ownerOf, type Plan } from '@hopscope/command'
import type { HostSnapshot } from '@hopscope/model'
import type { Entry } from './journal.ts'
import { ownRunner } from './runner.ts'

/** What the journal begins a change with, as it is before its first step. */
export function newEntry(
  snapshot: HostSnapshot,
  plan: Plan,
  { by, shell }: { by: string; shell: readonly string[] },
): Entry {
  const at = Date.now()
  return {
    change: {
      // Sorted by name they are sorted by time.
      id: `${at.toString(36)}-${randomBytes(4).toString('hex')}`,
      at,
      by,
      command: plan.command,
      title: plan.title,
      steps: plan.steps.map(({ title }, i) => ({ title, shell: shell[i] ?? '', state: 'waiting' })),
      lost: [...plan.lost],
      ...(plan.final && { final: true }),
      state: 'running',
    },
    undo: plan.steps.map(({ undo }) => undo.map((act) => copyOf(snapshot, act))),
    runner: ownRunner(),
  }
}

/** As the journal keeps it. */
function copyOf(snapshot: HostSnapshot, act: Act): Entry['undo'][number][number] {
  if (!('argv' in act)) return act
  return { ...act, owner: ownerOf(snapshot, act.place), argv: [...act.argv], ifEmpty: act.ifEmpty && [...act.ifEmpty] }
}
