import { memo } from 'react'
import { useTranslations } from 'use-intl'
import { cn } from '../../ui/index.ts'
import { type Actions, CellView } from './CellView.tsx'
import { type Row, valueAt } from './model/table.ts'
import { type Say, valueTexts } from './model/value.ts'
import type { Shape } from './useTable.ts'

export const ROW_HEIGHT = 36

type Props = {
  row: Row
  id: string
  /** From 0; the header is the grid's first row. */
  index: number
  top: number
  columns: readonly Shape[]
  active: boolean
  selected: boolean
  changed: boolean
  say: Say
  actions: Actions
  onClick: (index: number) => void
}

/** One line. The grid holds the focus; the active line is told by its id. */
export const GridRow = memo(function GridRow({
  row,
  id,
  index,
  top,
  columns,
  active,
  selected,
  changed,
  ...rest
}: Props) {
  const { say, actions, onClick } = rest
  const t = useTranslations('tables')
  return (
    // biome-ignore lint/a11y/useSemanticElements: a virtual table cannot be made of table elements
    // biome-ignore lint/a11y/useFocusableInteractive: focus stays on the grid, which names this line as the active one
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid handles the keys
    <div
      id={id}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={selected}
      data-changed={changed || undefined}
      onClick={() => onClick(index)}
      style={{ top, height: ROW_HEIGHT }}
      className={cn(
        'absolute inset-x-0 flex cursor-default border-border border-b transition-colors duration-500',
        changed
          ? '[--row:color-mix(in_srgb,var(--focus)_9%,var(--surface))]'
          : '[--row:var(--surface)] hover:[--row:var(--hover)]',
        selected && '[--row:var(--selection-fill)] hover:[--row:var(--selection-fill)]',
        active &&
          'group-focus-visible:z-1 group-focus-visible:outline-2 group-focus-visible:outline-focus group-focus-visible:-outline-offset-2',
        'bg-(--row)',
      )}
    >
      {columns.map((column, i) => {
        const value = valueAt(row, column.id)
        return (
          // biome-ignore lint/a11y/useSemanticElements: as above
          // biome-ignore lint/a11y/useFocusableInteractive: as above
          <div
            key={column.id}
            role="gridcell"
            aria-colindex={i + 1}
            data-column={column.id}
            style={cellStyle(column)}
            title={titleOf(value, column, say)}
            className={cn(
              'flex items-center overflow-hidden px-3',
              isNumber(column) && 'justify-end',
              i === 0 && FIRST,
            )}
          >
            {i === 0 && changed && <Changed text={t('changed')} />}
            <CellView value={value} kind={column.kind} say={say} actions={actions} reachable={active} />
          </div>
        )
      })}
    </div>
  )
})

/** The first column stays while the others scroll. */
export const FIRST = 'sticky left-0 z-1 bg-(--row) shadow-[1px_0_0_var(--border)] transition-colors duration-500'

export const isNumber = (c: Shape): boolean => ['number', 'count', 'bytes', 'rate', 'seconds'].includes(c.kind)
export const cellStyle = (c: Shape) => ({ flex: `${c.grow ? 1 : 0} 0 ${c.width}px`, width: c.width })

/** What may not fit, on hover. */
function titleOf(value: ReturnType<typeof valueAt>, column: Shape, say: Say): string | undefined {
  if (isNumber(column)) return undefined
  const texts = valueTexts(value, say)
  return texts.length > 1 || (texts[0]?.length ?? 0) * 7 > column.width ? texts.join(', ') : undefined
}

function Changed({ text }: { text: string }) {
  return (
    <span className="-ml-2 mr-1 size-1 shrink-0 rounded-full bg-focus">
      <span className="sr-only">{text}</span>
    </span>
  )
}
