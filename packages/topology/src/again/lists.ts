import { type HostSnapshot, type RecordKind, type RecordOf, recordsOf } from '@hopscope/model'

const lists = new WeakMap<object, readonly unknown[]>()

/** The records of one kind, as `recordsOf` gives them: a large table is made a list of once, and read several times. */
export function listOf<K extends RecordKind>(host: HostSnapshot, kind: K): readonly RecordOf<K>[] {
  const table = host.records[kind]
  const known = lists.get(table)
  if (known) return known as readonly RecordOf<K>[] // made from this very table, below
  const made = recordsOf(host, kind)
  lists.set(table, made)
  return made
}

export const tableOf = <T extends { id: string }>(records: readonly T[]): Record<string, T> =>
  Object.fromEntries(records.map((r) => [r.id, r]))

/** A record that is another one now, came or went. */
export type Change<T> = { was: T | undefined; now: T | undefined }

/** Records of one kind that are not the same object in both states. Quick where most are, in the same order. */
export function changesOf<K extends RecordKind>(
  before: HostSnapshot,
  after: HostSnapshot,
  kind: K,
): Change<RecordOf<K>>[] {
  type Table = Readonly<Record<string, RecordOf<K>>>
  // The table of a kind holds records of that kind.
  const [a, b] = [before.records[kind] as Table, after.records[kind] as Table]
  if (a === b) return []
  const [old, now] = [listOf(before, kind), listOf(after, kind)]
  const changes: Change<RecordOf<K>>[] = []
  let at = 0
  for (const record of now) {
    if (record === old[at]) {
      at++
      continue
    }
    // What went makes the others move up.
    for (let o = old[at]; o && b[o.id] === undefined; o = old[++at]) changes.push({ was: o, now: undefined })
    const was = a[record.id]
    if (was !== record) changes.push({ was, now: record })
    if (old[at]?.id === record.id) at++
  }
  const gone = new Set(changes.flatMap((c) => (c.now ? [] : [c.was?.id])))
  for (const o of old.slice(at)) if (b[o.id] === undefined && !gone.has(o.id)) changes.push({ was: o, now: undefined })
  return changes
}
