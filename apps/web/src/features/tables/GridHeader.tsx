import { ArrowDown, ArrowUp } from 'lucide-react'
import type { MouseEvent } from 'react'
import { useTranslations } from 'use-intl'
import { cn } from '../../ui/index.ts'
import { cellStyle, FIRST, isNumber } from './GridRow.tsx'
import type { Shape, TableState } from './useTable.ts'

export const HEADER_HEIGHT = 36

/** The names of the columns; a click sorts, with Shift as a further order. */
export function GridHeader({ table, columns }: { table: TableState; columns: readonly Shape[] }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a virtual table cannot be made of table elements
    <div role="rowgroup" className="sticky top-0 z-2" style={{ height: HEADER_HEIGHT }}>
      {/* biome-ignore lint/a11y/useSemanticElements: as above */}
      {/* biome-ignore lint/a11y/useFocusableInteractive: its buttons take the focus */}
      <div role="row" aria-rowindex={1} className="flex h-full border-border border-b bg-(--row) [--row:var(--ground)]">
        {columns.map((column, i) => (
          <Head key={column.id} table={table} column={column} index={i} />
        ))}
      </div>
    </div>
  )
}

function Head({ table, column, index }: { table: TableState; column: Shape; index: number }) {
  const t = useTranslations('tables')
  const place = table.sorting.findIndex((s) => s.id === column.id)
  const order = table.sorting[place]
  const Arrow = order?.desc ? ArrowDown : ArrowUp
  return (
    // biome-ignore lint/a11y/useSemanticElements: as above
    // biome-ignore lint/a11y/useFocusableInteractive: its button takes the focus
    <div
      role="columnheader"
      aria-colindex={index + 1}
      aria-sort={order ? (order.desc ? 'descending' : 'ascending') : 'none'}
      style={cellStyle(column)}
      className={cn('flex min-w-0', index === 0 && FIRST)}
    >
      <button
        type="button"
        title={t('sorting.hint')}
        onClick={(e: MouseEvent) => table.toggleSort(column.id, e.shiftKey)}
        className={cn(
          'group/head flex min-w-0 flex-1 items-center gap-1 px-3 font-medium text-sm text-soft hover:text-text focus-visible:-outline-offset-2',
          isNumber(column) && 'flex-row-reverse',
        )}
      >
        <span className="truncate">{column.label}</span>
        <Arrow
          size={12}
          strokeWidth={2}
          aria-hidden
          className={cn('shrink-0', order ? 'text-text' : 'opacity-0 group-hover/head:opacity-60')}
        />
        {order && table.sorting.length > 1 && (
          <span aria-hidden className="tabular text-faint text-xs">
            {place + 1}
          </span>
        )}
      </button>
    </div>
  )
}
