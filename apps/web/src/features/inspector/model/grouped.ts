import type { HostSnapshot, RecordKind, RecordOf } from '@hopscope/model'

/** The records of one kind by some key. A table keeps its identity until it changes, so the groups are kept as long. */
export function grouped<K extends RecordKind>(
  snapshot: HostSnapshot,
  kind: K,
  { name, keyOf }: { name: string; keyOf: (record: RecordOf<K>) => string | undefined },
): ReadonlyMap<string, readonly RecordOf<K>[]> {
  const table: Readonly<Record<string, RecordOf<K>>> = snapshot.records[kind]
  const known = kept.get(table)?.get(name)
  // Kept under the table itself and the key's name: the groups are of that table's kind.
  if (known) return known as ReadonlyMap<string, readonly RecordOf<K>[]>
  const groups = new Map<string, RecordOf<K>[]>()
  for (const record of Object.values(table)) {
    const key = keyOf(record)
    if (key === undefined) continue
    const list = groups.get(key)
    if (list) list.push(record)
    else groups.set(key, [record])
  }
  const ofTable = kept.get(table) ?? new Map<string, ReadonlyMap<string, readonly unknown[]>>()
  kept.set(table, ofTable.set(name, groups))
  return groups
}

const kept = new WeakMap<object, Map<string, ReadonlyMap<string, readonly unknown[]>>>()
