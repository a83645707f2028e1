import { type GuideStep, guide as guided } from '@hopscope/command'
import { type HostSnapshot, visible } from '@hopscope/model'
import { X } from 'lucide-react'
import { useEffect, useMemo, useRef } from 'react'
import { useTranslations } from 'use-intl'
import { useErrorText } from '../../api/useErrorText.ts'
import { useLanguage } from '../../i18n/Language.tsx'
import { useView } from '../../shell/location.ts'
import { useShowOnMap } from '../../shell/mapFocus.ts'
import { useShownHosts } from '../../shell/useShownHosts.ts'
import { useHosts } from '../../stream/hooks.ts'
import { IconButton } from '../../ui/index.ts'
import { Problem } from '../auth/Problem.tsx'
import { told, toldRefusal } from '../changes/model/words.ts'
import { useExpectation } from '../changes/useExpectation.ts'
import { Because } from '../changes/view/Because.tsx'
import { Confirm } from '../changes/view/Preview.tsx'
import { type OpenGuide, useOpenGuide } from './location.ts'
import { readValues } from './model/fields.ts'
import { propose, withInput } from './model/propose.ts'
import { touched } from './model/touched.ts'
import { forgetRan } from './ran.ts'
import { type Running, useRunning } from './useRunning.ts'
import { takeStarted } from './useStartGuide.ts'
import { Bar } from './view/Bar.tsx'
import { Inputs, Unfolding, wrongText } from './view/Inputs.tsx'
import { StepList } from './view/StepList.tsx'

/** A guided sequence: what it needs to know, its steps with what each teaches, and the way on and back. */
export function GuidePanel({ guide }: { guide: OpenGuide }) {
  const t = useTranslations('guides')
  const [, open] = useOpenGuide()
  const hosts = useHosts()
  const snapshot = hosts.get(guide.hostId)?.snapshot
  const title = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    if (takeStarted()) title.current?.focus()
  })
  const close = () => {
    forgetRan()
    void open(null)
    document.getElementById('main')?.focus()
  }
  return (
    <div className="flex h-full min-h-0 flex-col bg-surface">
      <header className="flex shrink-0 items-start gap-2 border-border border-b py-2 pr-2 pl-4">
        <h2 ref={title} tabIndex={-1} className="min-w-0 flex-1 py-1 font-semibold text-md outline-none">
          {t(`${guide.name}.title`)}
        </h2>
        <IconButton icon={X} label={t('close')} silent onClick={close} />
      </header>
      {snapshot ? (
        <Sequence guide={guide} snapshot={snapshot} />
      ) : (
        <p className="p-4 text-faint">{hosts.size === 0 ? t('waiting') : t('hostGone')}</p>
      )}
    </div>
  )
}

const NO_STEPS: readonly GuideStep[] = []

