import type { AgentValues } from '@hopscope/protocol'

type Counts = Required<Pick<AgentValues, 'snapshots' | 'patches' | 'unsent'>>

/** Counts what was sent to the hub and what was left out, by host. */
export function createLinkCounts() {
  const counts = new Map<string, Counts>()
  return {
    of: (hostId: string): Counts => counts.get(hostId) ?? { snapshots: 0, patches: 0, unsent: 0 },
    count(hostId: string, what: keyof Counts): void {
      const known = counts.get(hostId) ?? { snapshots: 0, patches: 0, unsent: 0 }
      known[what]++
      counts.set(hostId, known)
    },
    forget: (hostId: string) => void counts.delete(hostId),
  }
}
