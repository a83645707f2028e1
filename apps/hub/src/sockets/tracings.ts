import { randomBytes } from 'node:crypto'
import type { Reason, ReasonCode } from '@hopscope/command'
import {
  readMessage,
  type Stories,
  type ToldProof,
  type TraceAnswer,
  type TraceEnd,
  type TraceRequest,
  type TracingLimit,
  traceAnswerSchema,
} from '@hopscope/protocol'
import { readFilter } from '@hopscope/trace'
import type { Logger } from 'pino'
import type { Asker, AuditedChanges, Written } from '../audit/auditedChanges.ts'
import type { Session } from '../auth/sessions.ts'
import type { Hosts } from '../hosts/hosts.ts'
import type { Counts } from '../metrics/counts.ts'
import type { AgentSocket } from './server.ts'
import { within } from './within.ts'

/** Which page asks: a tracing is its, and ends with it. */
export type PageRef = { id: string; session: Session }
type Begin = { hostId: string; filter: string; limit: TracingLimit; page: PageRef; asker: Asker }
type Prove = { hostId: string; query: ToldProof['query']; asker: Asker }

/** Traces packets of hosts for pages. Undefined as an answer: there is no such host. */
export type Tracings = {
  /** Begins a tracing whose packets are sent to the page until it ends. */
  begin(asked: Begin): Promise<TraceAnswer | undefined>
  /** Ends one of this person's own, and says what it came to. */
  stop(id: string, userId: string): Promise<TraceAnswer>
  /** Sends a packet, and lays its way over the predicted one. */
  prove(asked: Prove): Promise<TraceAnswer | undefined>
  /** What an agent tells, of hosts that it serves. */
  stories(message: Stories): void
  ended(message: TraceEnd): void
  /** A page has gone. */
  left(page: string): void
  /** Somebody may not trace any more. */
  endOf(userId: string): void
  open(): number
}

export type TracingsOptions = {
  hosts: Hosts
  audited: AuditedChanges
  findAgent: (id: string) => AgentSocket | undefined
  /** The session of a page that is open. */
  sessionOf: (page: string) => Session | undefined
  /** Sends packets to a page, unless much waits for it already. */
  offer: (page: string, message: Stories) => boolean
  tell: (page: string, message: TraceEnd) => void
  counts: Counts
  log: Logger
}
export type TracingReach = Pick<TracingsOptions, 'findAgent' | 'sessionOf' | 'offer' | 'tell'>

type Open = {
  id: string
  hostId: string
  page: string
  by: { id: string; name: string }
  /** What it traces, for whoever is refused meanwhile, and until when at the latest. */
  what: string
  until: number
  written?: Written
  timer?: NodeJS.Timeout
  stopping?: Promise<TraceAnswer>
  /** Whoever asked has gone, or may not any more. */
  unwanted?: boolean
}

const MOST_PER_PAGE = 3
const ANSWER_WITHIN = 10_000
/** A proof waits for the packet, and for its answer. */
const PROOF_WITHIN = 20_000
const PROOF_SECONDS = 5
/** Milliseconds after its time until an agent is asked for a tracing whose end it has not told. */
const OVERDUE = 5_000

