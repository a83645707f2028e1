import { nextTurn } from '../nextTurn.ts'
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
  /** Reads now what is marked, in one turn of the event loop. */
  flush(): void
  /** Reads soon what is marked now, without a rest but in slices; resolves when it was read. */
  drain(): Promise<void>
  close(): void
}

/**
 * Events come in bursts: a container's start is fifty of them. The first is read at once, so that what happens alone is
 * seen at once; those that follow are gathered for so many milliseconds and read together.
 */
export const GATHER = 12
/** Reading again takes at most a quarter of the time: so many times as long as it took, it rests. */
const REST = 3
/** Milliseconds of a turn of the event loop that reading may take; what is left waits for the next. */
export const SLICE = 8

/**
 * Reads tables of a namespace. When the turn is over it may stop after any table, and gives back those that it did not get
 * to; what it marks meanwhile is the next batch's.
 */
export type Read<Table extends string> = (
  netns: string,
  tables: ReadonlySet<Table>,
  isOver: () => boolean,
) => ReadonlySet<Table> | undefined

export function createDirty<Table extends string>(scheduler: Scheduler, read: Read<Table>, rest = REST): Dirty<Table> {
  let marked = new Map<string, Set<Table>>()
  /** What is left of the batch that is being read. */
  let batch = new Map<string, ReadonlySet<Table>>()
  let timer: Cancel | undefined
  let restUntil = 0
  /** Milliseconds that reading this batch has taken so far. */
  let spent = 0
  /** How many batches were begun, and read to their end. */
  let begun = 0
  let ended = 0

  const arm = () => {
    if (batch.size > 0 || timer !== undefined) return
    const wait = restUntil - performance.now()
    // Timers of many parts may be due at once; what is due at once shares the turn.
    timer = wait > 0 ? scheduler.after(wait, soon) : scheduler.after(0, begin)
  }
  const soon = () => {
    timer = scheduler.after(0, begin)
  }
  const begin = () => {
    timer = undefined
    batch = marked
    marked = new Map()
    spent = 0
    begun++
    slice()
  }
  const slice = () => {
    timer = undefined
    const began = performance.now()
    readUntil(() => performance.now() - began > SLICE)
    if (batch.size > 0) {
      timer = scheduler.after(0, slice)
      return
    }
    ended = begun
    if (marked.size > 0) arm()
  }
  const readUntil = (isOver: () => boolean) => {
    if (batch.size === 0) return
    const began = performance.now()
    // Also for what the reading itself marks.
    restUntil = Math.max(restUntil, began + GATHER)
    for (const [netns, tables] of batch) {
      batch.delete(netns)
      const left = read(netns, tables, isOver)
      // Before all others: what belongs together is read together.
      if (left && left.size > 0) batch = new Map([[netns, left], ...batch])
      if (isOver()) break
    }
    const done = performance.now()
    spent += done - began
    restUntil = Math.max(restUntil, done + spent * rest)
  }
  /** Does not rest before the next batch. */
  const hurry = () => {
    restUntil = 0
    if (batch.size > 0 || timer === undefined) return
    timer()
    timer = undefined
    arm()
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
    async drain() {
      const last = begun + (marked.size > 0 ? 1 : 0)
      while (ended < last && timer !== undefined) {
        hurry()
        await nextTurn()
      }
    },
    flush() {
      timer?.()
      timer = undefined
      if (batch.size === 0) spent = 0
      for (const all of [batch, marked]) {
        if (all === marked) marked = new Map()
        batch = all
        readUntil(() => false)
      }
      ended = begun
      if (marked.size > 0) arm()
    },
    close() {
      timer?.()
      timer = undefined
      marked.clear()
      batch.clear()
    },
  }
}
