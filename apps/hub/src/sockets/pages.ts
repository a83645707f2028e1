import type { Records, Samples } from '@hopscope/model'
import type { Mark, Progress, Stories, TraceEnd } from '@hopscope/protocol'
import type { Logger } from 'pino'
import type { Hosts } from '../hosts/hosts.ts'
import type { Counts } from '../metrics/counts.ts'
import { inNextTurn } from '../nextTurn.ts'
import { bufferedBytes } from './buffered.ts'
import { Feed, type FeedContext, type Patch } from './feed.ts'
import { encode, type Frame, together } from './frame.ts'
import { createFrames } from './frames.ts'
import { hintOf } from './hint.ts'
import { servePage, sessionRoom } from './page.ts'
import type { Sockets } from './server.ts'
import { createSharedWindow, type Shared, unshared } from './sharedWindow.ts'
import { createTurns } from './turns.ts'
import { createWatches } from './watches.ts'

const MOST_BUFFERED = 1024 * 1024
const PATIENCE = 10_000
/** Bytes of chatter after which the pages' window is reminded of what else may be said: half of it. */
const MOST_CHATTER = 16 * 1024
/** A change is some kB; what is much larger must not fill the pages' queues, and is seen when the history is read. */
const LARGEST_PROGRESS = 128 * 1024
// Of all pages together, while they catch up. TLS copies what it sends.
const MOST_CATCHING_UP = 32 * 1024 * 1024

/** The pages that are open now. */
export type Pages = {
  /** Passes samples on to the pages that want their topics. */
  samples(samples: Samples): void
  /** Passes how a change gets on to the pages that want to hear of changes. */
  progress(progress: Progress): void
  /** Passes packets of a tracing on to the page that began it, unless it reads too slowly; says whether it did. */
  stories(page: string, message: Stories): boolean
  traced(page: string, message: TraceEnd): void
  /** Tells the pages in which states they should be: one that missed something asks for it. */
  mark(): void
  /** Ends the connections of these sessions. */
  endSessions(ids: string[]): void
  /** The sessions of the pages that are open. */
  sessions(): Set<string>
  stats(): PageStats
  close(): void
}

/** How the pages do: how many there are now, and what happened since the start. */
export type PageStats = {
  open: number
  /** Pages that are being brought what they miss. */
  behind: number
  /** Bytes that wait in this process for pages to read: of all, and of the page with the most. */
  waiting: number
  mostWaiting: number
  /** Cut because more waited for them than may wait. */
  cutFull: number
  /** Cut because they read nothing of what they were to catch up with. */
  cutStuck: number
}

/** What may wait for pages that do not read. */
export type PageLimits = {
  /** Bytes that may wait for one page beside the piece of a snapshot that it is reading; beyond, it is cut off and catches up when it is back. */
  mostBuffered?: number
  /** Milliseconds after which a page is cut off that reads nothing of what it is brought. */
  patience?: number
}
export type PagesOptions = PageLimits & { sockets: Sockets; hosts: Hosts; counts: Counts; log: Logger }

