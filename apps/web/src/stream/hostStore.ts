import {
  applyToSnapshot,
  type Diff,
  DiffMismatch,
  diff,
  type HostInfo,
  type HostSnapshot,
  movedHash,
  RECORD_KINDS,
  stateHash,
} from '@hopscope/model'
import type { HostStatus, Mark, PatchMessage, SnapshotMessage, Version } from '@hopscope/protocol'

/** What the page holds of one host. `snapshot` and `version` are absent until the first snapshot came. */
export type HostEntry = {
  readonly host: HostInfo
  readonly status: 'live' | 'stale'
  /** Milliseconds since the epoch: when that status began, by the hub's clock. */
  readonly since: number
  readonly snapshot?: HostSnapshot
  readonly version?: Version
  readonly hash?: string
  /** The state that the hub told of; until the page has it, it is catching up. */
  readonly awaited?: Version
}
export type Hosts = ReadonlyMap<string, HostEntry>
/** Whether the hub holds a newer state of the host than the page. */
export const isCatchingUp = ({ awaited, version }: HostEntry): boolean =>
  awaited !== undefined &&
  awaited.revision > 0 &&
  (version?.epoch !== awaited.epoch || version.revision < awaited.revision)

/** Record id → when it last changed, in milliseconds since the epoch by the page's clock. */
export type Changes = ReadonlyMap<string, number>

/** `resync`: the message does not continue what is held; ask for a whole snapshot. */
export type Outcome = 'applied' | 'ignored' | 'resync'

/** How long a change stays marked, in milliseconds. */
export const CHANGE_MARK_MS = 5_000

/** Folds the hub's messages into one immutable state. Knows no socket and no clock. */
export class HostStore {
  #hosts: Map<string, HostEntry> = new Map()
  #changes: ReadonlyMap<string, Changes> = new Map()
  /** Hosts whose whole snapshot was asked for, and when. */
  #waiting = new Map<string, number>()

  get hosts(): Hosts {
    return this.#hosts
  }

  changes(hostId: string): Changes {
    return this.#changes.get(hostId) ?? NONE
  }

  /** The changes of all hosts; a new map whenever one of them comes or expires. */
  get allChanges(): ReadonlyMap<string, Changes> {
    return this.#changes
  }

