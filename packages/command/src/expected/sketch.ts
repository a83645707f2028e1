import { type HostSnapshot, linkId, type RecordKind, type RecordOf, type Records } from '@hopscope/model'
import type { CommandName, CommandOf } from '@hopscope/protocol'

/** Draws what a command will have changed; throws Refused for what is not there. */
export type Drawing<N extends CommandName> = (command: CommandOf<N>, sketch: Sketch) => void
export type Drawn<N extends CommandName> = { readonly [K in N]?: Drawing<K> }

/** A host that is being changed on paper; the snapshot that it was made from stays as it is. */
export type Sketch = {
  put<K extends RecordKind>(kind: K, record: RecordOf<K>): void
  drop(kind: RecordKind, id: string): void
  /** The host as it is drawn by now. */
  now(): HostSnapshot
  /** An ifindex for something new: the wanted one where nobody has it, else one that no kernel gives. */
  freeIndex(netns: string, wanted?: number): number
}

/** Far above what a kernel gives, so that what is new comes last wherever ifindexes make an order. */
const FIRST_PLACEHOLDER = 4_000_000_000

export function sketchOf(before: HostSnapshot): Sketch {
  let now = before
  let next = FIRST_PLACEHOLDER
  const copied = new Set<RecordKind>()
  /** Each table is copied once, and only when it is written to. */
  const table = (kind: RecordKind): Record<string, unknown> => {
    if (!copied.has(kind)) {
      copied.add(kind)
      now = { host: now.host, records: { ...now.records, [kind]: { ...now.records[kind] } } as Records } // one table for another of its kind
    }
    return now.records[kind] as Record<string, unknown> // the copy above is nobody else's
  }
  return {
    put: (kind, record) => {
      table(kind)[record.id] = record
    },
    drop: (kind, id) => {
      delete table(kind)[id]
    },
    now: () => now,
    freeIndex: (netns, wanted) => {
      const isFree = (index: number): boolean => now.records.link[linkId(netns, index)] === undefined
      if (wanted !== undefined && isFree(wanted)) return wanted
      // What was expected before may be in the snapshot.
      while (!isFree(next)) next++
      return next++
    },
  }
}
