import { useTranslations } from 'use-intl'
import type { TableState } from './useTable.ts'

/** Says that a filter hides rows, and how to see them all. */
export function ShownLine({ table }: { table: TableState }) {
  const t = useTranslations('tables')
  const shown = table.rows.length
  const hides = shown < table.total
  return (
    <p
      role="status"
      className={hides ? 'flex shrink-0 gap-2 bg-warn-fill px-3 py-1.5 text-sm text-warn-ink' : 'sr-only'}
    >
      {hides ? t('shown', { shown, count: table.total }) : t('count', { count: shown })}
      {hides && (
        <button type="button" className="font-medium underline underline-offset-2" onClick={() => table.setQuery('')}>
          {t('showAll')}
        </button>
      )}
    </p>
  )
}
