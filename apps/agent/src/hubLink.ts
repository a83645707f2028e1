import type { Reason, Way } from '@hopscope/command'
import {
  AGENTS,
  type ChangeAnswer,
  changeMessageSchema,
  goneSchema,
  type HostMetrics,
  type HubToAgent,
  type HubWay,
  MARK_EVERY,
  type Mark,
  type PatchMessage,
  PROTOCOL_VERSION,
  readMessage,
  type SnapshotPart,
  traceMessageSchema,
  watchSchema,
} from '@hopscope/protocol'
import type { Logger } from 'pino'
import type { ManagerOptions, SocketOptions } from 'socket.io-client'
import type { z } from 'zod'
import { type AgentSocket, buffered, dial, wayOf } from './dial.ts'
import type { FeedMessage, HostFeed } from './feed.ts'
import { createLinkCounts } from './metrics/linkCounts.ts'
import { lookUp, whyNot } from './reachHub.ts'

export type HubLink = {
  /** Tells the hub of a host from now on. */
  add(feed: HostFeed): void
  /** Takes what a feed says; what comes while the hub is away is not kept: a snapshot follows when it is back. */
  send(message: FeedMessage): void
  /** A host ended: the hub forgets it. */
  remove(hostId: string): void
  /** The observer of a host ended and will be back: the hub keeps what it has, as stale. */
  away(hostId: string): void
  connected(): boolean
  /** Figures of all hosts; an observer that does not answer is left out. */
  metrics(): Promise<HostMetrics[]>
  /** The ends of the connection to the hub, as they were last. */
  way(): Way | undefined
  /** Leaves the connection for a new one, at once. */
  redial(): void
  /** The same, unless the hub still answers over it: what it asks meanwhile would be lost. */
  redialIfSilent(): void
  /** From now on it is no news when the hub goes: this agent is about to. */
  ending(): void
  close(): void
}

type Options = {
  /** Asked anew at every try, because the hub may be started later, elsewhere, and makes the key then. */
  findHub: () => string
  readKey: () => string | undefined
  /** Where the key is looked for, for messages. */
  keyPlace: string
  log: Logger
  /** Milliseconds between tries: the first, and the longest. */
  retry?: { first: number; longest: number }
  /** Milliseconds between marks. */
  markEvery?: number
  /** Opens the socket; tests have one that loses messages. */
  open?: (url: string, options: Partial<ManagerOptions & SocketOptions>) => AgentSocket
}

/** In milliseconds; a hub that is reached answers within some. */
const ANSWERS_WITHIN = 1_000
const RETRY = { first: 500, longest: 5_000 }
/** A hub that does not read must not fill our memory: beyond this it gets a snapshot instead, when it has caught up. */
const MOST_BUFFERED = 16 << 20
/** Packets are not what the hub is to wait for. */
const MOST_BEFORE_STORIES = 1 << 20
const CAUGHT_UP = { bytes: 1 << 20, every: 250 }

/**
 * The one connection to the hub, over which all hosts of this agent speak. It comes back by itself, whatever ended it:
 * socket.io alone gives up when the hub refuses, as it does while it starts.
 */
