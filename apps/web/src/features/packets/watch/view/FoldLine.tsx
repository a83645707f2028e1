import { visible } from '@hopscope/model'
import type { TracingLimit } from '@hopscope/protocol'
import { ChevronDown, ChevronRight } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { cn } from '../../../../ui/index.ts'

type Props = {
  filter: string
  limit: Readonly<Record<keyof TracingLimit, number | string>>
  isOpen: boolean
  /** The element that it opens. */
  fields: string
  onOpen: (isOpen: boolean) => void
}

/** What is watched, in the place of the form, which it opens. */
export function FoldLine({ filter, limit, isOpen, fields, onOpen }: Props) {
  const t = useTranslations('tracing')
  const Chevron = isOpen ? ChevronDown : ChevronRight
  const { packets, rate, seconds } = limit
  return (
    <button
      type="button"
      aria-expanded={isOpen}
      aria-controls={fields}
      onClick={() => onOpen(!isOpen)}
      className={cn(
        '-ml-2 flex min-h-10 min-w-0 items-center gap-1.5 rounded-md py-0.5 pr-2 pl-1 text-left transition-colors hover:bg-hover',
        isOpen ? 'w-full' : 'flex-1',
      )}
    >
      <Chevron size={16} aria-hidden className="shrink-0 text-faint" />
      {isOpen ? (
        <span className="font-medium">{t('change')}</span>
      ) : (
        <span className="flex min-w-0 flex-col">
          <span className="sr-only">{t('change')}</span>
          <span className="truncate font-mono text-sm">{filter === '' ? t('all') : visible(filter)}</span>
          <span className="truncate text-faint text-sm">{t('limitsNow', { packets, rate, seconds })}</span>
        </span>
      )}
    </button>
  )
}
