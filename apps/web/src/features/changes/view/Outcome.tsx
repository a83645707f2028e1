import { useEffect, useRef } from 'react'
import { useTranslations } from 'use-intl'
import type { Changing } from '../useChange.ts'
import { CopyAll, Preview } from './Preview.tsx'
import { Result } from './Result.tsx'
import { Steps } from './Steps.tsx'

/** What will happen; once it was run, what came of it in the same place. */
export function Outcome({ form }: { form: Changing }) {
  const t = useTranslations('changes')
  const { change, busy, running } = form
  const heading = useRef<HTMLHeadingElement>(null)
  const came = change && `${change.id} ${change.state}`
  const seen = useRef(came)
  useEffect(() => {
    // The button that was pressed may be gone: whoever goes on by keyboard goes on here.
    if (came !== undefined && came !== seen.current) heading.current?.focus()
    seen.current = came
  }, [came])
  return (
    <section
      aria-label={change ? t('result.label') : t('preview.label')}
      aria-busy={busy !== undefined || undefined}
      className="flex min-w-0 flex-1 flex-col gap-3 rounded-lg border border-border bg-sunken p-4"
    >
      <div className="flex items-center justify-between">
        <h3 ref={heading} tabIndex={-1} className="font-semibold outline-none">
          {change ? t('result.label') : running ? t('running') : t('preview.title')}
        </h3>
        {!change && <CopyAll form={form} />}
      </div>
      {change ? <Result change={change} /> : running ? <Steps steps={running.steps} /> : <Preview form={form} />}
      <span role="status" className="sr-only">
        {busy ? t(busy) : change ? t(`result.${change.state}`) : ''}
      </span>
    </section>
  )
}
