import { useTranslations } from 'use-intl'
import { cn, KindIcon } from '../../ui/index.ts'
import { TABLES, THEMES } from './model/catalogue.ts'
import type { TableId } from './model/table.ts'

type Props = { current: TableId; counts: ReadonlyMap<TableId, number>; onChoose: (id: TableId) => void }

/** All tables by theme, each with how many rows it has now. */
export function Sidebar({ current, counts, onChoose }: Props) {
  const t = useTranslations('tables')
  return (
    <nav
      aria-label={t('title')}
      className="flex w-56 shrink-0 flex-col gap-3 overflow-y-auto border-border border-r bg-ground px-2 py-3 max-md:hidden"
    >
      {THEMES.map((theme) => (
        <div key={theme}>
          <p aria-hidden className="px-2 pb-1 font-medium text-faint text-xs">
            {t(`theme.${theme}`)}
          </p>
          <ul aria-label={t(`theme.${theme}`)}>
            {TABLES.filter((x) => x.theme === theme).map(({ id, icon }) => (
              <li key={id}>
                <button
                  type="button"
                  aria-current={id === current ? 'page' : undefined}
                  onClick={() => onChoose(id)}
                  className={cn(
                    'flex h-8 w-full items-center gap-2 rounded-md px-2 text-left focus-visible:-outline-offset-2',
                    id === current ? 'bg-active font-medium' : 'hover:bg-hover',
                  )}
                >
                  <KindIcon kind={icon} />
                  <span className="min-w-0 flex-1 truncate">{t(`table.${id}`)}</span>
                  <span className={cn('tabular text-sm', counts.get(id) ? 'text-soft' : 'text-faint')}>
                    {counts.get(id) ?? 0}
                  </span>
                </button>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </nav>
  )
}

/** The same where there is no room for a list. */
export function TableSelect({ current, counts, onChoose }: Props) {
  const t = useTranslations('tables')
  return (
    <select
      aria-label={t('choose')}
      value={current}
      onChange={(e) => {
        const chosen = TABLES.find((x) => x.id === e.target.value)
        if (chosen) onChoose(chosen.id)
      }}
      className="h-9 min-w-0 flex-1 rounded-md border border-border-strong bg-surface px-2 font-medium text-text md:hidden"
    >
      {THEMES.map((theme) => (
        <optgroup key={theme} label={t(`theme.${theme}`)}>
          {TABLES.filter((x) => x.theme === theme).map(({ id }) => (
            <option key={id} value={id}>
              {t(`table.${id}`)} · {counts.get(id) ?? 0}
            </option>
          ))}
        </optgroup>
      ))}
    </select>
  )
}
