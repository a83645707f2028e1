import { type AnyRecord, hashAhead, RECORD_KINDS, type RecordLists, type Records, same } from '@hopscope/model'
import { patchMessageSchema, type SnapshotPart, snapshotPartSchema } from '@hopscope/protocol'

/**
 * A part of a snapshot, with the held records where they are equal, and all hashed: to check the whole and to find what it
 * changes is then quick, however large it is.
 */
export function recognise(part: SnapshotPart, held: Records | undefined): SnapshotPart {
  const lists: Record<string, AnyRecord[]> = {}
  for (const kind of RECORD_KINDS) {
    const list: readonly AnyRecord[] | undefined = part.records[kind]
    const table: Readonly<Record<string, AnyRecord>> | undefined = held?.[kind]
    if (!list) continue
    lists[kind] = list.map((record) => {
      const was = table?.[record.id]
      return was !== undefined && same(was, record) ? was : record
    })
  }
  const records: RecordLists = lists // kind by kind from the same kind's list
  hashAhead(records)
  return { ...part, records }
}

/**
 * Lets every schema of a record see one, however wrong: zod compiles each at its first use, a hundred milliseconds for all of
 * them, and the first snapshot would have to wait for that within one turn of the event loop.
 */
export function compileRecordSchemas(): void {
  const one = Object.fromEntries(RECORD_KINDS.map((kind) => [kind, [{}]]))
  snapshotPartSchema.safeParse({ records: one })
  patchMessageSchema.safeParse({ diff: Object.fromEntries(RECORD_KINDS.map((kind) => [kind, { put: [{}] }])) })
}
