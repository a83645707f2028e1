import { FilterX, History as HistoryIcon } from 'lucide-react'
import { parseAsStringLiteral, useQueryState } from 'nuqs'
import { useMemo, useState } from 'react'
import { useFormatter, useTranslations } from 'use-intl'
import { useErrorText } from '../../api/useErrorText.ts'
import { useLanguage } from '../../i18n/Language.tsx'
import { useSession } from '../../shell/session.ts'
import { useNow } from '../../shell/useNow.ts'
import { Button, EmptyState, Skeleton, Tabs } from '../../ui/index.ts'
import { byDay, filtered, keyOf, type PastEntry } from './model/entries.ts'
import { Requests } from './Requests.tsx'
import { useHistory } from './useHistory.ts'
import { Filters, useFilter } from './view/Filters.tsx'
import { PastChange } from './view/PastChange.tsx'

const AT_ONCE = 100
const TABS = ['changes', 'requests'] as const

/** What was changed on all hosts; for administrators also every request as it was written down. */
export function HistoryView() {
  const t = useTranslations('history')
  const [tab, setTab] = useQueryState('tab', parseAsStringLiteral(TABS).withDefault('changes'))
  if (useSession()?.user.role !== 'admin') return <Changes />
  const show = (value: string) => void setTab(TABS.find((one) => one === value) ?? null)
  return (
    <Tabs
      label={t('tabs')}
      value={tab}
      onChange={show}
      className="h-full bg-surface"
      tabs={[
        { value: 'changes', label: t('label'), content: <Changes /> },
        { value: 'requests', label: t('requests'), content: <Requests /> },
      ]}
    />
  )
}

/** Newest first, each with its commands and its undo; live. */
function Changes() {
  const t = useTranslations('history')
  const errorText = useErrorText()
  const { locale } = useLanguage()
  const history = useHistory()
  const [filter, setFilter] = useFilter()
  const fitting = useMemo(() => filtered(history.entries, filter, locale), [history.entries, filter, locale])
  return (
    <div className="flex h-full min-w-0 flex-col bg-surface">
      <Filters entries={history.entries} fitting={fitting.length} filter={filter} onChange={setFilter} />
      <div className="min-h-0 flex-1 overflow-y-auto">
        <div className="mx-auto flex min-h-full w-full max-w-280 flex-col gap-3 px-3 pb-6 sm:px-5">
          {history.failed.map(({ host, error }) => (
            <p key={host} className="pt-3 text-danger">
              {t('broken', { host, why: errorText(error) })}
            </p>
          ))}
          {fitting.length > 0 ? (
            <Days entries={fitting} />
          ) : history.pending ? (
            <Skeleton className="mt-5 h-16" />
          ) : (
            <Nothing hidden={history.entries.length} onClear={() => void setFilter(null)} />
          )}
        </div>
      </div>
    </div>
  )
}

function Days({ entries }: { entries: readonly PastEntry[] }) {
  const t = useTranslations('history')
  const [most, setMost] = useState(AT_ONCE)
  const dayOf = useDays()
  const days = byDay(entries.slice(0, most), dayOf)
  return (
    <>
      {days.map(([day, of]) => (
        <section key={day} aria-label={day}>
          <h2 className="sticky top-0 z-10 border-border border-b bg-surface py-2 font-semibold text-soft text-sm">
            {day}
          </h2>
          <ul aria-label={t('label')} className="flex flex-col">
            {of.map((entry) => (
              <PastChange key={keyOf(entry)} entry={entry} />
            ))}
          </ul>
        </section>
      ))}
      {entries.length > most && (
        <Button className="self-center" onClick={() => setMost(most + AT_ONCE)}>
          {t('showMore', { count: Math.min(AT_ONCE, entries.length - most) })}
        </Button>
      )}
    </>
  )
}

/** Names the day of a time as a person does today. */
function useDays(): (at: number) => string {
  const t = useTranslations('history')
  const format = useFormatter()
  const now = useNow(60_000)
  const name = (at: number) => format.dateTime(at, { dateStyle: 'full' })
  const before = new Date(now)
  before.setDate(before.getDate() - 1)
  const names = new Map([
    [name(now), t('today')],
    [name(before.getTime()), t('yesterday')],
  ])
  return (at) => names.get(name(at)) ?? name(at)
}

function Nothing({ hidden, onClear }: { hidden: number; onClear: () => void }) {
  const t = useTranslations('history')
  return hidden === 0 ? (
    <EmptyState icon={HistoryIcon} title={t('empty')}>
      <p className="text-soft">{t('emptyText')}</p>
    </EmptyState>
  ) : (
    <EmptyState icon={FilterX} title={t('none')}>
      <p className="text-soft">{t('noneText', { count: hidden })}</p>
      <Button onClick={onClear}>{t('clear')}</Button>
    </EmptyState>
  )
}
