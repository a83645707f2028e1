import type { Change } from '@hopscope/protocol'
import { Ban, CircleCheck, CircleDashed, CircleX, type LucideIcon, Undo2 } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { useLanguage } from '../../../i18n/Language.tsx'
import { CommandLine, cn } from '../../../ui/index.ts'
import { told } from '../model/words.ts'

type State = Change['steps'][number]['state']

const marks: Record<State, [LucideIcon, string]> = {
  waiting: [Ban, 'text-faint'],
  doing: [CircleDashed, 'pulse-soft text-nic'],
  done: [CircleCheck, 'text-ok'],
  undone: [Undo2, 'text-soft'],
  failed: [CircleX, 'text-danger'],
}

/** Each step of a change with its command, and how it went. */
export function Steps({ steps }: { steps: Change['steps'] }) {
  const t = useTranslations('changes')
  const { locale } = useLanguage()
  return (
    <ol className="flex flex-col gap-3">
      {steps.map(({ title, shell, state }, i) => {
        const [Icon, colour] = marks[state]
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: steps have an order and no name
          <li key={i} data-state={state} className="flex min-w-0 flex-col gap-1">
            <span className="flex items-start gap-2">
              <Icon size={16} aria-hidden className={cn('mt-0.5 shrink-0', colour)} />
              <span className="min-w-0 flex-1 [overflow-wrap:anywhere]">{told(title, locale)}</span>
              <span className={cn('shrink-0 text-sm', colour)}>{t(`step.${state}`)}</span>
            </span>
            <CommandLine command={shell} wrap className="bg-ground" />
          </li>
        )
      })}
    </ol>
  )
}
