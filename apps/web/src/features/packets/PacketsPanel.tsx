import { namerOf, sayAskError, sayHop } from '@hopscope/path'
import { X } from 'lucide-react'
import { type KeyboardEvent, useEffect, useMemo, useRef } from 'react'
import { useTranslations } from 'use-intl'
import { useLanguage } from '../../i18n/Language.tsx'
import { useHosts } from '../../stream/hooks.ts'
import { IconButton } from '../../ui/index.ts'
import { type OpenPackets, useOpenPackets } from './location.ts'
import { answer, typedOf } from './model/answer.ts'
import type { Telling } from './model/telling.ts'
import { stepBy, stepsOf } from './model/walk.ts'
import { useWayOnMap } from './onMap.ts'
import { takeStarted } from './useFollow.ts'
import { Question } from './view/Question.tsx'
import { Stepper } from './view/Stepper.tsx'
import { Verdict } from './view/Verdict.tsx'
import { Ways } from './view/Ways.tsx'

/** "Can it get there?": the question, answered while it is typed from the host as it is, and the way to step through. */
export function PacketsPanel({ packets }: { packets: OpenPackets }) {
  const t = useTranslations('packets')
  const { locale } = useLanguage()
  const [, open] = useOpenPackets()
  const hosts = useHosts()
  const { hostId, from, to, protocol, port, hop } = packets
  const snapshot = hosts.get(hostId)?.snapshot
  const destination = useRef<HTMLInputElement>(null)
  const body = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (!takeStarted()) return
    if (destination.current?.value === '') destination.current.focus()
    else body.current?.focus()
  })
  const answered = useMemo(
    () => snapshot && answer(typedOf({ from, to, protocol, port }), snapshot),
    [snapshot, from, to, protocol, port],
  )
  const telling = useMemo<Telling | undefined>(
    () => snapshot && { hostId, snapshot, namer: namerOf(snapshot) },
    [hostId, snapshot],
  )
  const ways = answered?.kind === 'predicted' ? answered.ways : undefined
  const steps = useMemo(() => stepsOf(ways ?? []), [ways])
  const at = hop === undefined || steps.length === 0 ? undefined : Math.min(hop, steps.length - 1)
  useWayOnMap({ hostId, ways, at })

  const change = (next: Partial<OpenPackets>) => {
    const { hop: _, ...others } = packets
    void open({ ...others, ...next })
  }
  const step = (next: number) => void open({ ...packets, hop: next })
  const onKeyDown = (e: KeyboardEvent) => {
    if (e.ctrlKey || e.metaKey || e.altKey || isTyping(e.target)) return
    const next = stepBy(e.key, at, steps.length)
    if (next === undefined) return
    e.preventDefault()
    step(next)
  }
  const close = () => {
    void open(null)
    document.getElementById('main')?.focus()
  }
  const current = at === undefined ? undefined : steps[at]
  const problem =
    answered?.kind === 'wrong' ? { part: answered.wrong.part, text: sayAskError(answered.wrong, locale) } : undefined
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: its keys are those of the buttons in it
    <div onKeyDown={onKeyDown} className="flex h-full min-h-0 flex-col bg-surface">
      <header className="flex shrink-0 items-start gap-2 border-border border-b py-2 pr-2 pl-4">
        <h2 className="min-w-0 flex-1 py-1 font-semibold text-md">{t('title')}</h2>
        <IconButton icon={X} label={t('close')} silent onClick={close} />
      </header>
      <div
        ref={body}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        className="flex min-h-0 flex-1 flex-col gap-4 overflow-y-auto py-4 focus-visible:-outline-offset-2"
      >
        <Question packets={packets} snapshot={snapshot} problem={problem} onChange={change} destination={destination} />
        {snapshot === undefined && <p className="px-4 text-faint">{hosts.size === 0 ? t('waiting') : t('hostGone')}</p>}
        {problem && to.trim() !== '' && problem.part !== 'from' && problem.part !== 'to' && port.trim() === '' && (
          <p className="px-4 text-faint">{problem.text}</p>
        )}
        {to.trim() === '' && <p className="px-4 text-faint">{t('begin')}</p>}
        {answered?.kind === 'predicted' && telling && (
          <>
            <Verdict
              prediction={answered.prediction}
              telling={telling}
              onDestination={(next) => change({ to: next })}
            />
            <Ways telling={telling} ways={answered.ways} at={at} onStep={step} />
          </>
        )}
      </div>
      {steps.length > 0 && (
        <footer className="flex shrink-0 items-center gap-2 border-border border-t bg-raised px-3 py-2">
          <Stepper at={at} count={steps.length} onStep={step} />
        </footer>
      )}
      <span role="status" className="sr-only">
        {current && telling
          ? t('step.said', {
              at: current.at + 1,
              count: steps.length,
              text: sayHop(current.hop, locale, telling.namer),
            })
          : ''}
      </span>
    </div>
  )
}

const isTyping = (target: EventTarget): boolean =>
  target instanceof HTMLElement && ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName)
