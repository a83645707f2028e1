import { AGENTS, type AgentToHub, goneSchema, type HubToAgent, PROTOCOL_VERSION, watchSchema } from '@hopscope/protocol'
import type { Logger } from 'pino'
import { io, type Socket } from 'socket.io-client'
import type { FeedMessage, HostFeed } from './feed.ts'

export type HubLink = {
  /** Tells the hub of a host from now on. */
  add(feed: HostFeed): void
  /** Takes what a feed says; what comes while the hub is away is not kept: a snapshot follows when it is back. */
  send(message: FeedMessage): void
  /** A host ended: the hub forgets it. */
  remove(hostId: string): void
  connected(): boolean
  close(): void
}

type Options = { url: string; readKey: () => string | undefined; keyPlace: string; log: Logger }

const RETRY = { first: 500, longest: 10_000 }
/** A page that nobody reads must not fill our memory: beyond this the hub gets a snapshot instead, when it has caught up. */
const LONGEST_QUEUE = 64

/** The one connection to the hub, over which all hosts of this agent speak. It comes back by itself. */
export function openHubLink({ url, readKey, keyPlace, log }: Options): HubLink {
  const feeds = new Map<string, HostFeed>()
  const behind = new Set<string>()
  const socket: Socket<HubToAgent, AgentToHub> = io(new URL(AGENTS, url).href, {
    transports: ['websocket'],
    autoConnect: false,
    reconnectionDelay: RETRY.first,
    reconnectionDelayMax: RETRY.longest,
    auth: (give) => give({ key: readKey() ?? '', protocol: PROTOCOL_VERSION }),
  })
  let retry: NodeJS.Timeout | undefined
  let warned = ''
  const connect = () => {
    const key = readKey()
    // The header is read when the transport opens, so a key that the hub made meanwhile is used at the next try.
    socket.io.opts.extraHeaders = { Authorization: `Bearer ${key ?? ''}` }
    if (key === undefined) warn(`no key at ${keyPlace} yet: start the hub, which makes it`)
    socket.connect()
  }
  const warn = (text: string) => {
    if (text === warned) return
    warned = text
    log.warn(text)
  }

  socket.on('connect', () => {
    warned = ''
    log.info({ url }, 'connected to the hub')
    behind.clear()
    for (const feed of feeds.values()) feed.resync()
  })
  socket.on('disconnect', (reason) => {
    log.warn({ reason }, 'the hub is away')
    for (const feed of feeds.values()) feed.watch([])
    // socket.io does not come back by itself when the other side said good-bye.
    if (reason === 'io server disconnect') again()
  })
  socket.on('connect_error', (error) => {
    warn(`cannot reach the hub at ${url}: ${error.message}`)
    // A refusal (a wrong key, another protocol) ends socket.io's own tries.
    if (!socket.active) again()
  })
  socket.io.on('reconnect_attempt', () => {
    socket.io.opts.extraHeaders = { Authorization: `Bearer ${readKey() ?? ''}` }
  })
  socket.on('resync', (message) => {
    const { hostId } = goneSchema.parse(message)
    feeds.get(hostId)?.resync()
  })
  socket.on('watch', (message) => {
    const { hostId, topics } = watchSchema.parse(message)
    feeds.get(hostId)?.watch(topics)
  })
  const again = () => {
    clearTimeout(retry)
    retry = setTimeout(connect, RETRY.longest / 2)
    retry.unref()
  }
  const queued = () => socket.io.engine?.writeBuffer.length ?? 0
  connect()

  return {
    add(feed) {
      feeds.set(feed.hostId, feed)
      if (socket.connected) feed.resync()
    },
    send({ type, message }) {
      if (!socket.connected) return
      const hostId = message.hostId
      if (type === 'snapshot') {
        behind.delete(hostId)
        socket.emit('snapshot', message)
        return
      }
      if (queued() > LONGEST_QUEUE) {
        if (behind.has(hostId)) return
        behind.add(hostId)
        socket.io.engine.once('drain', () => feeds.get(hostId)?.resync())
        return
      }
      if (type === 'samples') socket.emit('samples', message)
      // While behind, a patch would only be answered by a request for a snapshot, which is on its way.
      else if (!behind.has(hostId)) socket.emit('patch', message)
    },
    remove(hostId) {
      feeds.delete(hostId)
      behind.delete(hostId)
      if (socket.connected) socket.emit('gone', { hostId })
    },
    connected: () => socket.connected,
    close() {
      clearTimeout(retry)
      socket.disconnect()
    },
  }
}
