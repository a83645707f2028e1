import type { Container } from '@hopscope/model'
import type { NodeState } from '@hopscope/topology'
import { say } from './build.ts'
import { iconOf, refTo, type Scope } from './context.ts'
import type { Row, Status } from './page.ts'

/** What it does now, in words, with the exit code of one that ended. */
export function containerStatus(c: Container): Status {
  const state: NodeState = c.state === 'running' ? 'up' : STANDING.includes(c.state) ? 'degraded' : 'down'
  const known = WORDS.find((w) => w === c.state)
  return {
    state,
    say: say(known ? `container_${known}` : 'container_other', { state: c.state, code: c.exitCode ?? 0 }),
  }
}

/** A container as one line of a list. */
export function containerRow(s: Scope, c: Container): Row {
  const to = refTo(s, 'container', c)
  const status = containerStatus(c)
  const ips = c.attachments.flatMap((a) => (a.ip === undefined ? [] : [a.ip]))
  return {
    id: c.id,
    title: c.name,
    to,
    icon: iconOf(s, to),
    text: [...ips, ...(ips.length === 0 ? [c.image] : [])],
    tags: status.state === 'up' ? [] : [{ ...status.say, tone: status.state === 'down' ? 'danger' : 'warn' }],
  }
}

const STANDING = ['paused', 'restarting', 'removing']
const WORDS = ['running', 'created', 'paused', 'restarting', 'removing', 'exited', 'dead'] as const
