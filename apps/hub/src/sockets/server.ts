import type { Server as HttpServer, IncomingMessage } from 'node:http'
import {
  AGENTS,
  type AgentToHub,
  BROWSERS,
  type BrowserToHub,
  type ErrorCode,
  type HubToAgent,
  type HubToBrowser,
} from '@hopscope/protocol'
import { type DefaultEventsMap, type Namespace, Server, type Socket } from 'socket.io'
import type { Session } from '../auth/sessions.ts'
import type { Counts } from '../metrics/counts.ts'
import { type Admission, type Gate, refuse } from './admission.ts'

export type AgentNamespace = Namespace<AgentToHub, HubToAgent, DefaultEventsMap, Record<string, never>>
export type PageNamespace = Namespace<BrowserToHub, HubToBrowser, DefaultEventsMap, { session: Session }>
export type PageSocket = Socket<BrowserToHub, HubToBrowser, DefaultEventsMap, { session: Session }>
export type Sockets = { agents: AgentNamespace; pages: PageNamespace; close(): Promise<void> }

// A snapshot of 2,000 containers is a little above 10 MB.
const LARGEST_MESSAGE = 64 * 1024 * 1024

/** The streaming side of the hub: one namespace for agents, one for pages, nobody else let in. */
export function createSockets(server: HttpServer, gate: Gate, counts: Counts): Sockets {
  const admitted = new WeakMap<IncomingMessage, Admission>()
  const io = new Server({
    serveClient: false,
    maxHttpBufferSize: LARGEST_MESSAGE,
    // Patches are small and mostly local; zlib would hold a window per connection, and a packed message could unpack to anything.
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
        () => answer('INTERNAL', false),
      )
    },
  })
  io.attach(server)
  // Later requests of a known connection are not offered to allowRequest; these checks are for each of them.
  io.engine.use((request: IncomingMessage, response: never, next: () => void) => {
    const refusal = gate.checkRequest(request)
    if (!refusal) return next()
    counts.refused(refusal.code)
    refuse(request, response, refusal)
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
    next()
  })
  return { agents, pages, close: () => io.close() }
}

/** What a client finds in the `data` of its connect_error. */
export function refusal(code: ErrorCode): Error {
  return Object.assign(new Error(code), { data: { code } })
}
