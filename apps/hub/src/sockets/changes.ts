import type { Reason, ReasonCode, Way } from '@hopscope/command'
import {
  type Change,
  type ChangeAnswer,
  type ChangeMessage,
  type ChangeRequest,
  changeAnswerSchema,
  historySchema,
  type Progress,
  readMessage,
} from '@hopscope/protocol'
import type { Logger } from 'pino'
import type { Hosts } from '../hosts/hosts.ts'
import type { AgentSocket, PageSocket } from './server.ts'
import { within } from './within.ts'

/** Nobody knows what came of it. */
export type Silence = { kind: 'silent'; reason: Reason }
/** Asks the agent of a host to change it. */
export type Changes = {
  ask(hostId: string, request: ChangeRequest): Promise<ChangeAnswer | Silence>
  /** What was changed on a host, newest first. */
  history(hostId: string): Promise<Change[] | { away: Reason }>
  /** An agent told how a change gets on. */
  progress(progress: Progress): void
  /** What is undone unless somebody keeps it, with the time that is left now. */
  unconfirmed(): Progress[]
  /** Whether a page of this session has connected since it was heard here that a change waits to be kept. */
  isReached(sessionId: string, id: string): boolean
  /** Whose ways a change of this host could cut: the agent's to the hub, and those of the pages that are open. */
  ways(hostId: string): Way[]
}

type Options = {
  hosts: Hosts
  findAgent: (id: string) => AgentSocket | undefined
  findPages: () => Iterable<PageSocket>
  tellPages: (progress: Progress) => void
  log: Logger
}

/** A plan may have many steps, and each program 20 seconds. */
const CHANGE_WITHIN = 120_000
const HISTORY_WITHIN = 10_000
/** What an agent makes up must not fill the memory. */
const MOST_WAITING = 1_000
const MOST_VIEWERS = 100
/** Milliseconds after its time in which an agent that is away may still bring news of a change. */
const FORGOTTEN = 30_000

export function createChanges({ hosts, findAgent, findPages, tellPages, log }: Options): Changes {
  /** Since when it is known here, and when it was heard of last. */
  const waiting = new Map<string, Progress & { since: number; heard: number }>()
  const note = ({ hostId, change }: Progress): void => {
    const { id, state } = change
    if (state === 'unconfirmed')
      waiting.set(id, { hostId, change, since: waiting.get(id)?.since ?? performance.now(), heard: performance.now() })
    // While it is being undone, nothing has come of it yet.
    else if (state !== 'undoing') waiting.delete(id)
    if (waiting.size > MOST_WAITING) waiting.delete(waiting.keys().next().value ?? '')
  }
  const viewers = () => [...new Set([...findPages()].map(({ handshake }) => handshake.address))].slice(0, MOST_VIEWERS)
  const agentOf = (hostId: string): AgentSocket | undefined => {
    const id = hosts.agentOf(hostId)
    return id === undefined ? undefined : findAgent(id)
  }
  async function history(hostId: string): Promise<Change[] | { away: Reason }> {
    const agent = agentOf(hostId)
    if (agent === undefined) return { away: because('AGENT_AWAY') }
    try {
      const came = readMessage(
        historySchema,
        await within(agent, HISTORY_WITHIN, agent.emitWithAck('history', { hostId })),
      )
      if (!came.success) return { away: because('AGENT_UNREADABLE') }
      for (const change of came.data) {
        // The agent told of its end while it had no connection: nobody has heard of it yet.
        if (waiting.has(change.id) && change.state !== 'unconfirmed') tellPages({ hostId, change })
        note({ hostId, change })
      }
      return came.data
    } catch (err) {
      log.warn({ err, hostId }, 'an agent did not tell what was changed')
      return { away: because('AGENT_SILENT') }
    }
  }
  const asking = new Set<{ hostId: string; agent: string; leave(): void }>()
  hosts.events.on('served', ({ id }) => {
    for (const { hostId, agent, leave } of asking) if (hostId === id && hosts.agentOf(id) !== agent) leave()
    // An agent that was away may have run, or undone by itself, what waits to be kept.
    void history(id)
  })
  /** The answer; rejects when the agent leaves, or comes back over another connection, for then it answers no more. */
  async function answerOf(agent: AgentSocket, message: ChangeMessage): Promise<unknown> {
    let leave: () => void = () => undefined
    const left = new Promise<never>((_, reject) => {
      leave = () => reject(new Error('the agent came back over another connection'))
    })
    const one = { hostId: message.hostId, agent: agent.id, leave }
    asking.add(one)
    try {
      return await within(agent, CHANGE_WITHIN, Promise.race([agent.emitWithAck('change', message), left]))
    } finally {
      asking.delete(one)
    }
  }

  return {
    async ask(hostId, request) {
      const agent = agentOf(hostId)
      if (agent === undefined) return { kind: 'denied', reason: because('AGENT_AWAY') }
      try {
        const told = request.kind === 'run' ? { ...request, viewers: viewers() } : request
        const came = await answerOf(agent, { hostId, request: told })
        const answer = readMessage(changeAnswerSchema, came)
        if (answer.success && answer.data.kind === 'change') {
          const progress = { hostId, change: answer.data.change }
          note(progress)
          // Its own news may be lost: it dials anew right after it has run what is to be kept.
          if (request.kind === 'keep') tellPages(progress)
        }
        if (answer.success) return answer.data
        log.warn({ hostId, why: answer.why, path: answer.path.slice(0, 6) }, 'an answer of an agent was refused')
        return silent('AGENT_UNREADABLE')
      } catch (err) {
        log.warn({ err, hostId }, 'an agent did not answer')
        return silent('AGENT_SILENT')
      }
    },
    history,
    progress: note,
    unconfirmed: () =>
      [...waiting.values()].flatMap(({ hostId, change, heard }) => {
        const revertIn = (change.revertIn ?? 0) - (performance.now() - heard)
        return revertIn < -FORGOTTEN ? [] : [{ hostId, change: { ...change, revertIn: Math.max(revertIn, 0) } }]
      }),
    isReached(sessionId, id) {
      const since = waiting.get(id)?.since ?? 0
      return [...findPages()].some(({ data }) => data.session.id === sessionId && data.since > since)
    },
    ways(hostId) {
      const isMachine = hosts.list().some(({ host }) => host.id === hostId && host.vantage.kind === 'host')
      if (!isMachine) return []
      const way = agentOf(hostId)?.data.way
      const pages = viewers().map((remote): Way => ({ to: 'viewer', remote }))
      return way === undefined ? pages : [{ to: 'hub', ...way }, ...pages]
    },
  }
}

const because = (code: ReasonCode): Reason => ({ code, params: {} })
const silent = (code: ReasonCode): Silence => ({ kind: 'silent', reason: because(code) })
