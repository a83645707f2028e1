import { type HopOf, visible } from '@hopscope/model'
import { type ListedChain, type ListedRule, sayHit, sayMiss } from '@hopscope/path'
import { ArrowRight, ChevronRight } from 'lucide-react'
import { useId, useState } from 'react'
import { useTranslations } from 'use-intl'
import { useLanguage } from '../../../i18n/Language.tsx'
import { useInspect } from '../../../shell/location.ts'
import { cn } from '../../../ui/index.ts'
import { isFolded, type RuleRun, runsOf, stateOf } from '../model/chain.ts'

/** Rules in a row that say nothing of the packet are folded from this many on. */
const MANY = 3

type Props = {
  hop: HopOf<'chain'>
  chain: ListedChain
  hostId: string
}

/** The rules of a chain as a listing: what matched is marked, what was passed over says why, and how it ends. */
export function ChainRules({ hop, chain, hostId }: Props) {
  const t = useTranslations('packets')
  const [table, name] = [visible(hop.table), visible(hop.chain)]
  return (
    <section
      aria-label={t('chain.label', { chain: `${hop.family} ${table} ${name}` })}
      className="overflow-hidden rounded-lg border border-border bg-surface"
    >
      <h4 className="flex items-center gap-2 border-border border-b bg-sunken px-3 py-1.5 font-mono text-sm">
        <span className="min-w-0 flex-1 truncate">
          <span className="text-soft">{`${hop.family} ${table} `}</span>
          <span className="font-semibold">{name}</span>
        </span>
        <span className="shrink-0 font-sans text-faint">{hop.hook}</span>
      </h4>
      <ChainList chain={chain} hostId={hostId} />
      <p
        className={cn(
          'border-border border-t px-3 py-1.5 text-sm',
          hop.verdict === 'accept' ? 'text-ok' : 'text-danger',
        )}
      >
        {chain.policy === undefined
          ? t('chain.ends', { verdict: hop.verdict.toUpperCase() })
          : t('chain.policy', { verdict: chain.policy })}
      </p>
    </section>
  )
}

function ChainList({ chain, hostId }: { chain: ListedChain; hostId: string }) {
  const t = useTranslations('packets')
  if (chain.rules.length === 0) return <p className="px-3 py-1.5 text-faint text-sm">{t('chain.empty')}</p>
  return (
    <ol className="flex flex-col">
      {runsOf(chain.rules).map((run) => (
        <Run key={run.rules[0]?.rule.id} run={run} hostId={hostId} />
      ))}
    </ol>
  )
}

function Run({ run, hostId }: { run: RuleRun; hostId: string }) {
  const t = useTranslations('packets')
  const [open, setOpen] = useState(false)
  const { state, rules } = run
  if (!isFolded(state) || rules.length < MANY || open)
    return rules.map((rule) => <Rule key={rule.rule.id} rule={rule} hostId={hostId} />)
  return (
    <li>
      <button
        type="button"
        onClick={() => setOpen(true)}
        className="flex w-full items-center gap-1.5 px-3 py-1 text-left text-faint text-sm hover:bg-hover focus-visible:-outline-offset-2"
      >
        <ChevronRight size={12} aria-hidden />
        {t(`chain.many.${state}`, { count: rules.length })}
      </button>
    </li>
  )
}

function Rule({ rule, hostId }: { rule: ListedRule; hostId: string }) {
  const t = useTranslations('packets')
  const { locale } = useLanguage()
  const inspect = useInspect()
  const id = useId()
  const state = stateOf(rule)
  const isMatched = rule.state === 'matched'
  const text = visible(rule.rule.text.replace(/^-A \S+ /, ''))
  const miss = rule.state === 'passed' ? sayMiss(rule.miss, locale) : undefined
  return (
    <li
      data-state={state}
      className={cn('border-transparent border-l-2', isMatched && 'border-selection bg-selection-fill')}
    >
      <button
        type="button"
        aria-describedby={id}
        onClick={() => inspect({ hostId, kind: 'fwRule', id: rule.rule.id })}
        className={cn(
          'flex w-full min-w-0 items-start gap-2 px-2.5 py-1 text-left hover:bg-hover focus-visible:-outline-offset-2',
          !isMatched && 'text-faint',
        )}
      >
        <span className="tabular w-5 shrink-0 text-right font-mono text-faint text-sm">{rule.rule.position}</span>
        <span className={cn('min-w-0 flex-1 font-mono text-sm [overflow-wrap:anywhere]', isMatched && 'font-medium')}>
          {text}
          {miss !== undefined && <span className="block font-sans text-soft text-xs">{miss}</span>}
        </span>
        {isMatched ? (
          <span className="inline-flex shrink-0 items-center gap-1 pt-px text-selection text-xs">
            <ArrowRight size={11} aria-hidden />
            {t('chain.state.matched')}
          </span>
        ) : (
          <span className="shrink-0 pt-px text-xs">{t(`chain.state.${state}`)}</span>
        )}
      </button>
      <span id={id} className="sr-only">
        {isMatched ? sayHit(rule.hit, locale) : t(`chain.state.${state}`)}
      </span>
      {isMatched && rule.into && (
        <div className="ml-4 border-border border-l bg-surface">
          <p className="px-3 pt-1 font-mono font-semibold text-sm">{visible(rule.into.chain)}</p>
          <ChainList chain={rule.into} hostId={hostId} />
        </div>
      )}
    </li>
  )
}
