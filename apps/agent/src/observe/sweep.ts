import { same } from '@hopscope/model'
import type { AnyRecord, Cancel, ObserverContext } from './contract.ts'
import { type Dirty, SLICE } from './dirty.ts'
import type { Namespaces } from './namespaces.ts'
import { startPatrol } from './patrol.ts'
import { ROUTE_TABLES, type RouteTable } from './routeTableNames.ts'

type Options = {
  context: Pick<ObserverContext, 'sink' | 'scheduler'>
  namespaces: Namespaces
  dirty: Dirty<RouteTable>
  /** Reads until the turn is over, and gives back what is left. */
  read: (netns: string, tables: ReadonlySet<RouteTable>, isOver: () => boolean) => ReadonlySet<RouteTable>
  /** How many events came from a namespace so far. */
  events: (netns: string) => number
}

/** Every namespace is read again once in this time, on a very large host more slowly. */
const ROUND = { round: 120_000, perSecond: 2 }
/** An event that is on its way arrives within this time: what changed then was no repair. */
const GRACE = 100
/** Neighbours change without a word, by design of the kernel: finding that out is no repair. */
const CHECKED = ['link', 'address', 'route', 'policyRule', 'fdb', 'sysctl'] as const

/**
 * Reads everything again now and then, and counts what the events had not told. The count should stay 0; a growing one means
 * that some change has no event and needs a rule of its own.
 */
export function createSweep({ context, namespaces, dirty, read, events }: Options) {
  const { sink, scheduler } = context
  let repairs = 0
  const tables = new Set<RouteTable>(ROUTE_TABLES)
  const later = new Set<Cancel>()

  const recordsIn = (netns: string): AnyRecord[] => CHECKED.flatMap((kind): AnyRecord[] => sink.list(kind, netns))

  const visit = (netns: string) => {
    if (dirty.pending() || namespaces.pending() || namespaces.get(netns) === undefined) return
    const before = recordsIn(netns)
    const heard = events(netns)
    readOn(netns, tables, () => compare(netns, before, heard))
  }
  /** Reads on in as many turns of the event loop as it takes. */
  const readOn = (netns: string, left: ReadonlySet<RouteTable>, then: () => void) => {
    const began = performance.now()
    const still = read(netns, left, () => performance.now() - began > SLICE)
    if (still.size === 0) return then()
    const cancel = scheduler.after(0, () => {
      later.delete(cancel)
      readOn(netns, still, then)
    })
    later.add(cancel)
  }
  const compare = (netns: string, before: readonly AnyRecord[], heard: number) => {
    // It ended meanwhile, which the kernel told.
    if (namespaces.get(netns) === undefined) return
    const after = recordsIn(netns)
    const known = new Map(before.map((record) => [record.id, record]))
    // The store keeps an equal record's identity, so this is cheap when nothing changed.
    const changed = after.filter((record) => !same(known.get(record.id), record) && !isSilent(record)).length
    const found = changed + Math.max(0, before.length - after.length)
    if (found === 0) return
    const cancel = scheduler.after(GRACE, () => {
      later.delete(cancel)
      if (events(netns) === heard) repairs += found
    })
    later.add(cancel)
  }

  return {
    start() {
      const stop = startPatrol({ scheduler, list: namespaces.all, visit: ({ id }) => visit(id), ...ROUND })
      return () => {
        stop()
        for (const cancel of later) cancel()
      }
    },
    repairs: () => repairs,
  }
}

/** Changes of a link that is down are announced to nobody. */
const isSilent = (record: AnyRecord): boolean => 'operState' in record && !record.flags.includes('UP')
