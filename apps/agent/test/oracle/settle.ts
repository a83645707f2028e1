import type { SandboxHost } from '@hopscope/sandbox'
import { differences } from './comparable.ts'
import type { Observation, Observed } from './observed.ts'
import { seenIn } from './seen.ts'
import { namespacesIn, readTruth } from './truth.ts'

/** The page is right within this time: the longest of the agent's polls, and the time that reading takes on a busy machine. */
const CONVERGES = 15_000

type Settled = { diff: string[]; seen: Observed; namespaces: number; tookMs: number }

/** Waits, bounded, until what is published agrees with the kernel. Nothing is read again for it: events and polls must do. */
export async function settle(host: SandboxHost, observer: Observation): Promise<Settled> {
  const began = performance.now()
  let seen: Observed | undefined
  for (let looks = 1; ; looks++) {
    if (seen) await observer.look({ than: seen.revision, withinMs: 500 })
    const truth = await readTruth(host)
    seen = await observer.look()
    const tookMs = performance.now() - began
    const diff = differences(truth, seenIn(seen.snapshot))
    const over = looks > 3 && tookMs > CONVERGES
    if (diff.length === 0 || over) return { diff, seen, namespaces: namespacesIn(host).size, tookMs }
  }
}
