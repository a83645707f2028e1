import { sayAskError, sayHop } from '@hopscope/path'
import { FileText, GraduationCap, X } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { useTranslations } from 'use-intl'
import { useLanguage } from '../../i18n/Language.tsx'
import { useHosts } from '../../stream/hooks.ts'
import { Button, IconButton } from '../../ui/index.ts'
import type { OpenPackets } from './location.ts'
import { questionText, typedOf } from './model/answer.ts'
import { stepBy } from './model/walk.ts'
import { ProveIt } from './proof/ProveIt.tsx'
import { takeStarted, useAskedFor } from './useFollow.ts'
import { usePacket } from './usePacket.ts'
import { useStepKeys } from './useStepKeys.ts'
import { Lesson } from './view/Lesson.tsx'
import { Mode } from './view/Mode.tsx'
import { Question } from './view/Question.tsx'
import { Report } from './view/Report.tsx'
import { Stepper } from './view/Stepper.tsx'
import { Verdict } from './view/Verdict.tsx'
import { Ways } from './view/Ways.tsx'

/** "Can it get there?": the question, answered while it is typed from the host as it is, and the way to step through. */
export function PacketsPanel({ packets }: { packets: OpenPackets }) {
  const t = useTranslations('packets')
  const { snapshot, answered, telling, steps, at, shown, ask, step, close } = usePacket(packets)
  const [report, setReport] = useState(false)
  const destination = useRef<HTMLInputElement>(null)
  const body = useRef<HTMLDivElement>(null)
  useAskedFor()
  useEffect(() => {
    if (!takeStarted()) return
    if (destination.current?.value === '') destination.current.focus()
    else body.current?.focus()
  })
  const { lesson } = packets
  // In a lesson what comes next is answered, not stepped to.
  const count = lesson ? Math.min(steps.length, (at ?? 0) + 1) : steps.length
  const onKeyDown = useStepKeys((key) => {
    const next = stepBy(key, at, count)
    if (next !== undefined) step(next)
    return next !== undefined
  })
  const endLesson = () => {
    ask({})
    body.current?.focus()
  }
  const predicted = answered?.kind === 'predicted' && telling ? { ...answered, telling } : undefined
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: its keys are those of the buttons in it
    <div onKeyDown={onKeyDown} className="flex h-full min-h-0 flex-col bg-surface">
      <header className="flex shrink-0 items-start gap-2 py-2 pr-2 pl-4">
        <h2 className="min-w-0 flex-1 py-1 font-semibold text-md">{lesson ? t('lesson.title') : t('title')}</h2>
        <IconButton
          icon={X}
          label={t('close')}
          silent
          onClick={() => {
            close()
            document.getElementById('main')?.focus()
          }}
        />
      </header>
      <Mode packets={packets} />
      <div
        ref={body}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        className="flex min-h-0 flex-1 flex-col gap-4 overflow-y-auto py-4 focus-visible:-outline-offset-2"
      >
        {lesson ? (
          <p className="px-4 text-soft">
            <span className="block font-medium font-mono text-sm text-text">{questionText(typedOf(packets))}</span>
            {t('lesson.intro')}
          </p>
        ) : (
          <Asked packets={packets} packet={{ snapshot, answered }} onChange={ask} destination={destination} />
        )}
        {predicted && !lesson && (
          <Verdict prediction={predicted.prediction} telling={predicted.telling} onDestination={(to) => ask({ to })}>
            {steps.length > 0 && (
              <>
                <Button small onClick={() => setReport(true)}>
                  <FileText size={14} aria-hidden />
                  {t('report.open')}
                </Button>
                <Button small onClick={() => ask({ lesson: true })}>
                  <GraduationCap size={14} aria-hidden />
                  {t('lesson.start')}
                </Button>
              </>
            )}
          </Verdict>
        )}
        {predicted && !lesson && <ProveIt prediction={predicted.prediction} telling={predicted.telling} />}
        {predicted && <Ways telling={predicted.telling} ways={shown} at={at} onStep={step} />}
        {predicted && lesson && (
          <Lesson steps={steps} at={at ?? 0} telling={predicted.telling} onStep={step} onEnd={endLesson} />
        )}
      </div>
      {predicted && !lesson && steps.length > 0 && (
        <footer className="shrink-0 border-border border-t bg-raised px-3 py-2">
          <Stepper at={at} count={count} onStep={step} />
        </footer>
      )}
      {predicted && (
        <Report
          open={report}
          onOpenChange={setReport}
          question={questionText(typedOf(packets))}
          prediction={predicted.prediction}
          ways={predicted.ways}
          telling={predicted.telling}
        />
      )}
      <Said packet={{ steps, at, telling }} />
    </div>
  )
}

type Packet = ReturnType<typeof usePacket>

type AskedProps = Omit<Parameters<typeof Question>[0], 'snapshot' | 'problem'> & {
  packet: Pick<Packet, 'snapshot' | 'answered'>
}

/** The form, and what it lacks. */
function Asked({ packet: { snapshot, answered }, ...form }: AskedProps) {
  const t = useTranslations('packets')
  const { locale } = useLanguage()
  const hosts = useHosts()
  const wrong = answered?.kind === 'wrong' ? answered.wrong : undefined
  const problem = wrong && { part: wrong.part, text: sayAskError(wrong, locale) }
  return (
    <>
      <Question {...form} snapshot={snapshot} problem={problem} />
      {snapshot === undefined && <p className="px-4 text-faint">{hosts.size === 0 ? t('waiting') : t('hostGone')}</p>}
      {wrong?.code === 'DESTINATION_MISSING' && <p className="px-4 text-faint">{t('begin')}</p>}
      {wrong?.code === 'PORT_MISSING' && <p className="px-4 text-faint">{problem?.text}</p>}
    </>
  )
}

/** The hop that is looked at, for those who cannot see it. */
function Said({ packet: { steps, at, telling } }: { packet: Pick<Packet, 'steps' | 'at' | 'telling'> }) {
  const t = useTranslations('packets')
  const { locale } = useLanguage()
  const current = at === undefined ? undefined : steps[at]
  const said = current &&
    telling && { at: current.at + 1, count: steps.length, text: sayHop(current.hop, locale, telling.namer) }
  return (
    <span role="status" className="sr-only">
      {said ? t('step.said', said) : ''}
    </span>
  )
}
