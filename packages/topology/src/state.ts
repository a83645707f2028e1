import type { Container, Link } from '@hopscope/model'
import type { NodeState } from './topology.ts'

/** Down by hand, up without a carrier (degraded), or up. */
export function linkState(l: Link): NodeState {
  if (!l.flags.includes('UP')) return 'down'
  if (l.port && l.port.state === 'disabled') return 'down'
  if (!l.flags.includes('LOWER_UP')) return 'degraded'
  return l.port && ['listening', 'learning', 'blocking'].includes(l.port.state) ? 'degraded' : 'up'
}

/** A bridge without ports has no carrier and nothing wrong with it. */
export function bridgeState(l: Link, ports: number): NodeState {
  return l.flags.includes('UP') && ports === 0 ? 'up' : linkState(l)
}

export function containerState(c: Container): NodeState {
  if (c.state === 'running') return 'up'
  return ['paused', 'restarting', 'removing'].includes(c.state) ? 'degraded' : 'down'
}
