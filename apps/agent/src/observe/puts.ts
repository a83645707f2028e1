/** What was read, and is put into the store in a turn of its own. */
type Put<Table> = { table: Table; left: ReadonlySet<Table>; put: () => void }

/** Readings of large tables, one of a namespace at most: reading takes one turn of the event loop, putting the next. */
export type Puts<Table> = {
  defer(netns: string, put: Put<Table>): void
  /** Puts what waits, before anything else is read there. Gives back its table to who comes with what was `left` with it. */
  settle(netns: string, tables: ReadonlySet<Table>): Table | undefined
  settleAll(): void
  forget(netns: string): void
}

export function createPuts<Table>(): Puts<Table> {
  const waiting = new Map<string, Put<Table>>()
  const settle: Puts<Table>['settle'] = (netns, tables) => {
    const there = waiting.get(netns)
    if (there === undefined) return undefined
    waiting.delete(netns)
    there.put()
    // Others may want the same table for a reason that is newer than the reading.
    return tables === there.left ? there.table : undefined
  }
  return {
    defer: (netns, put) => void waiting.set(netns, put),
    settle,
    settleAll() {
      for (const netns of [...waiting.keys()]) settle(netns, NONE)
    },
    forget: (netns) => void waiting.delete(netns),
  }
}

const NONE: ReadonlySet<never> = new Set()
