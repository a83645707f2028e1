import type { Reader } from './reader.ts'

type Primitive = {
  u8: number
  u16: number
  u32: number
  i32: number
  u64: number
  u16BE: number
  u32BE: number
  i32BE: number
  u64BE: number
  bool: boolean
  text: string
  mac: string
  ip: string
  hex: string
}
type Custom = (reader: Reader, start: number, end: number) => unknown
type Kind = keyof Primitive | 'present' | 'skip' | Custom

/** One attribute of a nest: the field's name and how its value is read. */
export type Field = readonly [name: string, kind: Kind]
/** The attributes of a nest by number; `skip` marks one that is known and not wanted. */
export type FieldTable = { readonly [type: number]: Field }

type ValueOf<K> = K extends keyof Primitive
  ? Primitive[K]
  : K extends 'present'
    ? boolean
    : K extends (...args: never[]) => infer R
      ? Exclude<R, undefined>
      : never
type Wanted<F> = F extends readonly [string, 'skip']
  ? never
  : F extends readonly [infer N extends string, Kind]
    ? N
    : never

/** The record that a field table decodes to: every field optional, because the kernel sends what it has. */
export type Fields<T extends FieldTable> = {
  -readonly [K in keyof T as Wanted<T[K]>]?: T[K] extends readonly [string, infer V] ? ValueOf<V> : never
}

/** Decodes the attributes between start and end by a table, so that a nest's numbers, names and types stand in one place. */
export function fieldDecoder<const T extends FieldTable>(
  table: T,
): (reader: Reader, start: number, end: number) => Fields<T> {
  const rows: (Field | undefined)[] = []
  for (const [type, field] of Object.entries(table)) rows[Number(type)] = field
  return (reader, start, end) => {
    const record: Record<string, unknown> = {}
    reader.attributes(start, end, (type, from, to) => {
      const field = rows[type]
      if (field === undefined) return reader.unknown()
      if (field[1] === 'skip') return
      const value = read(reader, field[1], { from, to })
      if (value !== undefined) record[field[0]] = value
    })
    // The table alone decides names and kinds, and `Fields<T>` is computed from the same table.
    return record as Fields<T>
  }
}

function read(reader: Reader, kind: Exclude<Kind, 'skip'>, at: { from: number; to: number }): unknown {
  if (typeof kind === 'function') return kind(reader, at.from, at.to)
  if (kind === 'present') return true
  return reader[kind](at.from, at.to)
}
