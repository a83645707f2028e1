import { hashAhead, type RecordKind, type RecordOf } from '@hopscope/model'
import type { RecordSink } from './contract.ts'

/** Work that may be left after each of its steps, and gone on with in another turn of the event loop. */
export type Steps = Generator<void, void>
/** What was read, and is put into the store in turns of its own. */
type Put<Table> = { table: Table; left: ReadonlySet<Table>; put: Steps }

/** Readings of large tables, one of a namespace at most: reading takes one turn of the event loop, putting the next. */
export type Puts<Table> = {
  defer(netns: string, put: Put<Table>): void
  /**
   * Puts what waits, before anything else is read there, until the turn is over; undefined when nothing waits. Gives back
   * its table to who comes with what was `left` with it.
   */
  settle(netns: string, tables: ReadonlySet<Table>, isOver: () => boolean): { done: boolean; table?: Table } | undefined
  settleAll(): void
  forget(netns: string): void
}

export function createPuts<Table>(): Puts<Table> {
  const waiting = new Map<string, Put<Table>>()
  return {
    defer: (netns, put) => void waiting.set(netns, put),
    settle(netns, tables, isOver) {
      const there = waiting.get(netns)
      if (there === undefined) return undefined
      if (!goOn(there.put, isOver)) return { done: false }
      waiting.delete(netns)
      // Others may want the same table for a reason that is newer than the reading.
      return tables === there.left ? { done: true, table: there.table } : { done: true }
    },
    settleAll() {
      for (const { put } of waiting.values()) goOn(put, NEVER)
      waiting.clear()
    },
    forget: (netns) => void waiting.delete(netns),
  }
}

/** True once all steps are done; false when the turn was over before. */
export function goOn(steps: Steps, isOver: () => boolean): boolean {
  while (!steps.next().done) if (isOver()) return false
  return true
}

/** Records of a step: some milliseconds of work where the program has just begun. */
export const AT_ONCE = 200

/** Replaces the records of a namespace. What hundreds of new ones cost, their hashes, comes first, in steps. */
export function* replacing<K extends RecordKind>(
  sink: RecordSink,
  { kind, netns, records }: { kind: K; netns: string; records: readonly RecordOf<K>[] },
): Steps {
  const fresh = records.filter(({ id }) => sink.get(kind, id) === undefined)
  for (let at = 0; at + AT_ONCE < fresh.length; at += AT_ONCE) {
    hashAhead({ [kind]: fresh.slice(at, at + AT_ONCE) })
    yield
  }
  sink.replace(kind, netns, records)
}

const NEVER = (): boolean => false
