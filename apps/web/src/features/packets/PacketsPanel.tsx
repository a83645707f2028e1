import { sayAskError, sayHop } from '@hopscope/path'
import { FileText, GraduationCap } from 'lucide-react'
import { useRef, useState } from 'react'
import { useTranslations } from 'use-intl'
import { useLanguage } from '../../i18n/Language.tsx'
import { useHosts } from '../../stream/hooks.ts'
import { Button } from '../../ui/index.ts'
import type { OpenPackets } from './location.ts'
import { questionText, typedOf } from './model/answer.ts'
import { ProveIt } from './proof/ProveIt.tsx'
import { useProving } from './proof/proving.ts'
import { usePacket } from './usePacket.ts'
import { Lesson } from './view/Lesson.tsx'
import { LineKey } from './view/LineKey.tsx'
import { Pane } from './view/Pane.tsx'
import { Question } from './view/Question.tsx'
import { Report } from './view/Report.tsx'
import { Verdict } from './view/Verdict.tsx'
import { Ways } from './view/Ways.tsx'

/** "Can it get there?": the question, answered while it is typed from the host as it is, and the way to step through. */
export function PacketsPanel({ packets }: { packets: OpenPackets }) {
  const t = useTranslations('packets')
  const proving = useProving()
  const { snapshot, answered, telling, steps, at, shown, beside, ask, step, close } = usePacket(packets, proving)
  const [report, setReport] = useState(false)
  const destination = useRef<HTMLInputElement>(null)
  const body = useRef<HTMLDivElement>(null)
  const { lesson } = packets
  // In a lesson what comes next is answered, not stepped to.
  const count = lesson ? Math.min(steps.length, (at ?? 0) + 1) : steps.length
  const endLesson = () => {
    ask({})
    body.current?.focus()
  }
  const predicted = answered?.kind === 'predicted' && telling ? { ...answered, telling } : undefined
  return (
    <>
      <Pane
        packets={packets}
        title={lesson ? t('lesson.title') : t('title')}
        body={body}
        first={destination}
        steps={{ at, count, step, hasButtons: predicted !== undefined && !lesson && steps.length > 0 }}
        onClose={close}
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
        {predicted && !lesson && (
          <ProveIt {...{ prediction: predicted.prediction, telling: predicted.telling, proving }} />
        )}
        {predicted && <LineKey ways={shown} beside={lineBeside(beside)} />}
        {predicted && <Ways telling={predicted.telling} ways={shown} at={at} onStep={step} />}
        {predicted && lesson && (
          <Lesson steps={steps} at={at ?? 0} telling={predicted.telling} onStep={step} onEnd={endLesson} />
        )}
      </Pane>
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
    </>
  )
}

type Packet = ReturnType<typeof usePacket>

const lineBeside = (beside: Packet['beside']) =>
  beside && { differs: Object.values(beside).some(({ difference }) => difference !== undefined) }

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
