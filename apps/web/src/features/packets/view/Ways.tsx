import { PATH_WORDS } from '@hopscope/path'
import { type ReactNode, useMemo } from 'react'
import { useTranslations } from 'use-intl'
import { useLanguage } from '../../../i18n/Language.tsx'
import type { Telling } from '../model/telling.ts'
import { type NamedWay, type Step, stepsOf, stretchesOf } from '../model/walk.ts'
import { HopItem } from './HopItem.tsx'

type Props = {
  telling: Telling
  ways: readonly NamedWay[]
  /** The hop that is looked at, counted over both ways. */
  at: number | undefined
  onStep: (at: number) => void
  /** Stands beside a hop: how it compares with another way. */
  beside?: (step: Step) => ReactNode
}

/**
 * Any way of a packet, and of its answer, hop by hop: predicted, observed, or both mixed, for each hop says what it rests on. The hop at `at`
 * stands open with its command, its addresses and its chain. Whoever shows ways also calls `useWayOnMap` with the same ones, and puts `Stepper` below:
 * `<Ways telling={…} ways={[{ name: 'forward', way: story.way }]} at={at} onStep={setAt} />`.
 */
export function Ways({ telling, ways, at, onStep, beside }: Props) {
  const t = useTranslations('packets')
  const { locale } = useLanguage()
  const steps = useMemo(() => stepsOf(ways), [ways])
  const words = PATH_WORDS[locale]
  return ways.map(({ name, way }) => {
    const own = steps.filter((step) => step.name === name)
    const bases = new Set(way.hops.map(({ basis }) => basis))
    const only = bases.size === 1 ? way.hops[0]?.basis : undefined
    return (
      <section key={name} aria-label={words.ways[name]} className="flex flex-col">
        <div className="flex items-baseline justify-between gap-3 px-4 pb-1">
          <h3 className="font-semibold">{words.ways[name]}</h3>
          <span className="text-faint text-sm">
            {t('hops', { count: own.length })}
            {only !== undefined && ` · ${t(`basis.${only}`)}`}
          </span>
        </div>
        {own.length === 0 && <p className="px-4 text-faint">{t('noHops')}</p>}
        {stretchesOf(own).map((stretch) => {
          const place = telling.namer.place(stretch.netns, words).trim()
          return (
            <div key={stretch.steps[0]?.at}>
              <p className="sticky -top-4 z-1 truncate bg-surface px-4 pt-2 pb-1 font-medium text-faint text-sm">
                {place}
              </p>
              <ol aria-label={place} start={(stretch.steps[0]?.at ?? 0) + 1} className="flex flex-col">
                {stretch.steps.map((step) => (
                  <HopItem
                    key={step.at}
                    step={step}
                    telling={telling}
                    isCurrent={step.at === at}
                    isMixed={only === undefined}
                    onChoose={() => onStep(step.at)}
                  >
                    {beside?.(step)}
                  </HopItem>
                ))}
              </ol>
            </div>
          )
        })}
      </section>
    )
  })
}
