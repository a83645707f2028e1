import type { Change } from '@hopscope/protocol'
import { useTranslations } from 'use-intl'
import { cn } from '../../../ui/index.ts'
import { Because } from './Because.tsx'
import { Lost } from './Lost.tsx'
import { Steps } from './Steps.tsx'

const colours: Record<Change['state'], string> = {
  running: 'text-soft',
  done: 'text-ok',
  undoing: 'text-soft',
  undone: 'text-soft',
  failed: 'text-danger',
  stuck: 'text-danger',
}

/** What came of a change, step by step. */
export function Result({ change }: { change: Change }) {
  const t = useTranslations('changes')
  const { state, reason, left, steps, lost, final } = change
  return (
    <>
      <p className={cn('font-medium', colours[state])}>{t(`result.${state}`)}</p>
      {state !== 'undone' && <Because reason={reason} />}
      <Because reason={left} />
      <Steps steps={steps} />
      {state === 'done' && <Lost lost={lost} final={final} />}
    </>
  )
}
