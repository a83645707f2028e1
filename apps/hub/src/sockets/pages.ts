import type { Samples, SampleTopic } from '@hopscope/model'
import {
  type BrowserToHub,
  goneSchema,
  helloSchema,
  type PatchMessage,
  PROTOCOL_VERSION,
  type Refused,
  type SnapshotMessage,
  type Version,
  watchSchema,
} from '@hopscope/protocol'
import type { Logger } from 'pino'
import { z } from 'zod'
import type { Hosts } from '../hosts/hosts.ts'
import { bufferedBytes } from './buffered.ts'
import type { PageNamespace } from './server.ts'
import { createWatches } from './watches.ts'

// A few snapshots of the largest hosts.
const MOST_BUFFERED = 96 * 1024 * 1024
const READY = 'ready'

/** The pages that are open now. */
export type Pages = {
  hostsChanged(): void
  snapshot(message: SnapshotMessage): void
  patch(message: PatchMessage): void
  samples(samples: Samples): void
  /** Tells a host's agent what pages look at, if they look at anything. */
  tellAgent(hostId: string): void
  gone(hostId: string): void
  /** Ends the connections of these sessions. */
  endSessions(ids: string[]): void
  /** The sessions of the pages that are open. */
  sessions(): Set<string>
}

export type PagesOptions = {
  pages: PageNamespace
  hosts: Hosts
  /** Passes on to the host's agent what pages look at. */
  watch(hostId: string, topics: SampleTopic[]): void
  log: Logger
  /** A page that does not read lets the hub's memory grow: beyond these bytes it is cut off, and catches up when it is back. */
  mostBuffered?: number
}

export function servePages({ pages, hosts, watch, log, mostBuffered = MOST_BUFFERED }: PagesOptions): Pages {
  const watches = createWatches()
  const forward = (hostId: string) => watch(hostId, watches.union(hostId))

  pages.on('connection', (page) => {
    void page.join(sessionRoom(page.data.session.id)) // at once, with the adapter in memory
    page.emit('hosts', hosts.list())

    function bring(hostId: string, known?: Version): void {
      const news = hosts.since(hostId, known)
      if (!news) return
      if ('snapshot' in news) page.emit('snapshot', news.snapshot)
      else for (const patch of news.patches) page.emit('patch', patch)
    }
    /** A listener that parses first. */
    const parsed =
      <T>(event: keyof BrowserToHub, schema: z.ZodType<T>, use: (message: T) => void) =>
      (raw: unknown): void => {
        const message = schema.safeParse(raw)
        if (message.success) use(message.data)
        else log.warn({ event, why: message.error.issues[0]?.message }, 'a message of a page was refused')
      }

    page.on('hello', (raw: unknown) => {
      const version = z.object({ protocol: z.number() }).safeParse(raw)
      if (version.success && version.data.protocol !== PROTOCOL_VERSION) return turnAway(page)
      parsed('hello', helloSchema, ({ known }) => {
        void page.join(READY)
        for (const { host } of hosts.list()) {
          // In the room first: no patch gets lost between what is brought now and what comes next.
          void page.join(hostRoom(host.id))
          bring(host.id, known[host.id])
        }
      })(raw)
    })
    page.on(
      'watch',
      parsed('watch', watchSchema, ({ hostId, topics }) => {
        // A host that is not known has no agent to tell, and its id is whatever the page made up.
        if (!hosts.list().some(({ host }) => host.id === hostId)) return
        if (watches.set(page.id, hostId, topics)) forward(hostId)
      }),
    )
    page.on(
      'resync',
      parsed('resync', goneSchema, ({ hostId }) => bring(hostId)),
    )
    page.on('disconnect', () => {
      for (const hostId of watches.drop(page.id)) forward(hostId)
    })
  })

  /** Ends the connections of pages that stopped reading. */
  function cutSlow(): void {
    for (const page of pages.sockets.values()) {
      if (bufferedBytes(page.conn) <= mostBuffered) continue
      log.warn({ page: page.id }, 'a page does not read what it is sent; its connection is cut')
      page.disconnect(true)
    }
  }

  return {
    hostsChanged: () => pages.emit('hosts', hosts.list()),
    snapshot(message) {
      cutSlow()
      pages.in(READY).socketsJoin(hostRoom(message.hostId))
      pages.to(hostRoom(message.hostId)).emit('snapshot', message)
    },
    patch(message) {
      cutSlow()
      pages.to(hostRoom(message.hostId)).emit('patch', message)
    },
    samples(samples) {
      for (const page of pages.sockets.values()) {
        const wanted = watches.select(page.id, samples)
        // Samples of a moment ago are worth nothing: a busy connection misses some.
        if (wanted) page.volatile.emit('samples', wanted)
      }
    },
    tellAgent(hostId) {
      if (watches.union(hostId).length) forward(hostId)
    },
    gone(hostId) {
      pages.in(hostRoom(hostId)).socketsLeave(hostRoom(hostId))
      watches.forget(hostId)
    },
    endSessions(ids) {
      for (const id of ids) pages.in(sessionRoom(id)).disconnectSockets(true)
    },
    sessions: () => new Set([...pages.sockets.values()].map((page) => page.data.session.id)),
  }
}

const hostRoom = (hostId: string): string => `host:${hostId}`
const sessionRoom = (sessionId: string): string => `session:${sessionId}`

function turnAway(page: {
  emit(event: 'refused', message: Refused): unknown
  disconnect(close: boolean): unknown
}): void {
  page.emit('refused', { code: 'PROTOCOL_MISMATCH' })
  page.disconnect(true)
}
