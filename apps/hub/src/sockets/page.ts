import {
  type BrowserToHub,
  goneSchema,
  helloSchema,
  PROTOCOL_VERSION,
  readMessage,
  watchChangesSchema,
  watchSchema,
} from '@hopscope/protocol'
import type { Logger } from 'pino'
import { z } from 'zod'
import type { Hosts } from '../hosts/hosts.ts'
import type { Counts } from '../metrics/counts.ts'
import type { Feed } from './feed.ts'
import type { PageSocket } from './server.ts'
import type { Watches } from './watches.ts'

export const sessionRoom = (sessionId: string): string => `session:${sessionId}`

export type PageOptions = {
  hosts: Hosts
  watches: Watches
  /** Called with a host when what its pages look at has changed. */
  watched(hostId: string): void
  /** Called when the page begins or ends to want news of changes. */
  watchChanges(on: boolean): void
  counts: Counts
  /** Called when the page sent one of our messages. */
  accepted(): void
  log: Logger
}

/** Talks with one page: brings it up to date when it says hello or asks, and notes what it looks at. */
export function servePage(
  feed: Feed,
  { hosts, watches, watched, watchChanges, counts, accepted, log }: PageOptions,
): void {
  const { page } = feed
  // Joining takes effect at once with the adapter in memory; the promise is for those that ask other processes.
  void page.join(sessionRoom(page.data.session.id))

  let told = false
  /** A listener that parses first. */
  const parsed =
    <T>(event: keyof BrowserToHub, schema: z.ZodType<T>, use: (message: T) => void) =>
    (raw: unknown): void => {
      const message = readMessage(schema, raw)
      if (message.success) {
        accepted()
        use(message.data)
        return
      }
      counts.refusedMessage('page')
      // The first one says it all; a flood of them must not fill the log.
      log[told ? 'debug' : 'warn']({ event, why: message.why }, 'a message of a page was refused')
      told = true
    }

  const welcome = parsed('hello', helloSchema, ({ known }) => feed.hello(known))
  const got = parsed('got', goneSchema, () => feed.got())
  const watch = parsed('watch', watchSchema, ({ hostId, topics }) => {
    // A host that is not known has no agent to tell, and its id is whatever the page made up.
    const known = hosts.list().some(({ host }) => host.id === hostId)
    if (known && watches.set(page.id, hostId, topics)) watched(hostId)
  })
  const changes = parsed('watchChanges', watchChangesSchema, ({ on }) => watchChanges(on))
  const resync = parsed('resync', goneSchema, ({ hostId }) => {
    if (!hosts.list().some(({ host }) => host.id === hostId)) return
    counts.pageResync()
    feed.renew(hostId)
  })

  page.on('hello', (raw: unknown) => (speaksOurs(raw) ? welcome(raw) : turnAway(page)))
  page.on('watch', watch)
  page.on('watchChanges', changes)
  page.on('got', got)
  page.on('resync', resync)
  page.on('disconnect', () => {
    for (const hostId of watches.drop(page.id)) watched(hostId)
  })
}

/** False only for a page that names another version: it may say hello in ways that are not known here. */
function speaksOurs(hello: unknown): boolean {
  const version = z.object({ protocol: z.number() }).safeParse(hello)
  return !version.success || version.data.protocol === PROTOCOL_VERSION
}

function turnAway(page: PageSocket): void {
  page.emit('refused', { code: 'PROTOCOL_MISMATCH' })
  page.disconnect(true)
}
