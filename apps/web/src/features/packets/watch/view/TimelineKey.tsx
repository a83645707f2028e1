import { useId } from 'react'
import { useTranslations } from 'use-intl'
import { type Fate, isLacking, type Slot } from '../model/timeline.ts'
import { Hatch, MissingSign, paintOf } from './Bars.tsx'

const FATES = ['arrived', 'lost', 'unclear'] as const satisfies Fate[]

/** What the bars of the timeline mean, each with its packets. */
export function TimelineKey({ slots }: { slots: readonly Slot[] }) {
  const t = useTranslations('tracing.timeline')
  const hatch = useId()
  const count = (fate: Fate) => slots.reduce((sum, slot) => sum + slot[fate], 0)
  return (
    <ul aria-label={t('key')} className="flex min-w-0 flex-1 flex-wrap gap-x-3 text-faint">
      {FATES.map(
        (fate) =>
          count(fate) > 0 && (
            <li key={fate} data-fate={fate} className="flex items-center gap-1.5">
              <svg width="10" height="10" aria-hidden="true" className="shrink-0">
                <Hatch id={`${hatch}${fate}`} />
                <rect x="0.5" y="0.5" width="9" height="9" {...paintOf(fate, `${hatch}${fate}`)} />
              </svg>
              {t(`in.${fate}`, { count: count(fate) })}
            </li>
          ),
      )}
      {slots.some(isLacking) && (
        <li className="flex items-center gap-1.5">
          <svg width="8" height="8" viewBox="-4 0 8 8" aria-hidden="true" className="shrink-0">
            <MissingSign />
          </svg>
          {t('missing')}
        </li>
      )}
    </ul>
  )
}
