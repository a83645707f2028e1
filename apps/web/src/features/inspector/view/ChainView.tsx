import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { useLanguage } from '../../../i18n/Language.tsx'
import { useInspect } from '../../../shell/location.ts'
import type { Sampled } from '../../../stream/samplesStore.ts'
import type { Hue } from '../../../theme/colours.ts'
import { Badge, Button, cn } from '../../../ui/index.ts'
import type { ChainListing, RuleLine } from '../model/page.ts'

const FIRST = 10
const HUES: Record<RuleLine['effect'], Hue> = {
  accept: 'ok',
  drop: 'danger',
  rewrite: 'entrance',
  jump: 'nic',
  other: 'stack',
}

type Props = { listing: ChainListing; sampled: Sampled<'rules'> | undefined; searching: boolean }

/** One chain: its name and policy, then its rules in order. */
export function ChainView({ listing, sampled, searching }: Props) {
  const t = useTranslations('inspector')
  const inspect = useInspect()
  const [all, setAll] = useState(false)
  const { chain, rules } = listing
  const shown = all || searching || rules.length <= FIRST + 2 ? rules : rules.slice(0, FIRST)
  return (
    <div className="overflow-hidden rounded-lg border border-border">
      <h4
        className={cn('flex min-h-8 items-center gap-2 bg-sunken pr-3', shown.length > 0 && 'border-border border-b')}
      >
        <button
          type="button"
          onClick={() => inspect(listing.to)}
          className="min-w-0 flex-1 px-3 py-1.5 text-left font-mono text-sm focus-visible:-outline-offset-2 hover:bg-hover"
        >
          <span className="text-soft">{`${chain.engine === 'legacy' ? 'legacy ' : ''}${chain.family} ${chain.table} `}</span>
          <span className="font-semibold">{chain.chain}</span>
        </button>
        {chain.policy !== undefined && (
          <span className={cn('shrink-0 text-sm', chain.policy.toLowerCase() === 'drop' ? 'text-danger' : 'text-soft')}>
            {t('policy', { policy: chain.policy.toUpperCase() })}
          </span>
        )}
        {rules.length === 0 && <span className="shrink-0 text-faint text-sm">{t('emptyChain')}</span>}
      </h4>
      <ol>
        {shown.map((rule) => (
          <li key={rule.id} className="border-border border-b last:border-b-0">
            <RuleView rule={rule} sampled={sampled} />
          </li>
        ))}
      </ol>
      {shown.length < rules.length && (
        <Button small look="quiet" className="m-1" onClick={() => setAll(true)}>
          {t('showAll', { count: rules.length })}
        </Button>
      )}
    </div>
  )
}

function RuleView({ rule, sampled }: { rule: RuleLine; sampled: Sampled<'rules'> | undefined }) {
  const t = useTranslations('inspector')
  const { locale } = useLanguage()
  const inspect = useInspect()
  const taken = sampled?.values[rule.id]
  const compact = new Intl.NumberFormat(locale, { notation: 'compact', maximumFractionDigits: 1 })
  return (
    <button
      type="button"
      onClick={() => inspect(rule.to)}
      className="flex w-full min-w-0 items-start gap-2 px-3 py-1.5 text-left transition-colors hover:bg-hover focus-visible:-outline-offset-2"
    >
      <span className="tabular w-5 shrink-0 pt-0.5 text-right font-mono text-faint text-sm">{rule.position}</span>
      <span className="min-w-0 flex-1">
        <span className="flex items-start gap-2">
          <Badge hue={HUES[rule.effect]} className="max-w-full truncate font-mono">
            {rule.target ?? t('noTarget')}
          </Badge>
          {taken !== undefined && (
            <span
              className={cn('tabular ml-auto shrink-0 pt-0.5 text-sm', taken.packets > 0 ? 'text-soft' : 'text-faint')}
            >
              {t('taken', { packets: compact.format(taken.packets) })}
            </span>
          )}
        </span>
        <span className="mt-0.5 block font-mono text-sm leading-5 [overflow-wrap:anywhere]">
          {rule.text || <span className="font-sans text-soft">{t('say.everything')}</span>}
        </span>
        {rule.comment !== undefined && <span className="block text-soft text-sm">{`/* ${rule.comment} */`}</span>}
      </span>
    </button>
  )
}
