import { useEffect, useRef } from 'react'
import { useTranslations } from 'use-intl'
import { useErrorText } from '../../../api/useErrorText.ts'
import { Problem } from '../../auth/Problem.tsx'
import type { Changing } from '../useChange.ts'
import { Because } from './Because.tsx'
import { CopyAll, Preview } from './Preview.tsx'
import { Result } from './Result.tsx'
import { Steps } from './Steps.tsx'

/** What will happen; once it was run, what came of it in the same place. It stands directly above the buttons, and scrolls by itself. */
export function Outcome({ form }: { form: Changing }) {
  const t = useTranslations('changes')
  const { change, busy, running } = form
  const errorText = useErrorText()
  const heading = useRef<HTMLHeadingElement>(null)
  const came = change && `${change.id} ${change.state}`
  const seen = useRef(came)
  useEffect(() => {
    // The button that was pressed may be gone: whoever goes on by keyboard goes on here.
    if (came !== undefined && came !== seen.current) heading.current?.focus()
    seen.current = came
  }, [came])
  const shown = form.checked?.kind === 'planned' ? form.checked.shell.length : 0
  return (
    <section
      aria-label={change ? t('result.label') : t('preview.label')}
      aria-busy={busy !== undefined || undefined}
      className="flex min-h-0 min-w-0 flex-auto flex-col gap-3 border-border border-t bg-sunken pt-3"
    >
      <div className="flex shrink-0 items-center gap-2 px-5">
        <h3 ref={heading} tabIndex={-1} className="font-semibold outline-none">
          {change ? t('result.label') : running ? t('running') : t('preview.title')}
        </h3>
        {!change && shown > 1 && <span className="text-faint text-sm">{t('preview.count', { count: shown })}</span>}
        <span className="flex-1" />
        {!change && <CopyAll form={form} />}
      </div>
      <div className="flex min-h-0 flex-auto flex-col gap-3 overflow-y-auto px-5">
        {change ? <Result change={change} /> : running ? <Steps steps={running.steps} /> : <Preview form={form} />}
        {/* Over what goes on below the edge; at the end, below the last line. */}
        <div
          aria-hidden
          className="pointer-events-none sticky bottom-0 mt-auto h-4 shrink-0 bg-linear-to-t from-sunken to-transparent"
        />
      </div>
      <div className="flex max-h-[24dvh] shrink-0 flex-col gap-2 overflow-y-auto px-5 pb-3 [&:not(:has(p))]:hidden">
        <Because reason={form.answer?.kind === 'denied' ? form.answer.reason : undefined} />
        <Problem text={form.problem ? errorText(form.problem) : undefined} />
      </div>
      <span role="status" className="sr-only">
        {busy ? t(busy) : change ? t(`result.${change.state}`) : ''}
      </span>
    </section>
  )
}
