import type { RecordKind, SampleTopic, SourceName } from '@hopscope/model'
import type { NodeKind, RecordRef } from '@hopscope/topology'
import type { Messages } from '../../../i18n/messages.ts'
import type { Scope } from './scope.ts'
import type { ColumnId, Value } from './value.ts'

export type TableId = keyof Messages['tables']['table']
export type ThemeId = keyof Messages['tables']['theme']

/**
 * How a cell is drawn: words, code (monospaced), marks, or a number with its unit. A `number` names or sets
 * something and is shown as it is typed (port 32768); a `count` is grouped (12,345 packets). Numbers stand at the right. */
export type CellKind = 'words' | 'code' | 'marks' | 'number' | 'count' | 'bytes' | 'rate' | 'seconds'

/** A column as data. Its id is also the key of its header in the catalogue. */
export type Column<R> = {
  id: ColumnId
  kind: CellKind
  /** In px; what is left over goes to the columns that `grow`. */
  width: number
  grow?: boolean
  /** Shown only when somebody asks for it. */
  extra?: boolean
  value: (record: R, scope: Scope) => Value
}

/** A line of a table; `value` computes a cell when it is asked for. */
export type Row = {
  readonly key: string
  readonly ref: RecordRef
  readonly scope: Scope
  readonly value: (column: ColumnId) => Value
}

export type Table = {
  id: TableId
  theme: ThemeId
  icon: NodeKind
  /** Counters that its cells show. */
  topic?: SampleTopic
  /** Where its records come from: says why it is empty. */
  sources: readonly SourceName[]
  columns: readonly Omit<Column<never>, 'value'>[]
  /** Columns that it is ordered by until somebody chooses; `-` turns one around. */
  order: readonly (ColumnId | `-${ColumnId}`)[]
  count: (scope: Scope) => number
  rows: (scope: Scope) => Row[]
}

type Definition<R> = Pick<Table, 'id' | 'theme' | 'icon' | 'topic' | 'sources' | 'order'> & {
  columns: readonly Column<R>[]
  records: (scope: Scope) => R[]
  /** The record that a row opens. */
  ref: (record: R) => { kind: RecordKind; id: string; hostId?: string }
  /** Where several rows may open the same record. */
  key?: (record: R) => string
}

/** A table of any kind of record, from which on nobody needs to know the kind. */
export function defineTable<R>(d: Definition<R>): Table {
  const byId = new Map(d.columns.map((c) => [c.id, c]))
  const rowOf = (record: R, scope: Scope): Row => {
    const ref = { hostId: scope.hostId, ...d.ref(record) }
    return {
      key: `${scope.hostId} ${d.key ? d.key(record) : ref.id}`,
      ref,
      scope,
      value: (column) => byId.get(column)?.value(record, scope),
    }
  }
  return {
    ...d,
    count: (scope) => d.records(scope).length,
    rows: (scope) => d.records(scope).map((r) => rowOf(r, scope)),
  }
}

/** A cell of a row; the host's name is a column of every table. */
export const valueAt = (row: Row, column: ColumnId): Value => (column === 'host' ? row.scope.host : row.value(column))
