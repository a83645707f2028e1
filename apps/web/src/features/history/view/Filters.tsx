import { visible } from '@hopscope/model'
import { ChevronDown } from 'lucide-react'
import { parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs'
import { useMemo } from 'react'
import { useTranslations } from 'use-intl'
import { cn, SearchField, useSlash } from '../../../ui/index.ts'
import { type Filter, OUTCOMES, type PastEntry } from '../model/entries.ts'

/** What is looked for, kept in the address. */
export function useFilter() {
  const [{ q, on, by, is }, set] = useQueryStates({
    q: parseAsString,
    on: parseAsString,
    by: parseAsString,
    is: parseAsStringLiteral(OUTCOMES),
  })
  const filter = useMemo<Filter>(
    () => ({ ...(q && { text: q }), ...(on && { host: on }), ...(by && { person: by }), ...(is && { outcome: is }) }),
    [q, on, by, is],
  )
  return [filter, set] as const
}

type Props = {
  entries: readonly PastEntry[]
  /** How many of them fit. */
  fitting: number
  filter: Filter
  onChange: ReturnType<typeof useFilter>[1]
}

/** By text, host, person and outcome. */
export function Filters({ entries, fitting, filter, onChange }: Props) {
  const t = useTranslations('history')
  const changes = useTranslations('changes')
  const input = useSlash()
  const hosts = new Map(entries.map(({ host }) => [host.id, visible(host.name)]))
  const people = [...new Set(entries.map(({ change }) => change.by))].sort()
  return (
    <header className="flex shrink-0 flex-wrap items-center gap-2 border-border border-b bg-surface px-3 py-2">
      <SearchField
        label={t('search')}
        clear={t('searchClear')}
        value={filter.text ?? ''}
        onChange={(text) => void onChange({ q: text || null })}
        input={input}
        className="w-full sm:w-72"
      />
      <Choice
        label={t('host')}
        all={t('allHosts')}
        value={filter.host}
        onChange={(on) => void onChange({ on })}
        options={[...hosts].map(([value, text]) => ({ value, text }))}
      />
      <Choice
        label={t('person')}
        all={t('everybody')}
        value={filter.person}
        onChange={(by) => void onChange({ by })}
        options={people.map((value) => ({ value, text: visible(value) }))}
      />
      <Choice
        label={t('outcome')}
        all={t('anyOutcome')}
        value={filter.outcome}
        onChange={(is) => void onChange({ is: OUTCOMES.find((one) => one === is) ?? null })}
        options={OUTCOMES.map((value) => ({ value, text: changes(`state.${value}`) }))}
      />
      <p role="status" className="tabular ml-auto text-faint text-sm max-sm:sr-only">
        {t('count', { count: fitting })}
      </p>
    </header>
  )
}

type ChoiceProps = {
  label: string
  all: string
  value: string | undefined
  onChange: (value: string | null) => void
  options: readonly { value: string; text: string }[]
}

/** A small choice; what it is set to but nobody offers any more can still be seen, and left. */
function Choice({ label, all, value, onChange, options }: ChoiceProps) {
  const offered = value === undefined || options.some((one) => one.value === value)
  return (
    <span className="relative min-w-0 max-sm:flex-1">
      <select
        aria-label={label}
        value={value ?? ''}
        onChange={(e) => onChange(e.target.value || null)}
        className={cn(
          'h-8 w-full max-w-44 appearance-none truncate rounded-md border bg-surface pr-7 pl-2.5 focus-visible:outline-offset-0 max-sm:max-w-none',
          value === undefined ? 'border-border text-soft' : 'border-border-strong font-medium',
        )}
      >
        <option value="">{all}</option>
        {!offered && <option value={value}>{visible(value ?? '')}</option>}
        {options.map((one) => (
          <option key={one.value} value={one.value}>
            {one.text}
          </option>
        ))}
      </select>
      <ChevronDown size={14} aria-hidden className="pointer-events-none absolute top-2.25 right-2 text-faint" />
    </span>
  )
}
