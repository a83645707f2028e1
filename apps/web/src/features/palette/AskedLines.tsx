import type { Typed } from '@hopscope/path'
import { CircleHelp, Route } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { cn } from '../../ui/index.ts'
import { questionText } from '../packets/model/answer.ts'
import { verdictLook } from '../packets/view/verdictLook.ts'
import { Item } from './Item.tsx'
import type { Asked } from './useAsked.ts'

const WRONG = { icon: CircleHelp, text: 'text-faint' }

/** The line of the palette that a question is, with its verdict, and those that may have been meant. */
export function AskedLines({ asked, onSelect }: { asked: Asked; onSelect: (line: string) => void }) {
  const t = useTranslations('packets')
  const { icon: Icon, text } = asked.verdict === 'wrong' ? WRONG : verdictLook[asked.verdict]
  return (
    <>
      <Item value={askedKey(asked.typed)} onSelect={onSelect}>
        <Icon size={18} aria-hidden className={cn('shrink-0', text)} />
        <span className="flex min-w-0 flex-1 flex-col">
          <span className="truncate font-medium font-mono text-sm">{questionText(asked.typed)}</span>
          <span className="text-soft [overflow-wrap:anywhere]">{asked.said}</span>
        </span>
        <span className="max-w-1/4 shrink-0 truncate text-right text-faint text-sm">{asked.host}</span>
      </Item>
      {asked.others.map((other) => (
        <Item key={questionText(other)} value={askedKey(other)} onSelect={onSelect}>
          <Route size={16} strokeWidth={1.75} aria-hidden className="shrink-0 text-faint" />
          <span className="min-w-0 flex-1 truncate font-mono text-sm">{questionText(other)}</span>
          <span className="shrink-0 text-faint text-sm">{t('meant')}</span>
        </Item>
      ))}
    </>
  )
}

export const askedKey = (typed: Typed): string => `packet ${questionText(typed)}`
