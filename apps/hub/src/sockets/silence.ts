import type { AgentId, Hosts } from '../hosts/hosts.ts'

/** An agent answers a ping every five seconds (see `server.ts`); nothing for so many milliseconds means that it is frozen. */
export const SILENT_AFTER = 9_000
/** `watch` is called every 2.5 seconds. Much later than that, it was this process that stood still. */
const LATE = 5_000

/**
 * Tells the hosts which agents have fallen silent. Their connections stay: cutting one because it is slow would make it
 * send everything again. Time is the monotonic clock's, which nobody turns.
 */
export function createSilence(hosts: Pick<Hosts, 'silent' | 'heard'>, now: () => number = () => performance.now()) {
  const last = new Map<AgentId, number>()
  const silent = new Set<AgentId>()
  let watched = now()
  return {
    heard(agent: AgentId): void {
      last.set(agent, now())
      if (silent.delete(agent)) hosts.heard(agent)
    },
    left(agent: AgentId): void {
      last.delete(agent)
      silent.delete(agent)
    },
    watch(): void {
      const since = now() - watched
      watched = now()
      if (since > LATE) return
      for (const [agent, at] of last) {
        if (silent.has(agent) || now() - at <= SILENT_AFTER) continue
        silent.add(agent)
        hosts.silent(agent)
      }
    },
  }
}
