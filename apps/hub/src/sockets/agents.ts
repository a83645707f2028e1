import {
  type AgentToHub,
  agentAuthSchema,
  createJoiner,
  type ErrorCode,
  goneSchema,
  marksSchema,
  PROTOCOL_VERSION,
  type Progress,
  patchMessageSchema,
  progressSchema,
  readMessage,
  samplesMessageSchema,
  snapshotMessageSchema,
  snapshotPartSchema,
  storiesSchema,
  traceEndSchema,
  waySchema,
} from '@hopscope/protocol'
import type { Logger } from 'pino'
import type { Socket } from 'socket.io'
import { z } from 'zod'
import { equalSecrets } from '../auth/tokens.ts'
import type { Hosts } from '../hosts/hosts.ts'
import { recognise } from '../hosts/recognise.ts'
import type { Counts } from '../metrics/counts.ts'
import { inNextTurn } from '../nextTurn.ts'
import type { Pages } from './pages.ts'
import { refusal, type Sockets } from './server.ts'
import { createSilence } from './silence.ts'
import type { Tracings } from './tracings.ts'

export type AgentsOptions = {
  sockets: Sockets
  hosts: Hosts
  pages: Pages
  /** Called with how far a change is. */
  progressed(progress: Progress): void
  tracings: Pick<Tracings, 'stories' | 'ended'>
  agentKey: string
  counts: Counts
  log: Logger
}

export type Agents = {
  /** How many messages did not follow the protocol. */
  refused(): number
  /** Looks who has fallen silent; to be called every 2.5 seconds. */
  watch(): void
}

/** Takes in what agents report. Nothing of it is believed before it was parsed; what cannot be parsed is counted. */
export function serveAgents({
  sockets,
  hosts,
  pages,
  progressed,
  tracings,
  agentKey,
  counts,
  log,
}: AgentsOptions): Agents {
  const { agents, patience } = sockets
  const silence = createSilence(hosts)
  let refused = 0
  hosts.events.on('resync', (agent, hostId, why) => {
    log.info({ agent, hostId, why }, 'a snapshot is asked for')
    counts.resync(why)
    agents.to(agent).emit('resync', { hostId })
  })

  const turnAway = (code: ErrorCode): Error => {
    counts.refused(code)
    return refusal(code)
  }
  agents.use((socket, next) => {
    const { auth } = socket.handshake
    // The version first: another version may send what this one's schema does not know.
    const version = z.object({ protocol: z.number() }).safeParse(auth)
    if (version.success && version.data.protocol !== PROTOCOL_VERSION) return next(turnAway('PROTOCOL_MISMATCH'))
    const parsed = readMessage(agentAuthSchema, auth)
    if (!parsed.success) return next(turnAway('BAD_INPUT'))
    next(equalSecrets(parsed.data.key, agentKey) ? undefined : turnAway('AGENT_KEY_WRONG'))
  })

  agents.on('connection', (socket) => {
    const agent = socket.id
    log.info({ agent }, 'an agent connected')
    hosts.joined(agent)
    silence.heard(agent)
    // Whatever it sends, and be it the answer to a ping, an agent that sends is not frozen.
    socket.conn.on('packet', ({ type, data }: { type: string; data?: unknown }) => {
      silence.heard(agent)
      if (type === 'message' && typeof data === 'string') counts.received(eventOf(data), data.length)
    })

    let told = false
    /** A listener that parses first: what does not follow the protocol goes no further. */
    const parsed =
      <T>(event: keyof AgentToHub, schema: z.ZodType<T>, use: (message: T) => void) =>
      (raw: unknown): void => {
        const message = readMessage(schema, raw)
        if (message.success) {
          patience.accepted(socket.conn)
          use(message.data)
          return
        }
        refused++
        counts.refusedMessage('agent')
        const { why, path } = message
        // The first one says it all; a flood of them must not fill the log.
        log[told ? 'debug' : 'warn']({ agent, event, path: path.slice(0, 6), why }, REFUSED)
        told = true
        const named = z.object({ hostId: z.string() }).safeParse(raw)
        if ((event === 'patch' || event === 'part') && named.success) hosts.unreadable(agent, named.data.hostId)
      }

    /** The same for what is told of a host: only the agent that serves it is listened to. */
    const served = <T extends { hostId: string }>(
      event: keyof AgentToHub,
      schema: z.ZodType<T>,
      use: (message: T) => void,
    ) =>
      parsed(event, schema, (message) => {
        if (hosts.agentOf(message.hostId) === agent) use(message)
      })

    socket.on(
      'snapshot',
      parsed('snapshot', snapshotMessageSchema, (message) => {
        hosts.snapshot(agent, message)
        breathe(socket.conn)
      }),
    )
    const joiner = createJoiner()
    socket.on(
      'part',
      parsed('part', snapshotPartSchema, (part) => {
        const whole = joiner.take(recognise(part, hosts.recordsOf(part.hostId)))
        if (whole) hosts.snapshot(agent, whole)
        breathe(socket.conn)
      }),
    )
    socket.on(
      'patch',
      parsed('patch', patchMessageSchema, (message) => hosts.patch(agent, message)),
    )
    socket.on('samples', served('samples', samplesMessageSchema, pages.samples))
    socket.on('progress', served('progress', progressSchema, progressed))
    socket.on('stories', served('stories', storiesSchema, tracings.stories))
    socket.on('traced', served('traced', traceEndSchema, tracings.ended))
    socket.on('way', (raw: unknown, heard: unknown) =>
      parsed('way', waySchema, (way) => {
        socket.data.way = way
        if (typeof heard === 'function') heard()
      })(raw),
    )
    socket.on(
      'gone',
      parsed('gone', goneSchema, ({ hostId }) => hosts.gone(agent, hostId)),
    )
    socket.on(
      'away',
      parsed('away', goneSchema, ({ hostId }) => hosts.away(agent, hostId)),
    )
    socket.on(
      'marks',
      parsed('marks', marksSchema, (marks) => hosts.marks(agent, marks)),
    )
    socket.on('disconnect', (reason) => {
      log.info({ agent, reason }, 'an agent left')
      silence.left(agent)
      hosts.left(agent)
    })
  })

  return { refused: () => refused, watch: silence.watch }
}

/** Reads on in the next turn of the event loop: many large messages that came together would make one long turn. */
function breathe({ transport }: Socket['conn']): void {
  // Not declared, because other transports have no WebSocket; ours have no other.
  const { socket } = transport as unknown as { socket?: { pause(): void; resume(): void } }
  socket?.pause()
  inNextTurn(() => socket?.resume())
}

/** The event's name of a packet as it came: `2/agent,["patch",…`. */
const eventOf = (packet: string): string => /^2\/agent,\d*\["(\w+)"/.exec(packet.slice(0, 64))?.[1] ?? ''

const REFUSED = 'a message of an agent was refused; further ones of this connection are counted only'
