import { CircleSlash2, Inbox, SearchX } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { useShownHosts } from '../../shell/useShownHosts.ts'
import { Button, CommandLine, EmptyState } from '../../ui/index.ts'
import { missingSources } from '../sources/missing.ts'
import type { Table } from './model/table.ts'
import type { TableState } from './useTable.ts'

/** Why a table shows no row, and what to do about it. */
export function Nothing({ kind, table }: { kind: Table; table: TableState }) {
  const t = useTranslations('tables')
  const { shown } = useShownHosts()
  if (table.total > 0) {
    return (
      <EmptyState icon={SearchX} title={t('empty.filtered', { query: table.query })}>
        <p className="text-soft">{t('empty.filteredText', { count: table.total })}</p>
        <Button onClick={() => table.setQuery('')}>{t('filter.clear')}</Button>
      </EmptyState>
    )
  }
  const missing = missingSources(shown).filter(
    (m) => kind.sources.includes(m.source.name) && m.source.state === 'unavailable',
  )
  if (missing.length > 0) return <Missing missing={missing} />
  return (
    <EmptyState icon={Inbox} title={t('empty.none')}>
      <p className="text-soft">{t('empty.noneText')}</p>
    </EmptyState>
  )
}

function Missing({ missing }: { missing: ReturnType<typeof missingSources> }) {
  const t = useTranslations('tables')
  const sources = useTranslations('sources')
  return (
    <EmptyState icon={CircleSlash2} title={t('empty.missing')}>
      {missing.map((m) => (
        <section key={`${m.hostId} ${m.source.id}`} className="flex w-full flex-col gap-1.5 pt-2">
          <h3 className="font-medium">
            {t('empty.missingOn', { source: sources(`name.${m.source.name}`), host: m.host })}
          </h3>
          <p className="text-soft">{sources(`reason.${m.reason}`)}</p>
          {m.source.detail && (
            <p lang="en" className="font-mono text-faint text-sm">
              {m.source.detail}
            </p>
          )}
          {m.command && <CommandLine command={m.command} />}
        </section>
      ))}
    </EmptyState>
  )
}
