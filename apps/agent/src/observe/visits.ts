import { insideNetns } from '@hopscope/netlink'
import type { Cancel, NetnsEntry, Scheduler } from './contract.ts'
import { inNetns, type Namespaces } from './namespaces.ts'
import { startPatrol } from './patrol.ts'
import { failureOf } from './sourceState.ts'

/** Looks into a namespace for what changes there without telling anybody. Only looks: it starts nothing. */
export type Visitor = { wants(entry: NetnsEntry): boolean; visit(entry: NetnsEntry): void }

export type Visits = {
  add(visitor: Visitor): Cancel
  start(): Cancel
}

/** Not noticed for at most this time, where there are not too many namespaces. */
const ROUND = { round: 6_000, perSecond: 16 }

/** Goes from namespace to namespace for all visitors together, because the way in and out costs as much as a look. */
export function createVisits(scheduler: Scheduler, namespaces: Namespaces): Visits {
  const visitors = new Set<Visitor>()
  const visit = (entry: NetnsEntry) => {
    const all = [...visitors].filter((visitor) => visitor.wants(entry))
    const look = () => {
      for (const visitor of all.splice(0)) visitor.visit(entry)
    }
    try {
      if (inNetns(entry, (fd) => insideNetns(entry.root ? null : fd, look)) === 'gone') namespaces.rescan()
    } catch (error) {
      // The visitors meet the same refusal, and each states it as its own source's.
      failureOf(error)
      look()
    }
  }
  return {
    add(visitor) {
      visitors.add(visitor)
      return () => visitors.delete(visitor)
    },
    start: () => startPatrol({ scheduler, list: namespaces.all, visit, ...ROUND }),
  }
}
