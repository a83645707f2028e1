import type { Reason, ReasonCode } from '@hopscope/command'
import {
  type AgentToHub,
  type Change,
  type ChangeAnswer,
  type ChangeRequest,
  changeAnswerSchema,
  type HubToAgent,
  historySchema,
  readMessage,
} from '@hopscope/protocol'
import type { Logger } from 'pino'
import type { DefaultEventsMap, Socket } from 'socket.io'
import type { Hosts } from '../hosts/hosts.ts'

/** Nobody knows what came of it. */
export type Silence = { kind: 'silent'; reason: Reason }
/** Asks the agent of a host to change it. */
export type Changes = {
  ask(hostId: string, request: ChangeRequest): Promise<ChangeAnswer | Silence>
  /** What was changed on a host, newest first. */
  history(hostId: string): Promise<Change[] | { away: Reason }>
}

type AgentSocket = Socket<AgentToHub, HubToAgent, DefaultEventsMap, Record<string, never>>
type Options = {
  hosts: Hosts
  findAgent: (id: string) => AgentSocket | undefined
  log: Logger
}

/** A plan may have many steps, and each program 20 seconds. */
const CHANGE_WITHIN = 120_000
const HISTORY_WITHIN = 10_000

export function createChanges({ hosts, findAgent, log }: Options): Changes {
  const agentOf = (hostId: string): AgentSocket | undefined => {
    const id = hosts.agentOf(hostId)
    return id === undefined ? undefined : findAgent(id)
  }
  return {
    async ask(hostId, request) {
      const agent = agentOf(hostId)
      if (agent === undefined) return { kind: 'denied', reason: because('AGENT_AWAY') }
      try {
        const came = await agent.timeout(CHANGE_WITHIN).emitWithAck('change', { hostId, request })
        const answer = readMessage(changeAnswerSchema, came)
        if (answer.success) return answer.data
        log.warn({ hostId, why: answer.why, path: answer.path.slice(0, 6) }, 'an answer of an agent was refused')
        return silent('AGENT_UNREADABLE')
      } catch (err) {
        log.warn({ err, hostId }, 'an agent did not answer')
        return silent('AGENT_SILENT')
      }
    },
    async history(hostId) {
      const agent = agentOf(hostId)
      if (agent === undefined) return { away: because('AGENT_AWAY') }
      try {
        const came = readMessage(historySchema, await agent.timeout(HISTORY_WITHIN).emitWithAck('history', { hostId }))
        return came.success ? came.data : { away: because('AGENT_UNREADABLE') }
      } catch (err) {
        log.warn({ err, hostId }, 'an agent did not tell what was changed')
        return { away: because('AGENT_SILENT') }
      }
    },
  }
}

const because = (code: ReasonCode): Reason => ({ code, params: {} })
const silent = (code: ReasonCode): Silence => ({ kind: 'silent', reason: because(code) })
