import type { HostSnapshot } from '@hopscope/model'
import {
  explainText,
  hopByHand,
  PATH_WORDS,
  type PassedOver,
  type PathLanguage,
  type Prediction,
  passedOver,
  sayHop,
  sayOutcome,
  sayPassedOver,
  saySuggestion,
  withPassedOver,
} from '@hopscope/path'
import { Download, Printer } from 'lucide-react'
import { useMemo, useState } from 'react'
import { useTranslations } from 'use-intl'
import { useLanguage } from '../../../i18n/Language.tsx'
import { Button, CheckField, CopyButton, Dialog } from '../../../ui/index.ts'
import { download } from '../../map/exportImage.ts'
import { phasesOf } from '../model/phases.ts'
import type { Telling } from '../model/telling.ts'
import { type NamedWay, stepsOf } from '../model/walk.ts'

type Props = {
  open: boolean
  onOpenChange: (open: boolean) => void
  /** As people read it: `web → api:80`. */
  question: string
  prediction: Prediction
  ways: readonly NamedWay[]
  telling: Telling
}

/** All of an answer on one page, phase by phase: to be printed, copied as text, or kept as JSON. */
export function Report({ open, onOpenChange, question, prediction, ways, telling }: Props) {
  const t = useTranslations('packets')
  const { locale } = useLanguage()
  const { namer, snapshot } = telling
  const { outcome, suggestions } = prediction
  const words = PATH_WORDS[locale]
  const [withRules, setWithRules] = useState(false)
  const rules = withRules ? snapshot : undefined
  const text = useMemo(
    () => (open ? `${question}\n\n${explainText(prediction, { language: locale, namer, rules })}` : ''),
    [open, question, prediction, locale, namer, rules],
  )
  const steps = useMemo(() => (open ? stepsOf(ways) : []), [open, ways])
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={t('report.title', { question })} size="large">
      <article data-report className="flex flex-col gap-5 p-5">
        <div className="flex flex-wrap items-center gap-x-3 gap-y-2 print:hidden">
          <Button onClick={() => window.print()}>
            <Printer size={14} aria-hidden />
            {t('report.print')}
          </Button>
          <Button onClick={() => save(prediction, snapshot)}>
            <Download size={14} aria-hidden />
            {t('report.json')}
          </Button>
          <span className="flex items-center gap-1 text-soft">
            <CopyButton text={text} label={t('report.copy')} />
            <span aria-hidden>{t('report.copy')}</span>
          </span>
          {/* Beside what it decides on, and no part of the button before it. */}
          <span className="border-border sm:border-l sm:pl-3">
            <CheckField label={t('report.rules')} checked={withRules} onChange={setWithRules} />
          </span>
        </div>
        <section>
          <p className="font-semibold text-md">{sayOutcome(outcome, locale, namer)}</p>
          {suggestions.map((suggestion) => (
            <p key={suggestion.code} className="text-soft">
              {saySuggestion(suggestion, locale, namer)}
            </p>
          ))}
          <p className="mt-1 text-faint text-sm">{t('report.of', { host: snapshot.host.name })}</p>
        </section>
        {ways.map(({ name, way }) => (
          <section key={name} className="flex flex-col gap-2">
            <h3 className="font-semibold text-md">{words.ways[name]}</h3>
            {phasesOf(steps.filter((step) => step.name === name)).map(({ phase, netns, steps: own }) => (
              <section
                key={own[0]?.at}
                className="grid grid-cols-[112px_1fr] gap-x-4 border-border border-t pt-2 max-sm:grid-cols-1"
              >
                <h4 className="flex flex-col">
                  <span className="font-medium">{t(`phase.${phase}`)}</span>
                  <span className="text-faint text-sm [overflow-wrap:anywhere]">{namer.place(netns, words)}</span>
                </h4>
                <ol start={(own[0]?.at ?? 0) + 1} className="flex min-w-0 flex-col gap-1.5">
                  {own.map(({ at, hop, before }) => {
                    const command = hopByHand(hop, namer)
                    return (
                      <li key={at} className="break-inside-avoid [overflow-wrap:anywhere]">
                        <span className="tabular mr-2 text-faint text-sm">{at + 1}</span>
                        {sayHop(hop, locale, namer)}
                        {rules && hop.kind === 'chain' && (
                          <ul className="mt-0.5 flex flex-col gap-0.5 text-soft text-sm empty:hidden">
                            {passedLines(passedOver(hop, before, rules), locale).map((line) => (
                              <li key={line}>{line}</li>
                            ))}
                          </ul>
                        )}
                        {command !== undefined && (
                          <code className="mt-0.5 block font-mono text-faint text-sm">$ {command}</code>
                        )}
                      </li>
                    )
                  })}
                </ol>
              </section>
            ))}
            <section className="grid grid-cols-[112px_1fr] gap-x-4 border-border border-t pt-2 max-sm:grid-cols-1">
              <h4 className="font-medium">{t('phase.result')}</h4>
              <p>{sayOutcome(way.outcome, locale, namer)}</p>
            </section>
          </section>
        ))}
      </article>
    </Dialog>
  )
}

/** A chain that was led to twice passed the same rules over twice. */
const passedLines = (passed: readonly PassedOver[], language: PathLanguage): string[] => [
  ...new Set(passed.map((one) => sayPassedOver(one, language))),
]

/** The same as `hopscope explain --json` prints. */
function save(prediction: Prediction, snapshot: HostSnapshot): void {
  download(
    new Blob([JSON.stringify(withPassedOver(prediction, snapshot))], { type: 'application/json' }),
    'hopscope-packet.json',
  )
}
