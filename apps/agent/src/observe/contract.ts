import type { AnyRecord, HostInfo, RecordKind, RecordOf, SourceName, UnavailableReason } from '@hopscope/model'

/**
 * What every observer gets and gives. An observer reads one source of facts and reports records; it does not interpret
 * them. A source that cannot be read is a fact too: `setSource`. The process looks at its own root namespaces only, so
 * paths such as /run/docker.sock or /proc/PID/ns/net are always the observed host's own.
 */
export type ObserverContext = {
  readonly vantage: Vantage
  readonly namespaces: NetnsRegistry
  readonly sink: RecordSink
  readonly clock: Clock
  readonly scheduler: Scheduler
  /** States whether a source can be read. `ok` and `partial` keep its records; on `unavailable` the observer removes them itself. */
  setSource(name: SourceName, state: SourceState): void
  /**
   * Runs work that is not done when the call returns (a spawned program, a request to Docker), so that `quiet()` waits for
   * it. The work handles its own failures; one that it lets through ends the observer.
   */
  busy<T>(work: () => Promise<T>): Promise<T>
}

export type SourceState =
  | { state: 'ok'; omitted?: number }
  | { state: 'partial'; reason: UnavailableReason; detail: string; omitted?: number }
  | { state: 'unavailable'; reason: UnavailableReason; detail: string }

/** The host that is looked at. */
export type Vantage = {
  readonly host: HostInfo
  /** Id of the root network namespace: `netnsId(inode)`. */
  readonly rootNetns: string
  /** Path of Docker's socket. */
  readonly dockerSocket: string
}

export type Observer = {
  /** Subscribes first, then reads everything once. Resolves when the first records are in the sink. */
  start(): Promise<void> | void
  /** Reads everything again; with `decoded`, what says the same as before is decoded and compared, too. */
  refresh(how?: { decoded: boolean }): Promise<void> | void
  /** Ends subscriptions and timers; a second call does nothing. */
  close(): Promise<void> | void
}

/** A network namespace that exists now. Nobody keeps it open: open it, use it, close it. */
export type NetnsEntry = {
  readonly id: string
  readonly inode: number
  readonly root: boolean
  /** What `nsenter --net=` accepts, while it lasts. */
  readonly path: string
}

export type NetnsRegistry = {
  get(id: string): NetnsEntry | undefined
  all(): readonly NetnsEntry[]
  /** Id of the namespace that a process is in; undefined when there is no such process. */
  ofProcess(pid: number): string | undefined
  /** Looks for namespaces soon: something may have come or gone (a container started, a file appeared). */
  rescan(): void
}

/**
 * Takes records of the snapshot. Equal records cost nothing; changes leave in batches. A record's table is its kind, its
 * place the record's `netns` where it has one.
 */
export type RecordSink = {
  /** Makes the records of a kind exactly these: in one namespace, or (undefined) everywhere. */
  replace<K extends RecordKind>(kind: K, netns: string | undefined, records: readonly RecordOf<K>[]): void
  put<K extends RecordKind>(kind: K, record: RecordOf<K>): void
  del(kind: RecordKind, id: string): void
  get<K extends RecordKind>(kind: K, id: string): RecordOf<K> | undefined
  /** The records of a kind, in one namespace or everywhere. */
  list<K extends RecordKind>(kind: K, netns?: string): RecordOf<K>[]
}

/** Milliseconds since the epoch: the time of day, which somebody may set, and one that only goes on. */
export type Clock = { now(): number; steady(): number }

export type Cancel = () => void
/** Timers; the process may end while they wait. */
export type Scheduler = {
  after(milliseconds: number, act: () => void): Cancel
  every(milliseconds: number, act: () => void): Cancel
}

export type { AnyRecord, RecordKind, RecordOf }
