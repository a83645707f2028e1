import { nextTurn } from '../nextTurn.ts'
import type { Cancel, NetnsEntry, Scheduler } from './contract.ts'
import { SLICE } from './dirty.ts'

/** Namespaces of which nothing is known to have changed, and which have to be looked at all the same. */
export type Doubts = {
  /** In place of those that wait. */
  add(entries: readonly NetnsEntry[]): void
  forget(netns: string): void
  pending(): boolean
  /** Looks at all of them now. */
  flush(): void
  /** Looks at all of them soon, in slices. */
  drain(): Promise<void>
  close(): void
}

/** Looks at some, until the turn is over; gives back those that it did not get to. */
export type Look = (entries: readonly NetnsEntry[], isOver: () => boolean) => readonly NetnsEntry[]

/** Looks at those in doubt, a few milliseconds in each turn of the event loop. */
export function createDoubts(scheduler: Scheduler, look: Look): Doubts {
  let waiting: readonly NetnsEntry[] = []
  let timer: Cancel | undefined

  const slice = () => {
    timer?.()
    timer = undefined
    const began = performance.now()
    waiting = look(waiting, () => performance.now() - began > SLICE)
    if (waiting.length > 0) timer = scheduler.after(0, slice)
  }
  return {
    add(entries) {
      waiting = entries
      timer ??= scheduler.after(0, slice)
    },
    forget(netns) {
      waiting = waiting.filter(({ id }) => id !== netns)
    },
    pending: () => waiting.length > 0,
    flush() {
      timer?.()
      timer = undefined
      waiting = look(waiting, () => false)
    },
    async drain() {
      while (waiting.length > 0) {
        slice()
        await nextTurn()
      }
    },
    close() {
      timer?.()
      timer = undefined
      waiting = []
    },
  }
}
