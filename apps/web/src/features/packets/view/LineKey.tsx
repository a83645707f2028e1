import type { Basis } from '@hopscope/model'
import { useTranslations } from 'use-intl'
import type { NamedWay } from '../model/walk.ts'

const BASES = ['observed', 'inferred', 'predicted'] as const satisfies Basis[]

type Props = {
  ways: readonly NamedWay[]
  /** What was seen is drawn beside a prediction; `differs`: and a sign stands where it differs first. */
  beside?: { differs: boolean } | undefined
}

/** What the line on the map looks like where the kernel told of the packet, and where not. */
export function LineKey({ ways, beside }: Props) {
  const t = useTranslations('packets.line')
  const there = new Set(ways.flatMap(({ way }) => way.hops.map(({ basis }) => basis)))
  if (beside) there.add('observed')
  const bases = BASES.filter((basis) => there.has(basis))
  if (bases.length === 0) return null
  return (
    <ul aria-label={t('title')} className="flex flex-wrap gap-x-4 gap-y-0.5 px-4 text-faint text-sm">
      {bases.map((basis) => (
        <li key={basis} className="flex items-center gap-1.5">
          <Stroke isSolid={basis === 'observed'} />
          {t(basis)}
        </li>
      ))}
      {beside?.differs && (
        <li className="flex items-center gap-1.5">
          <span aria-hidden className="flex size-4 items-center justify-center rounded-full border border-warn text-xs">
            ≠
          </span>
          {t('difference')}
        </li>
      )}
    </ul>
  )
}

const Stroke = ({ isSolid }: { isSolid: boolean }) => (
  <svg width="24" height="10" aria-hidden="true" className="shrink-0 text-selection">
    <line
      x1="0"
      y1="5"
      x2="24"
      y2="5"
      stroke="currentColor"
      strokeWidth="3"
      strokeDasharray={isSolid ? undefined : '6 3'}
    />
  </svg>
)
