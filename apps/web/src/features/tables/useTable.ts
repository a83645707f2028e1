import {
  type ColumnDef,
  getCoreRowModel,
  getSortedRowModel,
  type SortingState,
  type Updater,
  useReactTable,
} from '@tanstack/react-table'
import { useMemo } from 'react'
import { useTranslations } from 'use-intl'
import { useSettled } from '../../ui/useSettled.ts'
import { filterRows } from './model/query.ts'
import type { Scope } from './model/scope.ts'
import { type Column, type Row, type Table, valueAt } from './model/table.ts'
import { parseOrder, useTableLocation } from './model/url.ts'
import { compareValues, isNothing } from './model/value.ts'
import { useSay } from './useSay.ts'
import { useVisibility } from './useVisibility.ts'

/** What drawing needs to know of a column. */
export type Shape = Omit<Column<never>, 'value'> & { label: string }

const HOST: Omit<Shape, 'label'> = { id: 'host', kind: 'words', width: 110 }

/** A table with its rows filtered and in order, its visible columns, and how to change each. */
export function useTable(table: Table, scopes: Scope[]) {
  const say = useSay()
  const t = useTranslations('tables')
  const [location, setLocation] = useTableLocation()
  const query = useSettled(location.q)
  const several = scopes.length > 1
  const shapes = useMemo<Shape[]>(() => {
    const [first, ...rest] = table.columns
    const all = first ? [first, ...(several ? [HOST] : []), ...rest] : []
    return all.map((c) => ({ ...c, label: t(`column.${c.id}`) }))
  }, [table, several, t])
  const [columnVisibility, setVisibility] = useVisibility(table)
  const all = useMemo(() => scopes.flatMap((s) => table.rows(s)), [table, scopes])
  const data = useMemo(() => filterRows(all, query, shapes, say), [all, query, shapes, say])
  const atFirst = useMemo(() => parseOrder([...(several ? ['host'] : []), ...table.order].join(',')), [table, several])
  const columns = useMemo<ColumnDef<Row>[]>(
    () =>
      shapes.map(({ id }) => ({
        id,
        accessorFn: (row) => {
          const value = valueAt(row, id)
          return isNothing(value) ? undefined : value
        },
        sortUndefined: 'last',
        sortingFn: (a, b) => compareValues(a.getValue(id), b.getValue(id), say),
        // Numbers first from large to small is a surprise in a list of names: every column starts upwards.
        sortDescFirst: false,
      })),
    [shapes, say],
  )
  const sorting = location.sort.length ? location.sort : atFirst
  const known = useMemo(() => sorting.filter((s) => shapes.some((c) => c.id === s.id)), [sorting, shapes])
  const instance = useReactTable({
    data,
    columns,
    state: { sorting: known, columnVisibility },
    onSortingChange: (next) => void setLocation({ sort: resolve(next, sorting) }),
    getRowId: (row) => row.key,
    getCoreRowModel: getCoreRowModel(),
    getSortedRowModel: getSortedRowModel(),
    enableMultiSort: true,
    // Without pages there is nothing to reset; each reset would draw, sort and reset again without end.
    autoResetPageIndex: false,
  })
  const visible = shapes.filter((c) => columnVisibility[c.id] !== false)
  return {
    say,
    query: location.q,
    /** The rows are still those of what stood there before. */
    isBusy: query !== location.q,
    setQuery: (q: string) => void setLocation({ q: q || null }),
    total: all.length,
    rows: instance.getSortedRowModel().rows.map((r) => r.original),
    shapes,
    visible,
    sorting,
    toggleSort: (id: string, further: boolean) => instance.getColumn(id)?.toggleSorting(undefined, further),
    columnVisibility,
    setVisibility,
  }
}

export type TableState = ReturnType<typeof useTable>

const resolve = (next: Updater<SortingState>, was: SortingState): SortingState =>
  typeof next === 'function' ? next(was) : next
