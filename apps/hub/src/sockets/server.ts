import type { Server as HttpServer, IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import {
  AGENTS,
  type AgentToHub,
  BROWSERS,
  type BrowserToHub,
  type ErrorCode,
  type HubToAgent,
  type HubToBrowser,
  type HubWay,
} from '@hopscope/protocol'
import type { Logger } from 'pino'
import { type DefaultEventsMap, type Namespace, Server, type Socket } from 'socket.io'
import type { Session } from '../auth/sessions.ts'
import type { Counts } from '../metrics/counts.ts'
import { type Admission, type Gate, refuse } from './admission.ts'
import { engineWithLimits, type Limits } from './engine.ts'
import { createPatience, type Patience } from './patience.ts'

/** `way`: its connection as it sees it itself. */
type AgentData = { way?: HubWay }
/** `since`: when it connected, on the clock that only goes forwards. */
type PageData = { session: Session; since: number }
export type AgentNamespace = Namespace<AgentToHub, HubToAgent, DefaultEventsMap, AgentData>
export type AgentSocket = Socket<AgentToHub, HubToAgent, DefaultEventsMap, AgentData>
export type PageNamespace = Namespace<BrowserToHub, HubToBrowser, DefaultEventsMap, PageData>
export type PageSocket = Socket<BrowserToHub, HubToBrowser, DefaultEventsMap, PageData>
export type Sockets = { agents: AgentNamespace; pages: PageNamespace; patience: Patience; close(): Promise<void> }

// A snapshot of 2,000 containers is a little above 10 MB.
const LARGEST_OF_AGENT = 64 * 1024 * 1024
// A page says what it holds and what it looks at.
const LARGEST_OF_PAGE = 64 * 1024
// A connection that joins nothing has no business here.
const JOIN_WITHIN = 10_000

export type SocketsOptions = { server: HttpServer; gate: Gate; counts: Counts; log: Logger }

const GOODBYE = 1_000

/** The streaming side of the hub: one namespace for agents, one for pages, nobody else let in. */
export function createSockets({ server, gate, counts, log }: SocketsOptions): Sockets {
  const admitted = new WeakMap<IncomingMessage, Admission>()
  const limitsOf = (request: IncomingMessage): Limits =>
    admitted.get(request)?.kind === 'agent'
      ? { largest: LARGEST_OF_AGENT, deflates: false }
      : { largest: LARGEST_OF_PAGE, deflates: true }
  const patience = createPatience((connection) => {
    counts.refused('RATE_LIMITED')
    log.warn({ from: connection.remoteAddress }, 'a connection that keeps sending what is refused is cut')
    // A page can say so; what has joined nothing is not spoken to.
    for (const page of pages.sockets.values())
      if (page.conn === connection) page.emit('refused', { code: 'RATE_LIMITED' })
  })
  const io = new Server({
    serveClient: false,
    // Browsers send no Origin with polling requests of their own page, so that no page could connect that way anyhow.
    transports: ['websocket'],
    wsEngine: engineWithLimits(limitsOf),
    connectTimeout: JOIN_WITHIN,
    // That would be a window per connection, and each message deflated for each of them: see `engine.ts` and `sharedWindow.ts`.
    perMessageDeflate: false,
    // Often, so that a frozen agent is soon known as one (see `silence.ts`). The answer has its time: on a slow line a ping
    // waits behind a whole snapshot.
    pingInterval: 5_000,
    pingTimeout: 20_000,
    allowRequest(request, answer) {
      gate.admit(request).then(
        (admission) => {
          if (admission) admitted.set(request, admission)
          else counts.refused('UNAUTHENTICATED')
          answer(admission ? null : 'UNAUTHENTICATED', admission !== undefined)
        },
        (err: unknown) => {
          log.error({ err }, 'a connection could not be looked up')
          answer('INTERNAL', false)
        },
      )
    },
  })
  io.attach(server)
  io.engine.on('connection', patience.watch)
  io.engine.use((request: IncomingMessage, response: never, next: () => void) => {
    const refused = gate.checkRequest(request)
    if (!refused) return next()
    counts.refused(refused.code)
    refuse(request, response, refused)
  })
  const turnAway = (code: ErrorCode): Error => {
    counts.refused(code)
    return refusal(code)
  }
  // Nobody has business in the default namespace.
  io.use((_socket, next) => next(turnAway('FORBIDDEN')))
  const agents: AgentNamespace = io.of(AGENTS)
  agents.use((socket, next) => {
    next(admitted.get(socket.request)?.kind === 'agent' ? undefined : turnAway('AGENT_KEY_WRONG'))
  })
  const pages: PageNamespace = io.of(BROWSERS)
  pages.use((socket, next) => {
    const admission = admitted.get(socket.request)
    if (admission?.kind !== 'page') return next(turnAway('UNAUTHENTICATED'))
    socket.data.session = admission.session
    socket.data.since = performance.now()
    next()
  })
  for (const namespace of [agents, pages]) namespace.on('connection', ({ conn }) => patience.accepted(conn))
  return { agents, pages, patience, close: closeOf(io, server) }
}

/** Ends all connections, if need be without the other side. */
function closeOf(io: Server, server: HttpServer): () => Promise<void> {
  const upgraded = new Set<Duplex>()
  server.on('upgrade', (_request, socket) => {
    upgraded.add(socket)
    socket.once('close', () => upgraded.delete(socket))
  })
  return async () => {
    // A client that does not read does not say goodbye either: waiting for that would take half a minute.
    const impatient = setTimeout(() => {
      for (const socket of upgraded) socket.destroy()
    }, GOODBYE)
    await io.close()
    clearTimeout(impatient)
  }
}

/** What a client finds in the `data` of its connect_error. */
export function refusal(code: ErrorCode): Error {
  return Object.assign(new Error(code), { data: { code } })
}