function Sequence({ guide, snapshot }: { guide: OpenGuide; snapshot: HostSnapshot }) {
  const t = useTranslations('guides')
  const tChanges = useTranslations('changes')
  const { locale } = useLanguage()
  const errorText = useErrorText()
  const [, open] = useOpenGuide()
  const { all } = useShownHosts()
  const { name, hostId, values } = guide
  const read = useMemo(() => readValues(name, values), [name, values])
  const result = useMemo(() => ('inputs' in read ? guided(read.inputs, snapshot) : undefined), [read, snapshot])
  const steps = result && 'steps' in result ? result.steps : NO_STEPS
  const refused = result && 'refused' in result ? result.refused : undefined
  const running = useRunning(hostId, steps)
  useOnMap({ hostId, steps, running, snapshot })

  const inStep = steps.flatMap(({ state }) => (state.kind === 'refused' ? [state.refusal] : []))
  const problemOf = (path: string): string | undefined => {
    if ('wrong' in read) return wrongText(tChanges, read.wrong[path])
    const refusal = [...(refused ? [refused] : []), ...inStep].find(({ field }) => field === path)
    return refusal && toldRefusal(refusal, locale)
  }
  const change = (path: string, value: string) =>
    void open({ ...guide, values: withInput(name, snapshot, values, { path, value }) })
  const changeHost = (id: string) => {
    const other = all.find(({ host }) => host.id === id)?.snapshot
    if (other === undefined) return
    running.stop()
    void open({ name, hostId: id, values: propose(name, other) })
  }
  const done = steps.filter(({ state }) => state.kind === 'done').length
  // Once something was run, the steps have the room.
  const fresh = running.ran.length === 0
  const isOver = steps.length > 0 && done === steps.length
  const problemSomewhere = 'wrong' in read || refused !== undefined || inStep.some(({ field }) => field !== undefined)
  return (
    <>
      <div className="flex min-h-0 flex-1 flex-col gap-4 overflow-y-auto py-4">
        <p className="px-4 text-soft">{t(`${name}.text`)}</p>
        <div className="px-4">
          <Unfolding key={String(fresh)} title={t('inputs')} open={problemSomewhere} initially={fresh}>
            <Inputs
              guide={guide}
              snapshot={snapshot}
              hosts={all.map(({ host }) => ({ id: host.id, name: host.name }))}
              problemOf={problemOf}
              onHost={changeHost}
              onChange={change}
            />
          </Unfolding>
        </div>
        {refused && (
          <p role="status" className="px-4 text-danger [overflow-wrap:anywhere]">
            {toldRefusal(refused, locale)}
          </p>
        )}
        {steps.length > 0 && (
          <section aria-label={t('steps')} className="flex flex-col gap-2">
            <div className="flex items-baseline justify-between px-4">
              <h3 className="font-semibold">{t('steps')}</h3>
              <span className="tabular text-faint text-sm">{t('progress', { done, all: steps.length })}</span>
            </div>
            <StepList steps={steps} ran={running.ran}>
              {running.isAwaited && <p className="text-faint text-sm">{t('awaited')}</p>}
              <Confirm form={running} />
            </StepList>
          </section>
        )}
        <div className="flex flex-col gap-2 px-4 empty:hidden">
          <Came running={running} />
          <Problem text={running.problem ? errorText(running.problem) : undefined} />
          {running.looksOnly && <p className="text-faint">{tChanges('viewerOnly')}</p>}
          {isOver && <p className="font-medium text-ok">{t(`${name}.over`)}</p>}
        </div>
      </div>
      <Bar running={running} isOver={isOver} />
      <span role="status" className="sr-only">
        {isOver
          ? t('allDone')
          : running.next
            ? t('saidNext', { done, all: steps.length, title: told(running.next.title, locale) })
            : ''}
      </span>
    </>
  )
}

/** What came of the last step, where it is not simply done. */
function Came({ running: { answer } }: { running: Running }) {
  const t = useTranslations('changes')
  const { locale } = useLanguage()
  switch (answer?.kind) {
    case 'denied':
      return <Because reason={answer.reason} />
    case 'refused':
      return (
        <p role="alert" className="text-danger">
          {toldRefusal(answer.refusal, locale)}
        </p>
      )
    case 'moved':
      return (
        <p role="alert" className="text-warn">
          {t('preview.moved')} {answer.shell.map(visible).join('; ')}
        </p>
      )
    case 'change': {
      const { state, reason, left } = answer.change
      if (state === 'done') return null
      return (
        <>
          <p className={state === 'undone' ? 'text-soft' : 'text-danger'}>{t(`result.${state}`)}</p>
          {state !== 'undone' && <Because reason={reason} />}
          <Because reason={left} />
        </>
      )
    }
    default:
      return null
  }
}

type OnMap = { hostId: string; steps: readonly GuideStep[]; running: Running; snapshot: HostSnapshot }

/** The map goes to what the next step is about, in the end to what came of it, and shows in outline what a step will make; not while all run. */
function useOnMap({ hostId, steps, running: { next, rest }, snapshot }: OnMap): void {
  const [view] = useView()
  const show = useShowOnMap()
  const shown = useRef<string>(undefined)
  useExpectation({ command: rest ? undefined : next?.command, snapshot })
  useEffect(() => {
    const about = next ?? lastElsewhere(steps)
    if (about === undefined || rest || view !== 'map') return
    const ref = touched(about.command, snapshot)
    const key = `${ref?.kind} ${ref?.id}`
    if (ref === undefined || shown.current === key) return
    shown.current = key
    show({ hostId, ...ref })
  }, [next, steps, rest, view, snapshot, hostId, show])
}

/** Once all is done: what was done last outside of the host's own namespace. */
function lastElsewhere(steps: readonly GuideStep[]): GuideStep | undefined {
  if (steps.some(({ state }) => state.kind !== 'done')) return undefined
  return steps.findLast(({ command }) => 'netns' in command && command.netns !== 'root')
}
