import { Gauge, type Registry } from 'prom-client'
import type { Hosts } from '../hosts/hosts.ts'
import { bufferedBytes } from '../sockets/buffered.ts'
import type { Sockets } from '../sockets/server.ts'

export type StateOptions = {
  hosts: Hosts
  sockets: Sockets
  /** TCP connections of the HTTP server, those of the streams among them. */
  connections: () => Promise<number>
  /** Tracings and proofs that are under way. */
  tracings: () => number
}

/** What the hub holds now: hosts, connections, and what waits for pages that do not read. Read when asked. */
export function measureState(registry: Registry, { hosts, sockets, connections, tracings }: StateOptions): void {
  const gauge = (name: string, help: string, read: () => number | Promise<number>): void => {
    new Gauge({
      name: `hopscope_hub_${name}`,
      help,
      registers: [registry],
      async collect() {
        this.set(await read())
      },
    })
  }
  const { agents, pages } = sockets
  const most = (read: (conn: Connection) => number): number => {
    let found = 0
    for (const page of pages.sockets.values()) found = Math.max(found, read(page.conn))
    return found
  }
  gauge('agents', 'Agents that are connected.', () => agents.sockets.size)
  gauge('pages', 'Pages that are connected.', () => pages.sockets.size)
  gauge('sockets', 'Open TCP connections, of pages, agents and anybody else.', connections)
  gauge('tracings', 'Tracings and proofs that are under way.', tracings)
  gauge('page_buffered_bytes', 'Bytes that wait for the page that reads slowest.', () => most(bufferedBytes))
  gauge(
    'page_waiting_messages',
    'Messages (a patch is one revision) that the page furthest behind has yet to get.',
    () => most(waitingMessages),
  )
  new Gauge({
    name: 'hopscope_hub_hosts',
    help: 'Hosts, by whether their agent is here.',
    labelNames: ['status'],
    registers: [registry],
    collect() {
      const live = hosts.list().filter(({ status }) => status === 'live').length
      this.set({ status: 'live' }, live)
      this.set({ status: 'stale' }, hosts.list().length - live)
    },
  })
}

type Connection = Parameters<typeof bufferedBytes>[0]

/** Messages that engine.io holds back because the connection takes no more. */
function waitingMessages(connection: Connection): number {
  // Private by its type only, as in `bufferedBytes`.
  const { writeBuffer } = connection as unknown as { writeBuffer: unknown[] }
  return writeBuffer.length
}
