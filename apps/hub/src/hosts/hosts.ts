import { EventEmitter } from 'node:events'
import {
  applyToSnapshot,
  DiffMismatch,
  diff,
  type HostInfo,
  type HostSnapshot,
  movedHash,
  type Records,
  same,
  stateHash,
} from '@hopscope/model'
import type { HostStatus, Mark, PatchMessage, SnapshotMessage, Version } from '@hopscope/protocol'
import { createRing, type Ring } from './ring.ts'

/** A connected agent, by any id that is unique among them. */
export type AgentId = string

/** What the hosts tell the rest of the hub. */
export type HostEvents = {
  /** A host came, went, or became live or stale. */
  changed: []
  /** Pages need a whole snapshot of this host. */
  snapshot: [message: SnapshotMessage]
  patch: [message: PatchMessage]
  /** The agent's last message did not fit: it should send a whole snapshot. */
  resync: [agent: AgentId, hostId: string, why: string]
  /** An agent serves this host from now on. */
  served: [info: HostInfo]
  /** The agent is away; what is held of the host grows old. */
  stale: [info: HostInfo]
  gone: [hostId: string]
}

/** The latest state of each host, in memory. Messages have been parsed against the protocol before they come here. */
export type Hosts = {
  events: EventEmitter<HostEvents>
  /** An agent connected. What an earlier connection still says of a host that a later one serves no longer counts. */
  joined(agent: AgentId): void
  snapshot(agent: AgentId, message: SnapshotMessage): void
  patch(agent: AgentId, message: PatchMessage): void
  /** Something of the agent's about this host could not be read: ask for a snapshot, if it is the host's agent. */
  unreadable(agent: AgentId, hostId: string): void
  gone(agent: AgentId, hostId: string): void
  /** Nobody observes the host for now: stale until its next snapshot. */
  away(agent: AgentId, hostId: string): void
  /** Where the agent is with each of its hosts: asks for those that are elsewhere here; those not named are away. */
  marks(agent: AgentId, marks: readonly Mark[]): void
  /** Nothing is heard of the agent: its hosts are stale until something is. */
  silent(agent: AgentId): void
  heard(agent: AgentId): void
  /** The agent's connection ended: its hosts are stale from now on. */
  left(agent: AgentId): void
  /** Forgets a stale host. */
  forget(hostId: string): 'OK' | 'NOT_FOUND' | 'LIVE'
  list(): HostStatus[]
  agentOf(hostId: string): AgentId | undefined
  /** What is held of a host now. */
  recordsOf(hostId: string): Records | undefined
  /** The state that is held of each host. */
  held(): Mark[]
  /** What brings a page that holds `known` up to date: nothing, patches, or a snapshot. `base` is the state at `known`, where it is at hand. */
  since(
    hostId: string,
    known?: Version,
    base?: HostSnapshot,
  ): { patches: PatchMessage[] } | { snapshot: SnapshotMessage } | undefined
}

export type KnownHost = { info: HostInfo; lastSeen: number }
type Held = {
  info: HostInfo
  state?: HostSnapshot
  version: Version
  hash: string
  since: number
  agent?: AgentId
  away: boolean
  ring: Ring
}

// A host whose snapshots keep being refused is asked again this often, not at each patch.
const ASK_AGAIN = 5000

