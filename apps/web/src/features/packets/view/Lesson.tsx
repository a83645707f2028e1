import type { Hop } from '@hopscope/model'
import { sayHop } from '@hopscope/path'
import { Check, X } from 'lucide-react'
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react'
import { useTranslations } from 'use-intl'
import { useLanguage } from '../../../i18n/Language.tsx'
import { Button, cn, Kbd } from '../../../ui/index.ts'
import { choicesAfter } from '../model/lesson.ts'
import type { Telling } from '../model/telling.ts'
import type { Step } from '../model/walk.ts'

type Props = {
  steps: readonly Step[]
  /** The last hop that is shown. */
  at: number
  telling: Telling
  onStep: (at: number) => void
  onEnd: () => void
}

type Score = { right: number; asked: number }

/** What happens next? One of a few hops is to be chosen; only the first try counts. */
export function Lesson({ steps, at, telling, onStep, onEnd }: Props) {
  const t = useTranslations('packets')
  const { locale } = useLanguage()
  const { namer } = telling
  const choices = useMemo(
    () => choicesAfter(steps, at, (hop: Hop) => sayHop(hop, locale, namer)),
    [steps, at, locale, namer],
  )
  const [score, setScore] = useState<Score>({ right: 0, asked: 0 })
  const [tried, setTried] = useState<{ at: number; wrong: readonly string[] }>({ at, wrong: [] })
  const wrong = tried.at === at ? tried.wrong : []
  const title = useRef<HTMLHeadingElement>(null)
  // Whoever answers by keyboard goes on with the next question: elsewhere these keys open views.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another hop is another question
  useEffect(() => {
    title.current?.focus({ preventScroll: true })
    title.current?.scrollIntoView({ block: 'nearest' })
  }, [at])
  const choose = (index: number) => {
    const choice = choices[index]
    if (!choice || wrong.includes(choice.text)) return
    if (wrong.length === 0) setScore({ right: score.right + (choice.isRight ? 1 : 0), asked: score.asked + 1 })
    if (choice.isRight) onStep(at + 1)
    else setTried({ at, wrong: [...wrong, choice.text] })
  }
  const onKeyDown = (e: KeyboardEvent) => {
    if (e.ctrlKey || e.metaKey || e.altKey || !/^[1-4]$/.test(e.key)) return
    e.preventDefault()
    e.stopPropagation()
    choose(Number(e.key) - 1)
  }
  const isOver = choices.length === 0
  return (
    <section aria-label={t('lesson.title')} onKeyDown={onKeyDown} className="flex flex-col gap-2 px-4">
      <div className="flex items-baseline justify-between gap-3">
        <h3 ref={title} tabIndex={-1} className="font-semibold outline-none">
          {isOver ? t('lesson.over') : t('lesson.next')}
        </h3>
        <span className="tabular text-faint text-sm">{t('lesson.score', score)}</span>
      </div>
      <ol className="flex flex-col gap-1.5">
        {choices.map(({ text }, i) => {
          const isWrong = wrong.includes(text)
          return (
            <li key={text}>
              <button
                type="button"
                aria-disabled={isWrong}
                onClick={() => choose(i)}
                className={cn(
                  'flex w-full items-start gap-2.5 rounded-lg border px-3 py-2 text-left [overflow-wrap:anywhere]',
                  isWrong
                    ? 'border-danger bg-danger-fill text-danger-ink'
                    : 'border-border bg-surface hover:border-border-strong hover:bg-hover',
                )}
              >
                <span className="mt-px shrink-0">
                  {isWrong ? <X size={16} aria-hidden /> : <Kbd>{String(i + 1)}</Kbd>}
                </span>
                <span className="min-w-0 flex-1">
                  {text}
                  {isWrong && <span className="sr-only"> ({t('lesson.wrong')})</span>}
                </span>
              </button>
            </li>
          )
        })}
      </ol>
      <p role="status" className={cn('text-sm', wrong.length > 0 ? 'text-danger' : 'text-soft')}>
        {wrong.length > 0 ? t('lesson.tryAgain') : isOver ? t('lesson.result', score) : ''}
      </p>
      <div className="flex flex-wrap gap-2">
        {!isOver && (
          <Button small onClick={() => onStep(at + 1)}>
            {t('lesson.show')}
          </Button>
        )}
        <Button small onClick={onEnd}>
          <Check size={13} aria-hidden />
          {t('lesson.end')}
        </Button>
      </div>
    </section>
  )
}
