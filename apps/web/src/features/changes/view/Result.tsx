import type { Change } from '@hopscope/protocol'
import { useTranslations } from 'use-intl'
import { cn } from '../../../ui/index.ts'
import { useUnconfirmed, type Waiting } from '../unconfirmed.ts'
import { Because } from './Because.tsx'
import { Keep, useLeft } from './Keep.tsx'
import { Lost } from './Lost.tsx'
import { Steps } from './Steps.tsx'

const colours: Record<Change['state'], string> = {
  running: 'text-soft',
  unconfirmed: 'text-warn',
  done: 'text-ok',
  undoing: 'text-soft',
  undone: 'text-soft',
  failed: 'text-danger',
  stuck: 'text-danger',
}

/** What came of a change, step by step. */
export function Result({ change }: { change: Change }) {
  const waiting = useUnconfirmed().find((one) => one.change.id === change.id)
  const t = useTranslations('changes')
  const { state, reason, left, steps, lost, final } = change
  return (
    <>
      <p className={cn('font-medium', colours[state])}>{t(`result.${state}`)}</p>
      {waiting && state === 'unconfirmed' && <Wait waiting={waiting} />}
      {(state !== 'undone' || reason?.code === 'UNDONE_UNKEPT') && <Because reason={reason} />}
      <Because reason={left} />
      <Steps steps={steps} />
      {state === 'done' && <Lost lost={lost} final={final} />}
    </>
  )
}

function Wait({ waiting }: { waiting: Waiting }) {
  const t = useTranslations('changes')
  const seconds = useLeft(waiting.endsAt)
  return (
    <div className="flex flex-wrap items-center justify-between gap-2 rounded-md bg-warn-fill px-3 py-2 text-warn-ink">
      <span className="tabular">{seconds === 0 ? t('keep.over') : t('keep.left', { seconds })}</span>
      <Keep waiting={waiting} />
    </div>
  )
}
