import { flowText } from '@hopscope/path'
import { ArrowDown } from 'lucide-react'
import { useTranslations } from 'use-intl'
import type { Step } from '../model/walk.ts'

/** The packet as it leaves a hop; before and after where the hop changes it. */
export function Addresses({ step: { before, after, hop } }: { step: Step }) {
  const t = useTranslations('packets')
  if (after === undefined) return null
  const changed = hop.kind === 'nat' || (before !== undefined && flowText(before) !== flowText(after))
  const old = hop.kind === 'nat' ? hop.before : before
  return (
    <dl className="grid grid-cols-[auto_1fr] items-baseline gap-x-3 gap-y-0.5 font-mono text-sm">
      {changed && old && (
        <>
          <dt className="font-sans text-faint">{t('before')}</dt>
          <dd className="text-soft line-through decoration-faint [overflow-wrap:anywhere]">{flowText(old)}</dd>
        </>
      )}
      <dt className="flex items-center gap-1 font-sans text-faint">
        {changed && old ? t('after') : t('packet')}
        {changed && old && <ArrowDown size={11} aria-hidden />}
      </dt>
      <dd className="[overflow-wrap:anywhere]">{flowText(after)}</dd>
    </dl>
  )
}
