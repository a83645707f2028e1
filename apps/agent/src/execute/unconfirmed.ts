import { readFileSync } from 'node:fs'
import type { Change } from '@hopscope/protocol'
import type { Entry, Journal } from './journal.ts'

export type Unconfirmed = {
  /** From now on it is undone by itself when its time is over. */
  arm(entry: Entry): void
  /** All that wait to be kept. */
  list(): Change[]
}

type Options = {
  journal: Journal
  /** Undoes a change whose time is over. */
  revert(id: string): Promise<void>
}

/** Keeps the time of changes that are undone unless somebody keeps them. Another process may do either. */
export function createUnconfirmed({ journal, revert }: Options): Unconfirmed {
  const timers = new Map<string, NodeJS.Timeout>()
  return {
    arm(entry) {
      const { id, state } = entry.change
      if (state !== 'unconfirmed' || timers.has(id)) return
      const end = () => {
        timers.delete(id)
        void revert(id)
      }
      // Whoever waits for it keeps the process alive by something else.
      timers.set(id, setTimeout(end, Math.max(leftOf(entry), 0)).unref())
    },
    list: () =>
      [...timers.keys()].flatMap((id) => {
        const entry = journal.read(id)
        return entry?.change.state === 'unconfirmed' ? [told(entry)] : []
      }),
  }
}

/** A change as it is told now: one that waits to be kept, with the time that is left. */
export function told(entry: Entry): Change {
  const { change } = entry
  return change.state === 'unconfirmed' ? { ...change, revertIn: Math.max(leftOf(entry), 0) } : change
}

const leftOf = ({ revertAt }: Entry): number => (revertAt === undefined ? 0 : revertAt - sinceBoot())

/** Milliseconds; they go on whoever sets the clock, and are the same for every process. */
export const sinceBoot = (): number => Number(readFileSync('/proc/uptime', 'latin1').split(' ')[0]) * 1_000
