import type { Cancel, Scheduler } from './contract.ts'

/** Collects what has to be read again and hands it over in batches. */
export type Dirty<Table extends string> = {
  mark(netns: string, ...tables: Table[]): void
  /** Takes back what belongs to a namespace that ended. */
  forget(netns: string): void
  pending(): boolean
  has(netns: string): boolean
  /** Reads now what is marked. */
  flush(): void
  close(): void
}

/**
 * Events come in bursts: a container's start is fifty of them. The first is read at once, so that what happens alone is
 * seen at once; those that follow are gathered for so many milliseconds and read together.
 */
export const GATHER = 12
/** Reading again takes at most a quarter of the time. */
const REST = 3

/** `read` gets each marked namespace with its tables; what it marks meanwhile is the next batch's. */
export function createDirty<Table extends string>(
  scheduler: Scheduler,
  read: (batch: ReadonlyMap<string, ReadonlySet<Table>>) => void,
): Dirty<Table> {
  let marked = new Map<string, Set<Table>>()
  let timer: Cancel | undefined
  let restUntil = 0

  const arm = () => {
    timer ??= scheduler.after(Math.max(0, restUntil - performance.now()), flush)
  }

  function flush() {
    timer?.()
    timer = undefined
    if (marked.size === 0) return
    const batch = marked
    marked = new Map()
    const began = performance.now()
    // Also for what the reading itself marks.
    restUntil = began + GATHER
    read(batch)
    const ended = performance.now()
    restUntil = Math.max(restUntil, ended + (ended - began) * REST)
  }

  return {
    mark(netns, ...tables) {
      const there = marked.get(netns)
      if (there) for (const table of tables) there.add(table)
      else marked.set(netns, new Set(tables))
      arm()
    },
    forget: (netns) => void marked.delete(netns),
    pending: () => marked.size > 0,
    has: (netns) => marked.has(netns),
    flush,
    close() {
      timer?.()
      timer = undefined
      marked.clear()
    },
  }
}
