import type { AgentValues } from '@hopscope/protocol'
import type { RunningObserver } from '../observer.ts'

/** The figures of this process and of what it observes, now. */
export function valuesOf({ store, stats }: Pick<RunningObserver, 'store' | 'stats'>, loopDelay: number): AgentValues {
  const { snapshot, revision } = store.current()
  const { repairs, reads, losses, redumps, scanMs } = stats()
  const { user, system } = process.cpuUsage()
  let records = 0
  for (const table of Object.values(snapshot.records)) records += Object.keys(table).length
  return {
    revision,
    records,
    namespaces: Object.keys(snapshot.records.netns).length,
    loopDelay,
    cpuSeconds: (user + system) / 1e6,
    memory: process.memoryUsage.rss(),
    ...(losses !== undefined && { losses }),
    ...(redumps !== undefined && { redumps }),
    ...(repairs !== undefined && { repairs }),
    ...(reads !== undefined && { reads }),
    ...(scanMs !== undefined && { scanSeconds: scanMs / 1000 }),
  }
}
