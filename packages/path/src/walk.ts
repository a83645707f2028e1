import type { Hop, Link, LinkRef, Outcome } from '@hopscope/model'
import type { HostIndex, NetnsIndex } from './host/hostIndex.ts'
import type { Packet, Tracked, Tuple } from './packet.ts'

/** One way of a packet while it is followed. Both ways of a flow share what was tracked. */
export type Walk = {
  readonly host: HostIndex
  readonly hops: Hop[]
  readonly tracked: Tracked[]
  /** Namespaces and packets that were passed on, to notice circles. */
  readonly passed: Set<string>
  /** Of an answer: who waits for it. */
  readonly awaited?: Awaited
}

export type Awaited = { netns?: string; tuple: Tuple }

/** What goes back: an answer of who received it, or the word that it was refused. */
export type Answer = {
  netns: string
  kind: 'reply' | 'reset' | 'error'
  /** The packet as it was when it was answered. */
  about: Packet
  /** Of an ICMP error. */
  icmp?: { type: number; code: number }
  /** A udp socket for all addresses: the answer comes from the one that its route has, unless the program sees to it. */
  anySource?: boolean
  /** docker-proxy took it and asks the container itself. */
  proxy?: { pid: number; socketId: string; dport: number }
}

/** How a way ends, what goes back, and the packet as its sender sent it. */
export type End = { outcome: Outcome; answer?: Answer; sent?: Packet }

export const refOf = ({ netns, index, name }: Link): LinkRef => ({ netns, index, name })

/** A hop of a prediction. */
export function note(walk: Walk, hop: Hop): void {
  walk.hops.push(hop)
}

export const predicted = (netns: string) => ({ netns, basis: 'predicted' as const })

/** The answer is unknown, and why: never a guess. */
export const unsure = (netns: string, what: string, blame?: string): End => ({
  outcome: { verdict: 'undetermined', reason: 'NOT_UNDERSTOOD', netns, what, ...(blame !== undefined && { blame }) },
})

export const notSeen = (netns: string, what: string, blame?: string): End => ({
  outcome: { verdict: 'undetermined', reason: 'NOT_SEEN', netns, what, ...(blame !== undefined && { blame }) },
})

export const dropped = (outcome: Omit<Outcome, 'verdict'>): End => ({ outcome: { ...outcome, verdict: 'dropped' } })

/** Told so by the sender's own kernel, or by the answer. */
export const refused = (outcome: Omit<Outcome, 'verdict'>, answer?: Answer): End => ({
  outcome: { ...outcome, verdict: 'refused' },
  ...(answer && { answer }),
})

/** The namespace's tables; throws for a link whose namespace is in no record, which no snapshot has. */
export function spaceOf(walk: Walk, netns: string): NetnsIndex {
  const space = walk.host.netns(netns)
  if (!space) throw new Error(`the namespace ${netns} is not in the snapshot`)
  return space
}
