import type { Samples } from '@hopscope/model'
import type { Logger } from 'pino'
import type { Hosts } from '../hosts/hosts.ts'
import type { Counts } from '../metrics/counts.ts'
import { bufferedBytes } from './buffered.ts'
import { hostRoom, READY, servePage, sessionRoom } from './page.ts'
import type { Sockets } from './server.ts'
import { createWatches } from './watches.ts'

// A few snapshots of the largest hosts.
const MOST_BUFFERED = 96 * 1024 * 1024

/** The pages that are open now. */
export type Pages = {
  /** Passes samples on to the pages that want their topics. */
  samples(samples: Samples): void
  /** Tells the pages in which states they should be: one that missed something asks for it. */
  mark(): void
  /** Ends the connections of these sessions. */
  endSessions(ids: string[]): void
  /** The sessions of the pages that are open. */
  sessions(): Set<string>
}

export type PagesOptions = {
  sockets: Sockets
  hosts: Hosts
  counts: Counts
  log: Logger
  /** A page that does not read lets the hub's memory grow: beyond these bytes it is cut off, and catches up when it is back. */
  mostBuffered?: number
}

/** Keeps all pages equal to the hosts, and tells the agents what pages look at. */
export function servePages({ sockets, hosts, counts, log, mostBuffered = MOST_BUFFERED }: PagesOptions): Pages {
  const { pages, agents, patience } = sockets
  const watches = createWatches()
  const watched = (hostId: string): void => {
    const agent = hosts.agentOf(hostId)
    if (agent) agents.to(agent).emit('watch', { hostId, topics: watches.union(hostId) })
  }
  function cutSlow(): void {
    for (const page of pages.sockets.values()) {
      if (bufferedBytes(page.conn) <= mostBuffered) continue
      log.warn({ page: page.id }, 'a page does not read what it is sent; its connection is cut')
      counts.pageCut()
      page.disconnect(true)
    }
  }

  pages.on('connection', (page) => {
    cutSlow()
    servePage(page, { hosts, watches, watched, counts, accepted: () => patience.accepted(page.conn), log })
  })
  hosts.events.on('changed', () => pages.emit('hosts', hosts.list()))
  hosts.events.on('snapshot', (message) => {
    cutSlow()
    pages.in(READY).socketsJoin(hostRoom(message.hostId))
    pages.to(hostRoom(message.hostId)).emit('snapshot', message)
  })
  hosts.events.on('patch', (message) => {
    cutSlow()
    pages.to(hostRoom(message.hostId)).emit('patch', message)
  })
  // An agent that is new to a host does not know what is looked at; it samples nothing unless told.
  hosts.events.on('served', ({ id }) => {
    if (watches.union(id).length) watched(id)
  })

  return {
    samples(samples) {
      for (const page of pages.sockets.values()) {
        const wanted = watches.select(page.id, samples)
        // Samples of a moment ago are worth nothing: a busy connection misses some.
        if (wanted) page.volatile.emit('samples', wanted)
      }
    },
    mark() {
      const marks = hosts.held()
      if (marks.length > 0) pages.to(READY).emit('marks', marks)
    },
    endSessions(ids) {
      for (const id of ids) pages.in(sessionRoom(id)).disconnectSockets(true)
    },
    sessions: () => new Set([...pages.sockets.values()].map((page) => page.data.session.id)),
  }
}
