import { randomUUID } from 'node:crypto'
import {
  type AnyRecord,
  type Diff,
  diff,
  emptySnapshot,
  type HostInfo,
  type HostSnapshot,
  hashAhead,
  isEmptyDiff,
  movedHash,
  RECORD_KINDS,
  type RecordKind,
  type RecordOf,
  type Records,
  same,
  stateHash,
} from '@hopscope/model'
import type { Cancel, RecordSink, Scheduler } from './observe/contract.ts'

/** One step of the snapshot: what turns revision `from` into `to`. */
export type Update = { from: number; to: number; diff: Diff; hash: string }

export type Store = {
  readonly sink: RecordSink
  readonly host: HostInfo
  /** New at every start; revisions count within it. */
  readonly epoch: string
  /** The last published state; `flush` first for what is still on its way. */
  current(): { snapshot: HostSnapshot; revision: number; hash: string }
  /** Calls back once per published revision until the returned function is called. */
  subscribe(listener: (update: Update) => void): () => void
  /** Publishes now what is on its way. */
  flush(): void
  /** Removes every kernel record of a namespace that has ended. Containers stay: Docker says when they go. */
  forgetNetns(netns: string): void
  close(): void
}

/** At most one patch in this many milliseconds, a frame of the page that draws it; after a pause the first goes at once. */
export const FRAME = 16

type Table = Record<string, AnyRecord>
type Shelf = { records: Map<string, AnyRecord>; byNetns: Map<string | undefined, Set<string>> }

/** Keeps the records of one host and publishes their changes, batched, as revisions. */
export function createStore(host: HostInfo, scheduler: Scheduler): Store {
  const shelves = new Map<RecordKind, Shelf>(RECORD_KINDS.map((k) => [k, { records: new Map(), byNetns: new Map() }]))
  const touched = new Map<RecordKind, Set<string>>()
  const listeners = new Set<(update: Update) => void>()
  const epoch = randomUUID()
  let published = emptySnapshot(host)
  let revision = 0
  let hash = stateHash(published.records)
  /** Waits to publish; and, after that, for the frame to end. */
  let soon: Cancel | undefined
  let rest: Cancel | undefined

  const touch = (kind: RecordKind, id: string) => {
    const ids = touched.get(kind)
    if (ids) ids.add(id)
    else touched.set(kind, new Set([id]))
    // Never within the call: what one reading puts belongs together.
    if (rest === undefined) soon ??= scheduler.after(0, flush)
  }

  function flush() {
    soon?.()
    soon = undefined
    if (touched.size === 0) return
    rest?.()
    rest = scheduler.after(FRAME, () => {
      rest = undefined
      // As all that is due at once, so that it shares the turn with what is read.
      if (touched.size > 0) soon ??= scheduler.after(0, flush)
    })
    const next = nextRecords(published.records, shelves, touched)
    const change = diff(published.records, next, touched)
    touched.clear()
    if (isEmptyDiff(change)) return
    hash = movedHash(hash, published.records, next, change)
    published = { host, records: next }
    const update = { from: revision, to: ++revision, diff: change, hash }
    for (const listener of listeners) listener(update)
  }

  const sink = createSink(shelves, touch)
  return {
    sink,
    host,
    epoch,
    current: () => ({ snapshot: published, revision, hash }),
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    flush,
    forgetNetns(netns) {
      for (const kind of RECORD_KINDS) if (kind !== 'container') sink.replace(kind, netns, [])
    },
    close() {
      soon?.()
      rest?.()
      listeners.clear()
    },
  }
}

function createSink(
  shelves: ReadonlyMap<RecordKind, Shelf>,
  touch: (kind: RecordKind, id: string) => void,
): RecordSink {
  const put = (kind: RecordKind, record: AnyRecord) => {
    const shelf = shelfOf(shelves, kind)
    const was = shelf.records.get(record.id)
    if (was !== undefined && same(was, record)) return
    if (was !== undefined && netnsOf(was) !== netnsOf(record)) shelf.byNetns.get(netnsOf(was))?.delete(record.id)
    // Here, where much is read in slices; all at once when it is published would take long.
    hashAhead({ [kind]: [record] })
    shelf.records.set(record.id, record)
    const there = shelf.byNetns.get(netnsOf(record))
    if (there) there.add(record.id)
    else shelf.byNetns.set(netnsOf(record), new Set([record.id]))
    touch(kind, record.id)
  }
  const del = (kind: RecordKind, id: string) => {
    const shelf = shelfOf(shelves, kind)
    const was = shelf.records.get(id)
    if (was === undefined) return
    shelf.records.delete(id)
    const there = shelf.byNetns.get(netnsOf(was))
    there?.delete(id)
    if (there?.size === 0) shelf.byNetns.delete(netnsOf(was))
    touch(kind, id)
  }
  return {
    put,
    del,
    replace(kind, netns, records) {
      const shelf = shelfOf(shelves, kind)
      for (const record of records) put(kind, record)
      const there = netns === undefined ? shelf.records : shelf.byNetns.get(netns)
      // All of them are there now: nothing else is when there are as many.
      if (there === undefined || there.size === records.length) return
      const now = new Set(records.map((record) => record.id))
      for (const id of [...there.keys()]) if (!now.has(id)) del(kind, id)
    },
    // A shelf holds records of its own kind only: `put` and `replace` are typed by kind.
    get: <K extends RecordKind>(kind: K, id: string) =>
      shelfOf(shelves, kind).records.get(id) as RecordOf<K> | undefined,
    list<K extends RecordKind>(kind: K, netns?: string) {
      const shelf = shelfOf(shelves, kind)
      if (netns === undefined) return [...shelf.records.values()] as RecordOf<K>[] // as above
      const ids = [...(shelf.byNetns.get(netns) ?? [])]
      return ids.flatMap((id) => shelf.records.get(id) ?? []) as RecordOf<K>[] // as above
    },
  }
}

function shelfOf(shelves: ReadonlyMap<RecordKind, Shelf>, kind: RecordKind): Shelf {
  const shelf = shelves.get(kind)
  if (!shelf) throw new Error(`no such kind of record: ${kind}`)
  return shelf
}

function netnsOf(record: AnyRecord): string | undefined {
  return 'netns' in record ? record.netns : undefined
}

/** The published records with the touched ones replaced; tables that nobody touched keep their identity. */
function nextRecords(
  before: Records,
  shelves: ReadonlyMap<RecordKind, Shelf>,
  touched: ReadonlyMap<RecordKind, ReadonlySet<string>>,
): Records {
  const next: Record<string, unknown> = { ...before }
  for (const [kind, ids] of touched) {
    const table: Table = { ...before[kind] }
    const { records } = shelfOf(shelves, kind)
    for (const id of ids) {
      const record = records.get(id)
      if (record === undefined) delete table[id]
      else table[id] = record
    }
    next[kind] = table
  }
  return next as unknown as Records // the same kinds, each with records of its own shelf
}
