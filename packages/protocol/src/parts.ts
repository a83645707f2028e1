import {
  type AnyRecord,
  createHashSum,
  type HashSum,
  type HostSnapshot,
  RECORD_KINDS,
  type RecordKind,
  type Records,
} from '@hopscope/model'
import type { SnapshotMessage, SnapshotPart } from './events.ts'

// About 20 kB: other messages, such as pings, find their way in between on a slow line as well, and who reads it is not
// busy with it for long, even a hub that has just been started.
const RECORDS_IN_A_PART = 50
// Smaller than this it is not worth the trouble.
const RECORDS_IN_ONE = 4 * RECORDS_IN_A_PART

/** Which records go into each part of a snapshot: nothing is copied before a part is made. */
export type PartPlan = { readonly message: SnapshotMessage; readonly parts: readonly Slice[] }
type Slice = readonly (readonly [RecordKind, readonly string[]])[]

/** Divides a snapshot into parts of a bounded number of records; undefined when it is small enough to go as it is. */
export function planParts(message: SnapshotMessage): PartPlan | undefined {
  const tables = RECORD_KINDS.map((kind) => [kind, Object.keys(message.snapshot.records[kind])] as const)
  if (tables.reduce((sum, [, ids]) => sum + ids.length, 0) <= RECORDS_IN_ONE) return undefined
  const parts: [RecordKind, string[]][][] = [[]]
  let room = RECORDS_IN_A_PART
  for (const [kind, ids] of tables) {
    for (let at = 0; at < ids.length; ) {
      if (room === 0) {
        parts.push([])
        room = RECORDS_IN_A_PART
      }
      const some = ids.slice(at, at + room)
      parts.at(-1)?.push([kind, some])
      at += some.length
      room -= some.length
    }
  }
  return { message, parts }
}

/** The part at that place, from 0. */
export function partOf({ message, parts }: PartPlan, at: number): SnapshotPart {
  const { hostId, version, hash, snapshot } = message
  const records = (parts[at] ?? []).map(([kind, ids]) => {
    const table: Readonly<Record<string, AnyRecord>> = snapshot.records[kind]
    return [kind, ids.flatMap((id) => table[id] ?? [])] as const
  })
  return { hostId, version, hash, host: snapshot.host, at, of: parts.length, records: Object.fromEntries(records) }
}

/** Puts parts together again. */
export type Joiner = {
  /** The whole snapshot with its last part; undefined while parts are missing, and after one that does not continue. */
  take(part: SnapshotPart): SnapshotMessage | undefined
  /** Drops what was begun: a new connection begins anew. */
  clear(): void
}

export function createJoiner(): Joiner {
  const begun = new Map<string, Begun>()
  return {
    take(part) {
      const { hostId, at } = part
      if (at === 0) begun.set(hostId, begin())
      const joined = begun.get(hostId)
      if (!joined || joined.next !== at) return undefined
      joined.next++
      // Each part's own share: to make the tables of them all at the end, and to hash these, would take long.
      joined.sum.add(part.records)
      for (const [kind, table] of joined.tables) for (const record of part.records[kind] ?? []) add(table, record)
      if (joined.next < part.of) return undefined
      begun.delete(hostId)
      return whole(part, joined)
    },
    clear: () => begun.clear(),
  }
}

type Begun = { next: number; tables: ReadonlyMap<RecordKind, Record<string, AnyRecord>>; sum: HashSum }

const begin = (): Begun => ({ next: 0, tables: new Map(RECORD_KINDS.map((kind) => [kind, {}])), sum: createHashSum() })

function add(table: Record<string, AnyRecord>, record: AnyRecord): void {
  // An assignment would make it the table's prototype.
  if (record.id !== '__proto__') table[record.id] = record
  else Object.defineProperty(table, record.id, { value: record, writable: true, enumerable: true, configurable: true })
}

function whole(part: SnapshotPart, { tables, sum }: Begun): SnapshotMessage {
  const { hostId, version, hash, host } = part
  const records = Object.fromEntries(tables)
  const snapshot: HostSnapshot = { host, records: records as unknown as Records } // every kind's own table, as it was divided
  sum.complete(snapshot.records)
  return { hostId, version, hash, snapshot }
}
