import type { RecordRef } from '@hopscope/topology'
import { MapPin } from 'lucide-react'
import { useLocale, useTranslations } from 'use-intl'
import { Badge, cn, KindIcon } from '../../ui/index.ts'
import { formatNumber } from './format.ts'
import type { CellKind } from './model/table.ts'
import { type Part, partsOf, partText, type Say, type Value } from './model/value.ts'

export type Actions = { inspect: (ref: RecordRef) => void; showOnMap: (ref: RecordRef) => void }
type Props = {
  value: Value
  kind: CellKind
  say: Say
  actions: Actions
  /** Whether Tab reaches what is inside: only in the active row, else a table would be endless. */
  reachable: boolean
}

/** What stands in a cell. */
export function CellView({ value, kind, ...rest }: Props) {
  const locale = useLocale()
  if (typeof value === 'number') {
    const text = formatNumber(value, kind, locale)
    return <span className={cn('tabular truncate', value === 0 && 'text-faint')}>{text}</span>
  }
  const parts = partsOf(value)
  if (parts.length === 0) return <span className="text-faint">–</span>
  return (
    <span className={cn('flex min-w-0 items-center', kind === 'marks' ? 'gap-1' : 'gap-2')}>
      {parts.map((part, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a cell have no identity of their own
        <PartView key={i} part={part} kind={kind} {...rest} />
      ))}
    </span>
  )
}

type PartProps = Omit<Props, 'value'> & { part: Part }

function PartView({ part, kind, say, actions, reachable }: PartProps) {
  const text = partText(part, say)
  if (part.to)
    return <ObjectLink part={part} to={part.to} text={text} code={kind === 'code'} {...{ actions, reachable }} />
  if (part.tone) return <Badge hue={part.tone}>{text}</Badge>
  return <span className={cn('truncate', kind === 'code' && !('say' in part) && 'font-mono text-sm')}>{text}</span>
}

type LinkProps = Pick<Props, 'actions' | 'reachable'> & { part: Part; to: RecordRef; text: string; code: boolean }

/** The name of an object: a click opens it, the pin beside it shows it on the map. */
function ObjectLink({ part, to, text, code, actions, reachable }: LinkProps) {
  const t = useTranslations('tables')
  return (
    <span className="group/object flex min-w-0 max-w-full items-center gap-1.5">
      {part.icon && <KindIcon kind={part.icon} className="size-3.5" />}
      <button
        type="button"
        tabIndex={reachable ? 0 : -1}
        onClick={(e) => {
          e.stopPropagation()
          actions.inspect(to)
        }}
        className={cn('min-w-0 truncate rounded-sm underline-offset-2 hover:underline', code && 'font-mono text-sm')}
      >
        {text}
      </button>
      <button
        type="button"
        tabIndex={reachable ? 0 : -1}
        aria-label={t('showOnMap', { name: text })}
        title={t('showOnMap', { name: text })}
        onClick={(e) => {
          e.stopPropagation()
          actions.showOnMap(to)
        }}
        className="-my-1 -ml-1.5 flex h-6 w-0 shrink-0 items-center justify-center overflow-hidden rounded-sm text-faint hover:text-text focus-visible:w-6 group-hover/object:w-6 max-md:hidden"
      >
        <MapPin size={14} strokeWidth={1.75} aria-hidden />
      </button>
    </span>
  )
}