  /** What is held of each host: tells the hub where to go on. */
  known(): Record<string, Version> {
    const out: Record<string, Version> = {}
    for (const [id, h] of this.#hosts) if (h.version) out[id] = h.version
    return out
  }

  /** The list of all hosts; those not named are forgotten. */
  receiveHosts(list: HostStatus[]): Outcome {
    const next = new Map<string, HostEntry>()
    for (const { host, status, since, version } of list) {
      next.set(host.id, { ...this.#hosts.get(host.id), host, status, since, awaited: version })
    }
    for (const id of this.#hosts.keys()) if (!next.has(id)) this.#forget(id)
    this.#hosts = next
    return 'applied'
  }

  /** A whole snapshot. An older one of the same epoch than what is held is ignored. */
  receiveSnapshot(m: SnapshotMessage, now: number): Outcome {
    const was = this.#hosts.get(m.hostId)
    if (isOlder(m.version, was?.version) && !this.#waiting.has(m.hostId)) return 'ignored'
    if (stateHash(m.snapshot.records) !== m.hash) return this.#resync(m.hostId, now)
    this.#waiting.delete(m.hostId)
    if (was?.snapshot) this.#mark(m.hostId, diff(was.snapshot.records, m.snapshot.records), now)
    const { snapshot, version, hash } = m
    const { awaited, ...entry } = was ?? { status: 'live', since: now }
    this.#set(m.hostId, {
      ...entry,
      // Whatever was told of another epoch, this is newer.
      ...(awaited?.epoch === version.epoch && { awaited }),
      host: snapshot.host,
      // Tables that did not change keep their identity, so that nothing drawn from them is drawn again.
      snapshot: was?.snapshot ? keepSame(was.snapshot, snapshot) : snapshot,
      version,
      hash,
    })
    return 'applied'
  }

  /** A patch. Known ones are ignored, gaps, foreign epochs and wrong hashes ask for a resync. */
  receivePatch(m: PatchMessage, now: number): Outcome {
    const was = this.#hosts.get(m.hostId)
    if (!was?.snapshot || !was.version || was.version.epoch !== m.epoch) return this.#resync(m.hostId, now)
    if (m.to <= was.version.revision) return 'ignored'
    if (m.from !== was.version.revision) return this.#resync(m.hostId, now)
    const snapshot = applied(was.snapshot, m.diff)
    if (!snapshot || hashAfter(was, snapshot, m) !== m.hash) return this.#resync(m.hostId, now)
    this.#mark(m.hostId, m.diff, now)
    this.#set(m.hostId, { ...was, snapshot, version: { epoch: m.epoch, revision: m.to }, hash: m.hash })
    return 'applied'
  }

  /** Where the hub is with each host: gives those that are elsewhere here and have to be asked for. */
  receiveMarks(marks: readonly Mark[], now: number): string[] {
    const elsewhere = marks.filter(({ hostId, version, hash }) => {
      const held = this.#hosts.get(hostId)
      return held?.version?.epoch !== version.epoch || held.version.revision !== version.revision || held.hash !== hash
    })
    const lost = elsewhere.filter(({ hostId }) => {
      const asked = this.#waiting.get(hostId)
      // A clock that was turned back must not make us wait.
      return asked === undefined || now < asked || now - asked >= ASK_AGAIN_MS
    })
    for (const { hostId } of lost) this.#waiting.set(hostId, now)
    return lost.map(({ hostId }) => hostId)
  }

  /** Forgets marks older than five seconds. True when any went. */
  expireChanges(now: number): boolean {
    const next = new Map<string, Changes>()
    let gone = false
    for (const [host, marks] of this.#changes) {
      const kept = new Map([...marks].filter(([, at]) => now - at < CHANGE_MARK_MS))
      if (kept.size !== marks.size) gone = true
      if (kept.size) next.set(host, kept.size === marks.size ? marks : kept)
    }
    if (gone) this.#changes = next
    return gone
  }

  get hasChanges(): boolean {
    return this.#changes.size > 0
  }

  /** A new connection: nothing asked for before will be answered. */
  reconnected(): void {
    this.#waiting.clear()
  }

  #set(id: string, entry: HostEntry): void {
    this.#hosts = new Map(this.#hosts).set(id, entry)
  }

  #forget(id: string): void {
    const changes = new Map(this.#changes)
    if (changes.delete(id)) this.#changes = changes
    this.#waiting.delete(id)
  }

  /** Once per gap: patches that arrive before the asked snapshot must not ask again. */
  #resync(id: string, now: number): Outcome {
    if (this.#waiting.has(id)) return 'ignored'
    this.#waiting.set(id, now)
    return 'resync'
  }

  #mark(hostId: string, d: Diff, now: number): void {
    const marks = new Map(this.#changes.get(hostId))
    for (const kind of RECORD_KINDS) {
      for (const r of d[kind]?.put ?? []) marks.set(r.id, now)
      for (const r of d[kind]?.set ?? []) marks.set(r.id, now)
    }
    if (marks.size) this.#changes = new Map(this.#changes).set(hostId, marks)
  }
}

/** An answer that takes longer was lost, as far as marks can tell. */
const ASK_AGAIN_MS = 5_000
const NONE: Changes = new Map()

const isOlder = (a: Version, b: Version | undefined): boolean => b?.epoch === a.epoch && a.revision < b.revision

/** The cost of a patch shall not grow with the host: its hash moves from the one that was checked before. */
function hashAfter(
  { snapshot: before, hash }: HostEntry,
  { records }: HostSnapshot,
  { diff: d }: PatchMessage,
): string {
  return before && hash !== undefined ? movedHash(hash, before.records, records, d) : stateHash(records)
}

function applied(snapshot: HostSnapshot, d: Diff): HostSnapshot | undefined {
  try {
    return applyToSnapshot(snapshot, d)
  } catch (e) {
    if (e instanceof DiffMismatch) return undefined
    throw e
  }
}

/** `next`, built from the records of `was` wherever they are equal. */
function keepSame(was: HostSnapshot, next: HostSnapshot): HostSnapshot {
  return { host: next.host, records: applyToSnapshot(was, diff(was.records, next.records)).records }
}
