import type { Diff } from './diff.ts'
import { type AnyRecord, RECORD_KINDS, type RecordKind, type RecordLists, type Records } from './snapshot.ts'

/** A number that two equal states share, whatever order their records came in: 16 hex digits. Records hash once, by identity. */
export function stateHash(records: Records): string {
  const summed = knownStates.get(records)
  if (summed !== undefined) return summed
  let high = 0
  let low = 0
  for (const kind of RECORD_KINDS) {
    const table: Readonly<Record<string, AnyRecord>> = records[kind]
    for (const id in table) {
      const record = table[id]
      if (!record) continue
      const h = recordHash(kind, record)
      high = (high + h.high) >>> 0
      low = (low + h.low) >>> 0
    }
  }
  return digits(high) + digits(low)
}

/** The hash of a state that comes part by part: with the last one, to go over all its records again would take long. */
export type HashSum = {
  add(part: RecordLists): void
  /** These are the records of all parts, each of them once: their `stateHash` is known now. */
  complete(records: Records): void
}

export function createHashSum(): HashSum {
  let high = 0
  let low = 0
  return {
    add(part) {
      for (const kind of RECORD_KINDS)
        for (const record of part[kind] ?? []) {
          const h = recordHash(kind, record)
          high = (high + h.high) >>> 0
          low = (low + h.low) >>> 0
        }
    },
    complete: (records) => void knownStates.set(records, digits(high) + digits(low)),
  }
}

/**
 * The hash of `after`, which a diff made from `before`, whose hash is `hash`. It is a sum over records, so a change moves it
 * by the hashes of what went and what came: the cost grows with the change, not with the state.
 */
export function movedHash(hash: string, before: Records, after: Records, diff: Diff): string {
  let high = Number.parseInt(hash.slice(0, 8), 16)
  let low = Number.parseInt(hash.slice(8), 16)
  const move = (kind: RecordKind, record: AnyRecord | undefined, by: 1 | -1): void => {
    if (!record) return
    const h = recordHash(kind, record)
    high = (high + by * h.high) >>> 0
    low = (low + by * h.low) >>> 0
  }
  for (const kind of RECORD_KINDS) {
    const { put = [], set = [], del = [] } = diff[kind] ?? {}
    const ids = new Set([...put.map(({ id }) => id), ...set.map(({ id }) => id), ...del])
    for (const id of ids) {
      move(kind, before[kind][id], -1)
      move(kind, after[kind][id], 1)
    }
  }
  return digits(high) + digits(low)
}

/** Hashes records now, so that the hash of a state that holds them is quick later. */
export function hashAhead(lists: RecordLists): void {
  for (const kind of RECORD_KINDS) for (const record of lists[kind] ?? []) recordHash(kind, record)
}

const digits = (half: number): string => half.toString(16).padStart(8, '0')

const knownStates = new WeakMap<Records, string>()
const known = new WeakMap<AnyRecord, { high: number; low: number }>()

function recordHash(kind: RecordKind, record: AnyRecord): { high: number; low: number } {
  let h = known.get(record)
  if (!h) {
    const text = `${kind}${canonicalJson(record)}`
    h = { high: fnv1a(text, 0x811c9dc5), low: fnv1a(text, 0x1b873593) }
    known.set(record, h)
  }
  return h
}

function fnv1a(text: string, seed: number): number {
  let h = seed
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
  return h >>> 0
}

/** JSON with sorted keys and without undefined fields: the same text for the same value, whoever made it. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join()}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value).filter(([, v]) => v !== undefined)
  entries.sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([k, v]) => `${JSON.stringify(k)}:${canonicalJson(v)}`).join()}}`
}
