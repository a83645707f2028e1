import type { Scheduler } from './contract.ts'
import { createDirty, type Dirty, type Read } from './dirty.ts'

export type RightOfWay<Table extends string> = Dirty<Table> & {
  /** As `mark`, because of an event: where nothing happened before, it is read ahead of all others that wait. */
  hear(netns: string, ...tables: Table[]): void
}

/** Nothing happened for so many milliseconds in a namespace that is called quiet: it has the right of way once in this time. */
export const QUIET = 1_000

/** The others may be hundreds that were quiet, too; each comes here once in a while only, so that this need not rest as long. */
const SHORT_REST = 1

/**
 * Two queues of what has to be read again. On a busy host one batch may be hundreds of namespaces, and a pause three times as
 * long follows it; a change where all was quiet waits for neither. What follows it there is gathered, as everything is.
 */
export function createRightOfWay<Table extends string>(scheduler: Scheduler, read: Read<Table>): RightOfWay<Table> {
  /** When each namespace was heard of last. */
  const heard = new Map<string, number>()
  const others = createDirty<Table>(scheduler, read)
  const readFirst: Read<Table> = (netns, tables, isOver) => {
    others.gather()
    return read(netns, tables, isOver)
  }
  const first = createDirty<Table>(scheduler, readFirst, SHORT_REST)
  return {
    mark: others.mark,
    hear(netns, ...tables) {
      const now = performance.now()
      const quiet = now - (heard.get(netns) ?? Number.NEGATIVE_INFINITY) > QUIET
      heard.set(netns, now)
      if (quiet || first.has(netns)) first.mark(netns, ...tables)
      else others.mark(netns, ...tables)
    },
    gather: others.gather,
    forget(netns) {
      heard.delete(netns)
      first.forget(netns)
      others.forget(netns)
    },
    pending: () => first.pending() || others.pending(),
    has: (netns) => first.has(netns) || others.has(netns),
    flush() {
      first.flush()
      others.flush()
    },
    async drain() {
      await first.drain()
      await others.drain()
    },
    close() {
      first.close()
      others.close()
    },
  }
}
