import type { GuideStep } from '@hopscope/command'
import { ChevronRight, CircleCheck, CircleDashed, CircleDot, CircleX, type LucideIcon } from 'lucide-react'
import { type ReactNode, useEffect, useId, useRef, useState } from 'react'
import { useTranslations } from 'use-intl'
import { useLanguage } from '../../../i18n/Language.tsx'
import { CommandLine, cn } from '../../../ui/index.ts'
import { told, toldRefusal } from '../../changes/model/words.ts'
import { Lost } from '../../changes/view/Lost.tsx'
import type { Ran } from '../ran.ts'

type Kind = GuideStep['state']['kind']
const marks: Record<Kind, [LucideIcon, string]> = {
  done: [CircleCheck, 'text-ok'],
  next: [CircleDot, 'text-primary'],
  waiting: [CircleDashed, 'text-faint'],
  refused: [CircleX, 'text-danger'],
}

type Props = {
  steps: readonly GuideStep[]
  ran: Ran
  /** What came of running the next one, or what it wants typed. */
  children: ReactNode
}

/** All steps in order; the next one stands open with what it teaches, the others unfold. */
export function StepList({ steps, ran, children }: Props) {
  const t = useTranslations('guides')
  return (
    <ol aria-label={t('steps')} className="flex flex-col">
      {steps.map((step, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: steps have an order and no name
        <StepItem key={i} step={step} ran={ran}>
          {step.state.kind === 'next' && children}
        </StepItem>
      ))}
    </ol>
  )
}

function StepItem({ step, ran, children }: { step: GuideStep; ran: Ran; children: ReactNode }) {
  const t = useTranslations('guides')
  const { locale } = useLanguage()
  const { state } = step
  const [wanted, setWanted] = useState(false)
  const id = useId()
  const isNext = state.kind === 'next'
  const open = wanted || isNext || state.kind === 'refused'
  const line = useRef<HTMLLIElement>(null)
  const was = useRef(isNext)
  useEffect(() => {
    // Not when it is opened: there, the inputs come first.
    if (isNext && !was.current) line.current?.scrollIntoView({ block: 'nearest' })
    was.current = isNext
  }, [isNext])
  const [Icon, colour] = marks[state.kind]
  const mine = ran.findLast(({ command }) => command === JSON.stringify(step.command))
  const shell = state.kind === 'done' ? (mine?.shell ?? []) : step.shell
  return (
    <li
      ref={line}
      data-state={state.kind}
      aria-current={isNext ? 'step' : undefined}
      className={cn('scroll-my-3 border-border border-b py-1 last:border-b-0', isNext && 'bg-sunken')}
    >
      <button
        type="button"
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setWanted(!open)}
        className="flex w-full items-start gap-2 rounded-md px-3 py-1.5 text-left hover:bg-hover"
      >
        <Icon size={16} aria-hidden className={cn('mt-0.5 shrink-0', colour)} />
        <span className={cn('min-w-0 flex-1 [overflow-wrap:anywhere]', isNext ? 'font-semibold' : 'font-medium')}>
          {told(step.title, locale)}
        </span>
        <span className={cn('shrink-0 text-sm', colour)}>{t(`state.${state.kind}`)}</span>
        <ChevronRight size={16} aria-hidden className={cn('mt-0.5 shrink-0 text-faint', open && 'rotate-90')} />
      </button>
      <div id={id} hidden={!open} className="flex min-w-0 flex-col gap-2 px-3 pt-1 pb-3 pl-9 [&[hidden]]:hidden">
        <p className="text-soft [overflow-wrap:anywhere]">{told(step.why, locale)}</p>
        {state.kind === 'refused' && (
          <p className="text-danger [overflow-wrap:anywhere]">{toldRefusal(state.refusal, locale)}</p>
        )}
        {shell.map((command) => (
          <CommandLine key={command} command={command} wrap className="bg-ground" />
        ))}
        {state.kind === 'done' && mine === undefined && <p className="text-faint text-sm">{t('doneBefore')}</p>}
        {isNext && state.kind === 'next' && <Lost lost={state.plan.lost} final={state.plan.final} />}
        {children}
      </div>
    </li>
  )
}