export function createTracings(options: TracingsOptions): Tracings {
  const { hosts, audited, findAgent, sessionOf, offer, tell, counts, log } = options
  /** By host: the kernel traces for one at a time. */
  const open = new Map<string, Open>()
  const byId = (id: string) => [...open.values()].find((one) => one.id === id)

  async function ask(hostId: string, request: TraceRequest, milliseconds = ANSWER_WITHIN): Promise<TraceAnswer> {
    const agent = findAgent(hosts.agentOf(hostId) ?? '')
    if (agent === undefined) return denied('AGENT_AWAY')
    try {
      const came = await within(agent, milliseconds, agent.emitWithAck('trace', { hostId, request }))
      const answer = readMessage(traceAnswerSchema, came)
      if (answer.success) return answer.data
      log.warn({ hostId, why: answer.why, path: answer.path.slice(0, 6) }, 'an answer of an agent was refused')
      return denied('AGENT_UNREADABLE')
    } catch (err) {
      log.warn({ err, hostId }, 'an agent did not answer')
      return denied('TRACING_SILENT')
    }
  }

  function refusalOf({ hostId, page }: { hostId: string; page?: PageRef }): TraceAnswer | undefined {
    const other = open.get(hostId)
    if (other) {
      const seconds = Math.max(1, Math.ceil((other.until - performance.now()) / 1000))
      return denied('TRACED_BY', { by: other.by.name, filter: other.what, seconds })
    }
    if (page === undefined) return undefined
    if (sessionOf(page.id)?.id !== page.session.id) return denied('TRACING_PAGE_GONE')
    const mine = [...open.values()].filter((one) => one.page === page.id).length
    return mine >= MOST_PER_PAGE ? denied('TRACINGS_TOO_MANY', { most: MOST_PER_PAGE }) : undefined
  }

  /** Takes the host for one, from before anything is asked of anybody. */
  function take(one: Omit<Open, 'id'>): Open {
    const taken: Open = { ...one, id: randomBytes(9).toString('base64url') }
    open.set(one.hostId, taken)
    return taken
  }
  function drop(one: Open): boolean {
    clearTimeout(one.timer)
    if (open.get(one.hostId) !== one) return false
    return open.delete(one.hostId)
  }

  function finish(one: Open, end: TraceEnd['end']): void {
    if (!drop(one)) return
    const isWhole = 'summary' in end
    counts.traced(isWhole ? 'ended' : 'lost')
    tell(one.page, { hostId: one.hostId, id: one.id, end })
    const came = isWhole ? { kind: 'ended', summary: end.summary } : { kind: 'lost', reason: end.reason }
    void one.written?.came(came.kind, came)
  }

  function stop(one: Open): Promise<TraceAnswer> {
    one.stopping ??= ask(one.hostId, { kind: 'stop', id: one.id }).then((answer) => {
      if (answer.kind === 'ended') finish(one, { summary: answer.summary })
      else if (answer.kind === 'denied') finish(one, { reason: answer.reason })
      return answer
    })
    return one.stopping
  }

  async function run(one: Open, { filter, limit }: Pick<Begin, 'filter' | 'limit'>): Promise<TraceAnswer> {
    const answer = await ask(one.hostId, { kind: 'trace', id: one.id, filter, limit })
    if (answer.kind !== 'started') {
      drop(one)
      counts.traced('refused')
      await one.written?.came(answer.kind, answer)
      // What may have begun all the same has nobody to be for.
      if (answer.kind === 'denied' && answer.reason.code === 'TRACING_SILENT') void abandon(one.hostId, one.id)
      return answer
    }
    one.timer = setTimeout(() => void stop(one), limit.seconds * 1000 + OVERDUE)
    if (one.unwanted) await stop(one)
    return answer
  }

  const abandoning = new Set<string>()
  /** Ends what nobody here knows of. */
  async function abandon(hostId: string, id: string): Promise<void> {
    if (abandoning.has(hostId)) return
    abandoning.add(hostId)
    await ask(hostId, { kind: 'stop', id })
    abandoning.delete(hostId)
  }
  function unwant(which: (one: Open) => boolean): void {
    for (const one of open.values()) {
      if (!which(one)) continue
      one.unwanted = true
      if (one.timer) void stop(one)
    }
  }
  const lost = (hostId: string) => {
    const one = open.get(hostId)
    if (one?.timer === undefined) return
    finish(one, { reason: because('TRACING_LOST') })
    // An agent that only stood still goes on with it.
    void abandon(hostId, one.id)
  }
  hosts.events.on('stale', ({ id }) => lost(id))
  hosts.events.on('gone', lost)
  // Another connection of its agent, or an observer that was started again: what ran before has ended.
  hosts.events.on('served', ({ id }) => lost(id))

  return {
    async begin({ hostId, filter, limit, page, asker }) {
      const records = hosts.recordsOf(hostId)
      if (records === undefined) return undefined
      const read = readFilter(filter, records)
      if (!read.ok) return { kind: 'filter', fault: read.fault }
      const refused = refusalOf({ hostId, page })
      if (refused) return refused
      const { user } = asker
      const until = performance.now() + limit.seconds * 1000
      const one = take({ hostId, page: page.id, by: user, what: filter === '' ? '*' : filter, until })
      try {
        const written = await audited.write(hostId, { kind: 'trace', filter, limit }, asker)
        if (written === undefined || 'kind' in written) {
          drop(one)
          return written
        }
        one.written = written
        return await run(one, { filter, limit })
      } catch (error) {
        drop(one)
        throw error
      }
    },
    async stop(id, userId) {
      const one = byId(id)
      return one?.by.id === userId ? stop(one) : denied('TRACING_MISSING')
    },
    async prove({ hostId, query, asker }) {
      if (hosts.recordsOf(hostId) === undefined) return undefined
      const refused = refusalOf({ hostId })
      if (refused) return refused
      const { protocol, to, port } = query
      const what = `${protocol} → ${to}${port === undefined ? '' : `:${port}`}`
      const until = performance.now() + PROOF_SECONDS * 1000
      const one = take({ hostId, page: '', by: asker.user, what, until })
      try {
        const written = await audited.write(hostId, { kind: 'prove', query }, asker)
        if (written === undefined || 'kind' in written) return written
        const answer = await ask(hostId, { kind: 'prove', query }, PROOF_WITHIN)
        counts.traced(answer.kind === 'proof' ? 'proof' : 'refused')
        const came =
          answer.kind === 'proof' ? { kind: answer.kind, outcome: answer.proof.forward?.story.way.outcome } : answer
        await written.came(answer.kind, came)
        return answer
      } finally {
        drop(one)
      }
    },
    stories(message) {
      const one = open.get(message.hostId)
      if (one?.id !== message.id) void abandon(message.hostId, message.id)
      else counts.stories(offer(one.page, message) ? 'page' : 'nobody', message.stories.length)
    },
    ended({ hostId, id, end }) {
      const one = open.get(hostId)
      if (one?.id === id) finish(one, end)
    },
    left: (page) => unwant((one) => one.page === page),
    endOf: (userId) => unwant(({ by }) => by.id === userId),
    open: () => open.size,
  }
}

const because = (code: ReasonCode, params: Reason['params'] = {}): Reason => ({ code, params })
const denied = (code: ReasonCode, params: Reason['params'] = {}): TraceAnswer => ({
  kind: 'denied',
  reason: because(code, params),
})