/** Keeps all pages equal to the hosts, and tells the agents what pages look at. */
export function servePages({ sockets, hosts, counts, log, mostBuffered, patience }: PagesOptions): Pages {
  const { pages, agents } = sockets
  const watches = createWatches()
  const watchingChanges = new Set<string>()
  const feeds = new Map<string, Feed>()
  const frames = createFrames(hosts)
  const window = createSharedWindow()
  const stats = { cutFull: 0, cutStuck: 0 }
  const watched = (hostId: string): void => {
    const agent = hosts.agentOf(hostId)
    if (agent) agents.to(agent).emit('watch', { hostId, topics: watches.union(hostId) })
  }
  let batch: Patch[] = []
  let list: Frame | undefined
  let lastChanged: string | undefined

  /** All pages that follow get the same bytes in one go: when the hub is late, several patches in one write. */
  function flush(): void {
    if (batch.length === 0) return
    const patches = batch
    batch = []
    const all = share(patches.map(({ frame }) => frame))
    for (const feed of feeds.values()) feed.patches(patches, all)
  }
  function share(frames: readonly Frame[]): Shared {
    const inStep = [...feeds.values()].some((feed) => feed.isInStep)
    return inStep ? window.share(frames) : unshared(together(frames))
  }
  /** What is likely to be said of the host goes into the window that pages share. */
  function hint(mark: Mark, records: Records): void {
    const shared = window.hint(hintOf(mark, records))
    for (const feed of feeds.values()) feed.hint(shared)
  }
  const context: FeedContext = {
    hosts,
    frames,
    window,
    flush,
    turns: createTurns(MOST_CATCHING_UP),
    list: () => (list ??= encode('hosts', hosts.list())),
    mostBuffered: mostBuffered ?? MOST_BUFFERED,
    patience: patience ?? PATIENCE,
    cut(page, why) {
      if (why === 'full') stats.cutFull++
      else stats.cutStuck++
      counts.pageCut()
      log.warn({ page: page.id, why }, 'a page does not read what it is sent; its connection is cut')
    },
    caughtUp: counts.caughtUp,
  }

  pages.on('connection', (page) => {
    const feed = new Feed(page, context)
    feeds.set(page.id, feed)
    page.on('disconnect', () => {
      feeds.delete(page.id)
      watchingChanges.delete(page.id)
      feed.close()
    })
    const watchChanges = (on: boolean) => (on ? watchingChanges.add(page.id) : watchingChanges.delete(page.id))
    servePage(feed, {
      hosts,
      watches,
      watched,
      watchChanges,
      counts,
      accepted: () => sockets.patience.accepted(page.conn),
      log,
    })
  })
  hosts.events.on('changed', () => {
    flush()
    list = undefined
    for (const feed of feeds.values()) feed.list()
  })
  hosts.events.on('snapshot', (message) => {
    const { hostId } = message
    flush()
    list = undefined
    // Pages read it before they are busy with the snapshot, and stay in step; without pages it need not be now.
    if (feeds.size > 0) hint(message, message.snapshot.records)
    else inNextTurn(() => hint(message, message.snapshot.records))
    for (const feed of feeds.values()) feed.snapshot(hostId)
  })
  hosts.events.on('patch', (message) => {
    list = undefined
    if (feeds.size === 0) return
    lastChanged = message.hostId
    if (batch.length === 0) setImmediate(flush)
    batch.push({ message, frame: frames.patch(message) })
  })
  hosts.events.on('gone', (hostId) => {
    flush()
    for (const feed of feeds.values()) feed.gone(hostId)
  })
  // An agent that is new to a host does not know what is looked at; it samples nothing unless told.
  hosts.events.on('served', ({ id }) => {
    if (watches.union(id).length) watched(id)
  })

  return {
    samples(samples) {
      const encoded = new Map<string, Frame>()
      for (const [page, topics] of watches.of(samples.hostId)) {
        const wanted = topics.filter((topic) => samples[topic] !== undefined).sort()
        if (wanted.length === 0) continue
        const key = wanted.join()
        const frame = encoded.get(key) ?? encode('samples', select(samples, wanted))
        encoded.set(key, frame)
        feeds.get(page)?.passing(frame)
      }
    },
    progress(progress) {
      if (watchingChanges.size === 0) return
      const frame = encode('progress', progress)
      if (frame.bytes > LARGEST_PROGRESS) return
      for (const page of watchingChanges) feeds.get(page)?.news(frame)
    },
    stories: (page, message) => feeds.get(page)?.offer(encode('stories', message)) ?? false,
    traced: (page, message) => feeds.get(page)?.news(encode('traced', message)),
    mark() {
      flush()
      const marks = hosts.held()
      if (marks.length === 0 || feeds.size === 0) return
      const changed = marks.find(({ hostId }) => hostId === lastChanged)
      const records = changed && hosts.recordsOf(changed.hostId)
      if (records && window.chatter() > MOST_CHATTER) hint(changed, records)
      const shared = share([encode('marks', marks)])
      for (const feed of feeds.values()) feed.marks(shared)
    },
    endSessions(ids) {
      for (const id of ids) pages.in(sessionRoom(id)).disconnectSockets(true)
    },
    sessions: () => new Set([...pages.sockets.values()].map((page) => page.data.session.id)),
    stats() {
      const behind = [...feeds.values()].filter((feed) => feed.isBehind).length
      const bytes = [...feeds.values()].map(({ page }) => bufferedBytes(page.conn))
      const waiting = bytes.reduce((sum, some) => sum + some, 0)
      return { open: feeds.size, behind, waiting, mostWaiting: Math.max(0, ...bytes), ...stats }
    },
    close: frames.close,
  }
}

function select(samples: Samples, topics: readonly (keyof Samples)[]): Samples {
  const { hostId, at } = samples
  return Object.assign({ hostId, at }, ...topics.map((topic) => ({ [topic]: samples[topic] })))
}
