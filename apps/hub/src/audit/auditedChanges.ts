import type { Reason } from '@hopscope/command'
import type { ChangeAnswer, ChangeRequest } from '@hopscope/protocol'
import type { Logger } from 'pino'
import type { User } from '../auth/sessions.ts'
import { DB_NAME, databaseFault, isDatabaseFault } from '../db/explain.ts'
import { queue } from '../db/queue.ts'
import type { Hosts } from '../hosts/hosts.ts'
import type { Changes, Silence } from '../sockets/changes.ts'
import type { Audit } from './audit.ts'
import type { Entry, News } from './line.ts'

/** Who asks for a change, and from where. */
export type Asker = { user: User; address: string }
export type AuditedChanges = {
  /** Asks the agent once it is written down who asks; nothing is run when that cannot be written. Undefined: there is no such host. */
  ask(hostId: string, request: ChangeRequest, asker: Asker): Promise<ChangeAnswer | undefined>
  /** Writes down a request that goes no further, and why. */
  deny(hostId: string, request: ChangeRequest, asker: Asker, reason: Reason): Promise<void>
  /** Writes down who asks for anything else on a host, before it is asked for; denied when that cannot be written. Undefined: there is no such host. */
  write(hostId: string, request: Request, asker: Asker): Promise<Written | Denied | undefined>
}
type Request = Extract<Entry, { kind: 'asked' }>['request']
/** A request that is written down; `came` writes what came of it, once. */
export type Written = { came(outcome: string, answer: { kind: string }): Promise<void> }
type Denied = Extract<ChangeAnswer, { kind: 'denied' }>

type Options = { changes: Changes; audit: Audit; hosts: Hosts; log: Logger }

/** An answer is some kB; what is much larger is none of our agents', and must not fill the disk. */
const LARGEST_ANSWER = 256 * 1024
/** So many lines may wait for a database that cannot be written. */
const MOST_OWED = 1_000

export function auditChanges({ changes, audit, hosts, log }: Options): AuditedChanges {
  /** What came of changes that were run, and could not be written yet. */
  const owed: News[] = []
  const oneAtATime = queue()
  const append = (news: News) =>
    oneAtATime(async () => {
      for (let [first] = owed; first !== undefined; [first] = owed) {
        await audit.append(first)
        owed.shift()
      }
      return audit.append(news)
    })
  async function came(news: News): Promise<void> {
    try {
      await append(news)
    } catch (error) {
      if (owed.length < MOST_OWED) owed.push(news)
      if (!isDatabaseFault(error)) log.error({ err: error }, 'what came of a change could not be written to the audit')
    }
  }
  const begin = async (hostId: string, request: Request, { user, address }: Asker) => {
    const host = hosts.list().find(({ host }) => host.id === hostId)?.host
    if (host === undefined) return undefined
    const who = {
      user: { id: user.id, name: user.name, role: user.role },
      address,
      host: { id: host.id, name: host.name },
    }
    return { who, asked: await append({ kind: 'asked', ...who, request }) }
  }

  return {
    async ask(hostId, request, asker) {
      const begun = await begin(hostId, request, asker).catch(notWritten)
      if (begun === undefined || 'kind' in begun) return begun
      const start = performance.now()
      const answer = await changes.ask(hostId, request)
      const milliseconds = Math.round(performance.now() - start)
      await came({ kind: 'came', ...begun.who, asked: begun.asked, milliseconds, ...outcomeOf(answer) })
      return answer.kind === 'silent' ? { kind: 'denied', reason: answer.reason } : answer
    },
    async deny(hostId, request, asker, reason) {
      const begun = await begin(hostId, request, asker)
      if (begun === undefined) return
      const { who, asked } = begun
      await came({ kind: 'came', ...who, asked, milliseconds: 0, ...outcomeOf({ kind: 'denied', reason }) })
    },
    async write(hostId, request, asker) {
      const begun = await begin(hostId, request, asker).catch(notWritten)
      if (begun === undefined || 'kind' in begun) return begun
      const { who, asked } = begun
      const start = performance.now()
      return {
        came(outcome, answer) {
          const milliseconds = Math.round(performance.now() - start)
          return came({ kind: 'came', ...who, asked, milliseconds, outcome, answer: bounded(answer) })
        },
      }
    },
  }
}

/** The answer where the audit cannot be written. */
function notWritten(error: unknown): Denied {
  const fault = databaseFault(DB_NAME, error)
  if (fault === undefined) throw error
  const reason: Reason = { code: 'AUDIT_UNWRITABLE', params: {}, detail: fault.message }
  return { kind: 'denied', reason }
}

function outcomeOf(answer: ChangeAnswer | Silence): Pick<Extract<Entry, { kind: 'came' }>, 'outcome' | 'answer'> {
  const outcome = answer.kind === 'change' ? answer.change.state : answer.kind
  return { outcome, answer: bounded(answer) }
}

function bounded(answer: { kind: string }): { kind: string } {
  const bytes = Buffer.byteLength(JSON.stringify(answer))
  const short = { kind: answer.kind, bytes }
  return bytes > LARGEST_ANSWER ? short : answer
}
