import { type Prediction, sayOutcome, saySuggestion } from '@hopscope/path'
import { ExternalLink, Lightbulb, Wrench } from 'lucide-react'
import { type ReactNode, useMemo } from 'react'
import { useTranslations } from 'use-intl'
import { useLanguage } from '../../../i18n/Language.tsx'
import { useShowOnMap } from '../../../shell/mapFocus.ts'
import { Button, CommandLine, cn } from '../../../ui/index.ts'
import { useAsking } from '../../changes/asking.ts'
import { check } from '../../changes/model/check.ts'
import { draftOf } from '../../changes/model/draftOf.ts'
import { otherDestinations } from '../model/answer.ts'
import { blamed } from '../model/blame.ts'
import type { Telling } from '../model/telling.ts'
import { verdictLook } from './verdictLook.ts'

type Props = { prediction: Prediction; telling: Telling; onDestination: (to: string) => void; children: ReactNode }

/** Whether it arrives, in one sentence; what decides it, and what to change. `children`: what else can be done with the answer. */
export function Verdict({ prediction, telling, onDestination, children }: Props) {
  const t = useTranslations('packets')
  const { locale } = useLanguage()
  const { outcome, suggestions, query } = prediction
  const { hostId, snapshot, namer } = telling
  const show = useShowOnMap()
  const { icon: Icon, card } = verdictLook[outcome.verdict]
  const blame = useMemo(() => blamed(hostId, snapshot, outcome.blame), [hostId, snapshot, outcome.blame])
  const others = otherDestinations(outcome, query.to, snapshot)
  return (
    <section aria-label={t('verdict')} className="flex flex-col gap-2 px-4">
      <div
        data-verdict={outcome.verdict}
        className={cn('flex items-start gap-2.5 rounded-lg border px-3 py-2.5', card)}
      >
        <Icon size={18} aria-hidden className="mt-0.5 shrink-0" />
        <div className="flex min-w-0 flex-1 flex-col items-start gap-1">
          <p role="status" className="font-medium [overflow-wrap:anywhere]">
            {sayOutcome(outcome, locale, namer)}
          </p>
          {prediction.way === 'back' && <p className="text-sm">{t('onTheWayBack')}</p>}
          {blame && (
            <button
              type="button"
              onClick={() => show(blame.ref)}
              className="inline-flex max-w-full items-center gap-1 text-left font-mono text-sm underline underline-offset-3 [overflow-wrap:anywhere] hover:no-underline"
            >
              {blame.name}
              <ExternalLink size={11} aria-hidden className="shrink-0" />
            </button>
          )}
        </div>
      </div>
      {others.length > 0 && (
        <p className="flex flex-wrap items-center gap-1.5 text-soft">
          {t('insteadOf', { name: query.to })}
          {others.map((to) => (
            <Button key={to} small onClick={() => onDestination(to)} className="font-mono">
              {to}
            </Button>
          ))}
        </p>
      )}
      {suggestions.map((suggestion) => (
        <Proposal
          key={suggestion.code}
          text={saySuggestion(suggestion, locale, namer)}
          command={suggestion.command}
          telling={telling}
        />
      ))}
      <div className="flex flex-wrap gap-2">{children}</div>
    </section>
  )
}

type ProposalProps = { text: string; command: Readonly<Record<string, unknown>> | undefined; telling: Telling }

function Proposal({ text, command, telling: { hostId, snapshot } }: ProposalProps) {
  const t = useTranslations('packets')
  const { ask } = useAsking()
  const draft = useMemo(() => command && draftOf(command, snapshot), [command, snapshot])
  const planned = useMemo(() => draft && check(draft, draft.values, snapshot), [draft, snapshot])
  return (
    <div className="flex flex-col gap-1.5">
      <p className="flex items-start gap-2 [overflow-wrap:anywhere]">
        <Lightbulb size={14} aria-hidden className="mt-[3px] shrink-0 text-warn" />
        <span>
          <span className="sr-only">{t('suggestion')} </span>
          {text}
        </span>
      </p>
      {planned?.kind === 'planned' &&
        planned.shell.map((line) => <CommandLine key={line} command={line} wrap className="ml-6" />)}
      {draft && (
        <Button small className="ml-6 self-start" onClick={() => ask(draft, hostId)}>
          <Wrench size={13} aria-hidden />
          {t('doIt')}
        </Button>
      )}
    </div>
  )
}
