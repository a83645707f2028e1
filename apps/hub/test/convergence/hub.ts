import { MARK_EVERY } from '@hopscope/protocol'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { createHosts, type Hosts } from '../../src/hosts/hosts.ts'
import { createCounts } from '../../src/metrics/counts.ts'
import { serveAgents } from '../../src/sockets/agents.ts'
import { servePages } from '../../src/sockets/pages.ts'
import type { Line } from './line.ts'
import { Namespace, socketsOf } from './namespace.ts'

const log = pino({ level: 'silent' })

/** The hub's own streaming code over lines in memory; it forgets all but its hosts' names when it is restarted. */
export class HubInMemory {
  hosts: Hosts = createHosts(Date.now)
  #up: { agents: Namespace; pages: Namespace; timers: NodeJS.Timeout[] } | undefined

  constructor(readonly marks: boolean) {
    this.start()
  }
  start(): void {
    const known = this.hosts.list().map(({ host, since }) => ({ info: host, lastSeen: since }))
    this.hosts = createHosts(Date.now, known)
    const agents = new Namespace()
    const pages = new Namespace()
    const sockets = socketsOf(agents, pages)
    const counts = createCounts(new Registry())
    const served = servePages({ sockets, hosts: this.hosts, counts, log })
    const progressed = served.progress
    const watched = serveAgents({
      tracings: { stories: () => undefined, ended: () => undefined },
      sockets,
      hosts: this.hosts,
      pages: served,
      progressed,
      agentKey: '',
      counts,
      log,
    })
    const timers = [setInterval(watched.watch, 1_000)]
    if (this.marks) timers.push(setInterval(served.mark, MARK_EVERY))
    this.#up = { agents, pages, timers }
  }
  stop(): void {
    for (const timer of this.#up?.timers ?? []) clearInterval(timer)
    this.#up?.agents.close()
    this.#up?.pages.close()
    this.#up = undefined
  }
  /** False when nobody listens. */
  accept(from: 'agents' | 'pages', line: Line): boolean {
    this.#up?.[from].accept(line)
    return this.#up !== undefined
  }
}