export function openHubLink(options: Options): HubLink {
  const { findHub, readKey, keyPlace, log, retry = RETRY, markEvery = MARK_EVERY, open = dial } = options
  const feeds = new Map<string, HostFeed>()
  const behind = new Set<string>()
  /** Where the hub should be by now. */
  const told = new Map<string, Mark>()
  /** Ended while the hub was away. */
  const ended = new Set<string>()
  let socket: AgentSocket | undefined
  let timer: NodeJS.Timeout | undefined
  let catchingUp: NodeJS.Timeout | undefined
  let pause = retry.first
  let warned = ''
  let ending = false
  const counts = createLinkCounts()
  let way: HubWay | undefined
  let connections = 0
  /** Changes that wait to be kept, with the connection that they were run over: a later one shows that the hub can be reached. */
  const ranOver = new Map<string, number>()

  const warn = (text: string) => {
    if (text === warned) return
    warned = text
    log.warn(text)
  }
  const end = () => {
    // Whoever asked for them does not hear of them any more.
    for (const feed of feeds.values()) feed.tracing.end()
    socket?.removeAllListeners()
    socket?.disconnect()
    socket = undefined
    behind.clear()
    told.clear()
  }
  /** Leaves this connection, if it is still the one, and tries again. */
  const leave = (old: AgentSocket | undefined) => {
    if (old !== socket) return
    end()
    if (ending) return
    timer = setTimeout(connect, pause)
    pause = Math.min(pause * 2, retry.longest)
  }

  function redial() {
    if (ending) return
    clearTimeout(timer)
    pause = retry.first
    end()
    connect()
  }

  function redialIfSilent() {
    const asked = socket
    if (!asked?.connected || way === undefined) return redial()
    const heard = asked.timeout(ANSWERS_WITHIN).emitWithAck('way', way)
    heard.catch(() => asked === socket && redial())
  }

  function connect() {
    const target = lookUp(findHub, readKey)
    if ('problem' in target) {
      warn(target.problem)
      return leave(undefined)
    }
    const { url, key } = target
    if (key === undefined) warn(`no key at ${keyPlace} yet: start the hub, which makes it`)
    const opened: AgentSocket = open(new URL(AGENTS, url).href, {
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
      extraHeaders: { Authorization: `Bearer ${key ?? ''}` },
      auth: { key: key ?? '', protocol: PROTOCOL_VERSION },
    })
    socket = opened
    const connection = ++connections
    opened.on('connect', () => {
      way = wayOf(opened)
      if (way) opened.emit('way', way, () => undefined)
      warned = ''
      pause = retry.first
      log.info({ url }, 'connected to the hub')
      for (const feed of feeds.values()) feed.resync()
      for (const hostId of ended) opened.emit('gone', { hostId })
      ended.clear()
    })
    opened.on('disconnect', (reason) => {
      log[ending ? 'debug' : 'warn']({ reason }, 'the hub is away')
      for (const feed of feeds.values()) feed.watch([])
      leave(opened)
    })
    opened.on('connect_error', (error) => {
      warn(whyNot(error, { url, keyPlace, hasKey: key !== undefined }))
      leave(opened)
    })
    const read = reader(log)
    opened.on('resync', (raw) => {
      const message = read('resync', goneSchema, raw)
      if (message) feeds.get(message.hostId)?.resync()
    })
    opened.on('metrics', (answer: unknown) => {
      if (typeof answer === 'function') void metrics().then((all) => answer(all))
    })
    opened.on(
      'change',
      asked(changeMessageSchema, async ({ changing }, { request }) => {
        const before = request.kind === 'keep' ? ranOver.get(request.id) : undefined
        if (before !== undefined && connection <= before) return denied({ code: 'KEPT_FROM_BEFORE', params: {} })
        const came = await changing.change(request)
        if (request.kind === 'keep') ranOver.delete(request.id)
        if (came.kind === 'change' && came.change.state === 'unconfirmed') {
          ranOver.set(came.change.id, connection)
          // Once the answer is on its way.
          setImmediate(redial)
        }
        return came
      }),
    )
    opened.on(
      'trace',
      asked(traceMessageSchema, ({ tracing }, { request }) => tracing.ask(request)),
    )
    opened.on('history', (message: unknown, answer: unknown) => {
      const asked = readMessage(goneSchema, message)
      const feed = asked.success ? feeds.get(asked.data.hostId) : undefined
      if (typeof answer !== 'function' || feed === undefined) return
      void feed.changing
        .history()
        .then(answer as (changes: unknown) => void, (err: unknown) => log.error({ err }, 'no history'))
    })
    opened.on('watch', (raw) => {
      const message = read('watch', watchSchema, raw)
      if (message) feeds.get(message.hostId)?.watch(message.topics)
    })
  }

  const failed = (err: unknown): Denied => {
    log.error({ err }, 'what the hub asked for failed')
    return denied({ code: 'AGENT_FAILED', params: {}, detail: err instanceof Error ? err.message : String(err) })
  }

  /** Answers what the hub asks of a host that is served here. */
  const asked =
    <T extends { hostId: string }>(schema: z.ZodType<T>, act: (feed: HostFeed, message: T) => Promise<unknown>) =>
    (raw: unknown, answer: unknown) => {
      if (typeof answer !== 'function') return
      const message = readMessage(schema, raw)
      if (!message.success) return answer(denied({ code: 'REQUEST_UNREADABLE', params: {}, detail: message.why }))
      const feed = feeds.get(message.data.hostId)
      if (feed === undefined) return answer(denied({ code: 'HOST_NOT_SERVED', params: {} }))
      void act(feed, message.data)
        .catch(failed)
        .then((came) => answer(came))
    }

  async function metrics(): Promise<HostMetrics[]> {
    const waiting = socket === undefined ? 0 : buffered(socket)
    const all = [...feeds.values()].map(async (feed): Promise<HostMetrics[]> => {
      try {
        return [{ hostId: feed.hostId, values: { ...(await feed.metrics()), ...counts.of(feed.hostId), waiting } }]
      } catch (error) {
        log.warn({ err: error, hostId: feed.hostId }, 'no figures of a host')
        return []
      }
    })
    return (await Promise.all(all)).flat()
  }

  const catchUp = () => {
    if (socket !== undefined && buffered(socket) > CAUGHT_UP.bytes) return
    clearInterval(catchingUp)
    catchingUp = undefined
    for (const hostId of [...behind]) feeds.get(hostId)?.resync()
  }
  const mark = () => {
    // Marks say where the hub should be; one that reads slowly is not there yet.
    if (told.size > 0 && socket?.connected && buffered(socket) <= CAUGHT_UP.bytes)
      socket.emit('marks', [...told.values()])
  }
  const drop = (event: 'gone' | 'away', hostId: string) => {
    feeds.delete(hostId)
    behind.delete(hostId)
    told.delete(hostId)
    counts.forget(hostId)
    if (socket?.connected) socket.emit(event, { hostId })
    else if (event === 'gone') ended.add(hostId)
  }
  const marking = setInterval(mark, markEvery)
  connect()

  return {
    add(feed) {
      feeds.set(feed.hostId, feed)
      ended.delete(feed.hostId)
      if (socket?.connected) feed.resync()
    },
    send({ type, message }) {
      const { hostId } = message
      const whole = type === 'snapshot' || (type === 'part' && isLast(message))
      if (whole) told.set(hostId, { hostId, version: message.version, hash: message.hash })
      if (type === 'patch') told.set(hostId, markAfter(message))
      // What comes late from a host that ended is not counted: nobody would forget it again.
      const count = (what: 'snapshots' | 'patches' | 'unsent') => feeds.has(hostId) && counts.count(hostId, what)
      if (!socket?.connected) {
        count('unsent')
        return
      }
      if (buffered(socket) > MOST_BUFFERED) {
        count('unsent')
        behind.add(hostId)
        catchingUp ??= setInterval(catchUp, CAUGHT_UP.every)
      } else if (type === 'snapshot') {
        behind.delete(hostId)
        count('snapshots')
        socket.emit('snapshot', message)
      } else if (type === 'samples') socket.emit('samples', message)
      else if (type === 'progress') socket.emit('progress', message)
      else if (type === 'traced') socket.emit('traced', message)
      // Each message says how many there were until then: what is left out is known.
      else if (type === 'stories') {
        if (buffered(socket) <= MOST_BEFORE_STORIES) socket.emit('stories', message)
        else count('unsent')
      } else if (type === 'part' && (message.at === 0 || !behind.has(hostId))) {
        behind.delete(hostId)
        if (isLast(message)) count('snapshots')
        socket.emit('part', message)
      }
      // While behind, a patch would only be answered by a request for a snapshot, which is on its way.
      else if (behind.has(hostId)) count('unsent')
      else if (type === 'patch') {
        count('patches')
        socket.emit('patch', message)
      }
    },
    remove: (hostId) => drop('gone', hostId),
    away: (hostId) => drop('away', hostId),
    metrics,
    way: () => way && { to: 'hub', ...way },
    redial,
    redialIfSilent,
    ending() {
      ending = true
    },
    connected: () => socket?.connected ?? false,
    close() {
      ending = true
      clearTimeout(timer)
      clearInterval(catchingUp)
      clearInterval(marking)
      const last = socket
      socket = undefined
      last?.removeAllListeners()
      last?.disconnect()
    },
  }
}

type Denied = Extract<ChangeAnswer, { kind: 'denied' }>
const denied = (reason: Reason): Denied => ({ kind: 'denied', reason })

/** Reads what the hub says: a message that does not follow the protocol is left out, and the first one of a connection told. */
function reader(log: Logger): <T>(event: keyof HubToAgent, schema: z.ZodType<T>, raw: unknown) => T | undefined {
  let told = false
  return (event, schema, raw) => {
    const message = readMessage(schema, raw)
    if (message.success) return message.data
    log[told ? 'debug' : 'warn']({ event, why: message.why }, 'a message of the hub was refused')
    told = true
    return undefined
  }
}

const isLast = ({ at, of }: SnapshotPart): boolean => at === of - 1

const markAfter = ({ hostId, epoch, to, hash }: PatchMessage): Mark => ({
  hostId,
  version: { epoch, revision: to },
  hash,
})