export function createHosts(now: () => number, known: KnownHost[] = []): Hosts {
  const events = new EventEmitter<HostEvents>()
  const all = new Map(known.map(({ info, lastSeen }) => [info.id, unheard(info, lastSeen)]))
  const asks = createAsks(events, now)
  const silent = new Set<AgentId>()
  const joined = new Map<AgentId, number>()
  let joins = 0
  const isLive = ({ agent, away }: Held) => agent !== undefined && !away && !silent.has(agent)

  /** Does something to hosts after which some may be live or stale that were not. */
  function turn(hosts: readonly Held[], act: () => void): void {
    const before = new Map(hosts.map((held) => [held, isLive(held)]))
    act()
    const turned = hosts.filter((held) => isLive(held) !== before.get(held))
    for (const held of turned) {
      held.since = now()
      if (!isLive(held)) events.emit('stale', held.info)
    }
    if (turned.length > 0) events.emit('changed')
  }
  /** Another agent serves the host, and came later: a reconnected one, or a second one on the same machine. */
  const isOutranked = (agent: AgentId, held: Held | undefined): boolean =>
    held?.agent !== undefined && !silent.has(held.agent) && (joined.get(held.agent) ?? 0) > (joined.get(agent) ?? 0)
  const ofAgent = (agent: AgentId) => [...all.values()].filter((held) => held.agent === agent)

  function forget(hostId: string): void {
    all.delete(hostId)
    events.emit('gone', hostId)
    events.emit('changed')
  }

  return {
    events,
    joined: (agent) => void joined.set(agent, ++joins),
    snapshot(agent, message) {
      const { snapshot, version, hash } = message
      const info = snapshot.host
      if (isOutranked(agent, all.get(info.id))) return
      if (message.hostId !== info.id) return asks.ask(agent, message.hostId, 'a snapshot of another host')
      if (stateHash(snapshot.records) !== hash) return asks.ask(agent, info.id, 'a snapshot with a wrong hash')
      asks.answered(agent, info.id)
      const held = all.get(info.id) ?? unheard(info, now())
      const before = { ...held }
      const wasLive = isLive(held)
      Object.assign(held, { info, agent, away: false, state: snapshot, version, hash })
      all.set(info.id, held)
      if (!wasLive) held.since = now()
      if (before.agent !== agent || before.away) events.emit('served', info)
      if (!wasLive || !same(before.info, info)) events.emit('changed')
      publish(events, held, before)
    },
    patch(agent, message) {
      const held = all.get(message.hostId)
      if (isOutranked(agent, held)) return
      const ask = (why: string) => asks.ask(agent, message.hostId, why)
      if (!held?.state || held.agent !== agent) return ask('a patch before any snapshot')
      if (message.epoch !== held.version.epoch) return ask('a patch of another epoch')
      if (message.to <= held.version.revision) return // a duplicate
      if (message.from !== held.version.revision) return ask('a gap between patches')
      const next = tryApply(held.state, held.hash, message)
      if (typeof next === 'string') return ask(next)
      held.state = next
      held.version = { epoch: message.epoch, revision: message.to }
      held.hash = message.hash
      held.ring.push(message)
      events.emit('patch', message)
    },
    unreadable(agent, hostId) {
      if (all.get(hostId)?.agent === agent) asks.ask(agent, hostId, 'a message that does not follow the protocol')
    },
    gone(agent, hostId) {
      const held = all.get(hostId)
      // It may have ended while the hub was away; then no agent serves it.
      if (held && (held.agent === agent || held.agent === undefined)) forget(hostId)
    },
    away(agent, hostId) {
      const hosts = ofAgent(agent).filter(({ info }) => info.id === hostId)
      turn(hosts, () => setAll(hosts, { away: true }))
    },
    marks(agent, marks) {
      const named = new Set(marks.map(({ hostId }) => hostId))
      const unnamed = ofAgent(agent).filter(({ info }) => !named.has(info.id))
      turn(unnamed, () => setAll(unnamed, { away: true }))
      for (const { hostId, version, hash } of marks) {
        const held = all.get(hostId)
        // Two agents on one machine must not take the host from each other in turns.
        if (isOutranked(agent, held)) continue
        const equal = held?.agent === agent && held.state && sameVersion(held.version, version) && held.hash === hash
        if (!equal) asks.ask(agent, hostId, 'the agent is at another state')
        else if (held.away) turn([held], () => setAll([held], { away: false }))
      }
    },
    silent(agent) {
      turn(ofAgent(agent), () => silent.add(agent))
    },
    heard(agent) {
      turn(ofAgent(agent), () => silent.delete(agent))
    },
    left(agent) {
      asks.left(agent)
      const hosts = ofAgent(agent)
      turn(hosts, () => setAll(hosts, { agent: undefined }))
      silent.delete(agent)
      joined.delete(agent)
    },
    forget(hostId) {
      const held = all.get(hostId)
      if (!held) return 'NOT_FOUND'
      if (isLive(held)) return 'LIVE'
      forget(hostId)
      return 'OK'
    },
    list: () => [...all.values()].map((held) => statusOf(held, isLive(held))),
    agentOf: (hostId) => all.get(hostId)?.agent,
    recordsOf: (hostId) => all.get(hostId)?.state?.records,
    held: () => [...all.values()].filter(({ state }) => state !== undefined).map(markOf),
    since(hostId, version, base) {
      const held = all.get(hostId)
      if (!held?.state) return undefined
      if (version && sameVersion(version, held.version)) return { patches: [] }
      const patches = version && (held.ring.since(version) ?? across(held, held.state, version, base))
      return patches ? { patches } : { snapshot: whole(held, held.state) }
    },
  }
}

