import { History, ListTree, type LucideIcon, Map as MapIcon, Table2 } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { cn } from '../ui/index.ts'
import { useView, VIEWS, type View } from './location.ts'

const icons: Record<View, LucideIcon> = { map: MapIcon, tables: Table2, tree: ListTree, history: History }

/** Map, tables, tree, history: in the header, and as a bar at the bottom of a phone. */
export function ViewTabs({ bar }: { bar?: boolean }) {
  const t = useTranslations('shell')
  const [view, setView] = useView()
  return (
    <nav
      aria-label={t('view.label')}
      className={bar ? 'flex w-full justify-around' : 'flex items-center gap-0.5 rounded-lg bg-sunken p-0.5'}
    >
      {VIEWS.map((v) => {
        const Icon = icons[v]
        return (
          <button
            key={v}
            type="button"
            aria-current={view === v ? 'page' : undefined}
            onClick={() => void setView(v)}
            className={cn(
              'flex items-center justify-center transition-colors',
              bar ? 'h-14 flex-1 flex-col gap-0.5 text-xs' : 'h-7 gap-1.5 rounded-md px-3',
              view === v ? 'font-medium text-text' : 'text-soft hover:text-text',
              view === v && !bar && 'bg-surface shadow-1 dark:bg-active',
            )}
          >
            <Icon size={bar ? 20 : 15} strokeWidth={1.75} aria-hidden className={cn(!bar && 'max-lg:hidden')} />
            {t(`view.${v}`)}
          </button>
        )
      })}
    </nav>
  )
}
