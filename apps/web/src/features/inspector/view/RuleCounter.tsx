import type { FwRule } from '@hopscope/model'
import { useTranslations } from 'use-intl'
import { useLanguage } from '../../../i18n/Language.tsx'
import { useSamples } from '../../../stream/hooks.ts'
import { bytesText, ruleRate } from '../rates.ts'

/** How much one rule took so far, and how much it takes now. */
export function RuleCounter({ hostId, rule }: { hostId: string; rule: FwRule }) {
  const t = useTranslations('inspector')
  const { locale } = useLanguage()
  const sampled = useSamples(hostId, 'rules')
  const taken = sampled?.values[rule.id]
  const rate = ruleRate(sampled, rule.id)
  const number = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 })
  return (
    <div className="rounded-lg bg-sunken px-3 py-2">
      <p className="text-soft text-sm">{t('counter.taken')}</p>
      <p className="tabular font-medium">
        {taken
          ? t('counter.packetsBytes', { packets: number.format(taken.packets), bytes: bytesText(taken.bytes, locale) })
          : t(sampled ? 'unknown.noCounter' : 'counter.waiting')}
      </p>
      {rate !== undefined && (
        <p className="tabular text-soft text-sm">{t('counter.pps', { pps: number.format(rate) })}</p>
      )}
    </div>
  )
}
