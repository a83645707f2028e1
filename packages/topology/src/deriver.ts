import type { HostSnapshot } from '@hopscope/model'
import { excerptOf } from './again/excerpt.ts'
import { type Parts, partsOf } from './again/parts.ts'
import { splice } from './again/splice.ts'
import { touchedBy } from './again/touched.ts'
import { deriveTopology } from './derive.ts'
import type { Topology } from './topology.ts'

/**
 * `deriveTopology` for one state after the other: where only plain containers and namespaces changed since the last call, only
 * these are derived, and put into the last result. What did not change keeps its identity. Always equal to `deriveTopology`.
 */
export function createDeriver(): Deriver {
  let last: { hosts: readonly HostSnapshot[]; topology: Topology } | undefined
  const deriver: Deriver = {
    again: 0,
    derive: (hosts) => {
      const spliced = last && deriveAgain(last, hosts)
      if (spliced) deriver.again++
      const topology = spliced ?? deriveTopology(hosts)
      last = { hosts, topology }
      return topology
    },
  }
  return deriver
}

export type Deriver = {
  derive: (hosts: readonly HostSnapshot[]) => Topology
  /** How many calls did not have to derive everything. */
  again: number
}

type Last = { hosts: readonly HostSnapshot[]; topology: Topology }

/**
 * A plain box depends on nothing but its own records and what it is plugged into: its part of the map is the same on a host
 * that has nothing else. So the parts of two such small hosts, before and after, are what has to go and what has to come.
 * Undefined when more than that changed, or when that cannot be told.
 */
function deriveAgain({ hosts, topology }: Last, next: readonly HostSnapshot[]): Topology | undefined {
  const [before, after] = [hosts[0], next[0]]
  // Hosts can draw each other's namespaces and pair each other's veths.
  if (!before || !after || hosts.length !== 1 || next.length !== 1) return undefined
  if (before === after) return topology
  const touched = touchedBy(before, after)
  if (!touched) return undefined
  const old = partsIn(before, touched)
  const now = partsIn(after, touched)
  return old && now && splice({ topology, old, now, host: after })
}

function partsIn(host: HostSnapshot, touched: NonNullable<ReturnType<typeof touchedBy>>): Parts | undefined {
  const excerpt = excerptOf(host, touched)
  return excerpt && partsOf(deriveTopology([excerpt]))
}
