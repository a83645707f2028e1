import type { Cancel, Scheduler } from './contract.ts'

/** Collects what has to be read again and hands it over in batches. */
export type Dirty<Table extends string> = {
  mark(netns: string, ...tables: Table[]): void
  /** Takes back what belongs to a namespace that ended. */
  forget(netns: string): void
  pending(): boolean
  has(netns: string): boolean
  /** What is marked from now on is gathered first, as it is after a reading. */
  gather(): void
  /** Reads now what is marked. */
  flush(): void
  close(): void
}

/**
 * Events come in bursts: a container's start is fifty of them. The first is read at once, so that what happens alone is
 * seen at once; those that follow are gathered for so many milliseconds and read together.
 */
export const GATHER = 12
/** Reading again takes at most a quarter of the time: so many times as long as it took, it rests. */
const REST = 3
/** So many namespaces are read in one turn of the event loop, a few milliseconds; the others wait for the next. */
export const SLICE = 16

/** `read` gets each marked namespace with its tables; what it marks meanwhile is the next batch's. */
export function createDirty<Table extends string>(
  scheduler: Scheduler,
  read: (batch: ReadonlyMap<string, ReadonlySet<Table>>) => void,
  rest = REST,
): Dirty<Table> {
  let marked = new Map<string, Set<Table>>()
  /** What is left of the batch that is being read. */
  let batch = new Map<string, Set<Table>>()
  let timer: Cancel | undefined
  let restUntil = 0
  /** Milliseconds that reading this batch has taken so far. */
  let spent = 0

  const arm = () => {
    if (batch.size === 0) timer ??= scheduler.after(Math.max(0, restUntil - performance.now()), begin)
  }
  const begin = () => {
    timer = undefined
    batch = marked
    marked = new Map()
    spent = 0
    slice()
  }
  const slice = () => {
    timer = undefined
    const some = new Map([...batch].slice(0, SLICE))
    for (const netns of some.keys()) batch.delete(netns)
    readNow(some)
    if (batch.size > 0) timer = scheduler.after(0, slice)
    else if (marked.size > 0) arm()
  }
  const readNow = (some: ReadonlyMap<string, ReadonlySet<Table>>) => {
    if (some.size === 0) return
    const began = performance.now()
    // Also for what the reading itself marks.
    restUntil = Math.max(restUntil, began + GATHER)
    read(some)
    const ended = performance.now()
    spent += ended - began
    restUntil = Math.max(restUntil, ended + spent * rest)
  }

  function flush() {
    timer?.()
    timer = undefined
    if (batch.size === 0) spent = 0
    const [rest, fresh] = [batch, marked]
    batch = new Map()
    marked = new Map()
    readNow(rest)
    readNow(fresh)
  }

  return {
    mark(netns, ...tables) {
      const there = marked.get(netns)
      if (there) for (const table of tables) there.add(table)
      else marked.set(netns, new Set(tables))
      arm()
    },
    forget(netns) {
      marked.delete(netns)
      batch.delete(netns)
    },
    pending: () => marked.size > 0 || batch.size > 0,
    has: (netns) => marked.has(netns) || batch.has(netns),
    gather() {
      restUntil = Math.max(restUntil, performance.now() + GATHER)
    },
    flush,
    close() {
      timer?.()
      timer = undefined
      marked.clear()
      batch.clear()
    },
  }
}