const unheard = (info: HostInfo, since: number): Held => ({
  info,
  version: { epoch: '', revision: 0 },
  hash: '',
  since,
  away: false,
  ring: createRing(),
})

const statusOf = ({ info, since, version }: Held, live: boolean): HostStatus => ({
  host: info,
  status: live ? 'live' : 'stale',
  since,
  version,
})

const markOf = ({ info, version, hash }: Held): Mark => ({ hostId: info.id, version, hash })

function setAll(hosts: readonly Held[], fields: Partial<Pick<Held, 'away'> & { agent: AgentId | undefined }>): void {
  for (const held of hosts) Object.assign(held, fields)
}

const whole = ({ info, version, hash }: Held, snapshot: HostSnapshot): SnapshotMessage => ({
  hostId: info.id,
  version,
  hash,
  snapshot,
})

/** One patch from an older state that the latest patches no longer reach back to. */
function across(
  held: Held,
  state: HostSnapshot,
  from: Version,
  base: HostSnapshot | undefined,
): PatchMessage[] | undefined {
  const { info, version, hash } = held
  if (!base || from.epoch !== version.epoch || from.revision > version.revision || !same(base.host, info))
    return undefined
  const { epoch, revision: to } = version
  const changes = diff(base.records, state.records)
  return [{ hostId: info.id, epoch, from: from.revision, to, hash, diff: changes }]
}

const sameVersion = (a: Version, b: Version): boolean => a.epoch === b.epoch && a.revision === b.revision

/** Tells the pages of a new snapshot in the shortest way: not at all, by a patch, or whole. */
function publish(events: EventEmitter<HostEvents>, held: Held, before: Held): void {
  if (!held.state) return
  const { version } = held
  if (before.state && sameVersion(version, before.version) && held.hash === before.hash) return
  const continues = version.epoch === before.version.epoch && version.revision > before.version.revision
  if (before.state && continues && same(before.info, held.info)) {
    const { epoch, revision: to } = version
    const changes = diff(before.state.records, held.state.records)
    const patch = { hostId: held.info.id, epoch, from: before.version.revision, to, hash: held.hash, diff: changes }
    held.ring.push(patch)
    events.emit('patch', patch)
    return
  }
  held.ring.clear()
  events.emit('snapshot', whole(held, held.state))
}

/** The state after a patch, or why the patch does not fit. */
function tryApply(state: HostSnapshot, hash: string, message: PatchMessage): HostSnapshot | string {
  try {
    const next = applyToSnapshot(state, message.diff)
    return movedHash(hash, state.records, next.records, message.diff) === message.hash
      ? next
      : 'a patch with a wrong hash'
  } catch (error) {
    if (!(error instanceof DiffMismatch)) throw error
    return error.message
  }
}

/** Which agent was asked for which snapshot, and when: asked again after a while, not at each patch in between. */
function createAsks(events: EventEmitter<HostEvents>, now: () => number) {
  const asked = new Map<AgentId, Map<string, number>>()
  return {
    ask(agent: AgentId, hostId: string, why: string): void {
      const ofAgent = asked.get(agent) ?? new Map<string, number>()
      const last = ofAgent.get(hostId)
      // Somebody may have set the clock back: what was asked in the future was asked long ago.
      if (last !== undefined && Math.abs(now() - last) < ASK_AGAIN) return
      asked.set(agent, ofAgent.set(hostId, now()))
      events.emit('resync', agent, hostId, why)
    },
    answered: (agent: AgentId, hostId: string) => asked.get(agent)?.delete(hostId),
    left: (agent: AgentId) => asked.delete(agent),
  }
}
