import type { Server } from 'node:http'
import { Registry } from 'prom-client'
import type { Hosts } from '../hosts/hosts.ts'
import type { Sockets } from '../sockets/server.ts'
import { measureAgents } from './agents.ts'
import { type Counts, createCounts } from './counts.ts'
import { measureEventLoop } from './eventLoop.ts'
import { measureProcess } from './process.ts'
import { measureState } from './state.ts'

export type Metrics = {
  readonly counts: Counts
  /** From now on what these hold is told, too. */
  follow(parts: { hosts: Hosts; sockets: Sockets; server: Server; tracings: () => number }): void
  /** Everything, in Prometheus' text format. */
  read(): Promise<{ contentType: string; text: string }>
  close(): void
}

/** The figures of this hub and of its agents. They are in a registry of their own: two hubs in one process keep apart. */
export function createMetrics(): Metrics {
  const registry = new Registry()
  const counts = createCounts(registry)
  const stopLoop = measureEventLoop(registry, 'hopscope_hub')
  measureProcess(registry)
  let askAgents: () => Promise<void> = async () => undefined
  let reading: Promise<string> | undefined
  return {
    counts,
    follow({ hosts, sockets, server, tracings }) {
      const connections = () =>
        new Promise<number>((resolve, reject) => {
          server.getConnections((error, count) => (error ? reject(error) : resolve(count)))
        })
      measureState(registry, { hosts, sockets, connections, tracings })
      askAgents = measureAgents(registry, hosts, sockets)
    },
    async read() {
      // Two who ask at once get the same answer: the agents' figures are put together in one place.
      reading ??= askAgents()
        .then(() => registry.metrics())
        .finally(() => {
          reading = undefined
        })
      return { contentType: registry.contentType, text: await reading }
    },
    close: stopLoop,
  }
}
