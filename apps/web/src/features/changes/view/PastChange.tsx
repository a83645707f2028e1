import { visible } from '@hopscope/model'
import type { Change } from '@hopscope/protocol'
import { useMutation } from '@tanstack/react-query'
import { ChevronRight, Undo2 } from 'lucide-react'
import { useState } from 'react'
import { useFormatter, useTranslations } from 'use-intl'
import { trpc } from '../../../api/client.ts'
import { useErrorText } from '../../../api/useErrorText.ts'
import { useLanguage } from '../../../i18n/Language.tsx'
import { useSession } from '../../../shell/session.ts'
import type { Hue } from '../../../theme/colours.ts'
import { Badge, Button, cn } from '../../../ui/index.ts'
import { Problem } from '../../auth/Problem.tsx'
import { canUndo, told } from '../model/words.ts'
import { forgetHistory } from '../useChange.ts'
import { Because } from './Because.tsx'
import { Steps } from './Steps.tsx'

const hues: Record<Change['state'], Hue> = {
  running: 'nic',
  done: 'ok',
  undoing: 'nic',
  undone: 'stack',
  failed: 'danger',
  stuck: 'danger',
}

/** One change of the history; its steps unfold. */
export function PastChange({ change, hostId }: { change: Change; hostId: string }) {
  const t = useTranslations('changes')
  const { locale } = useLanguage()
  const format = useFormatter()
  const [open, setOpen] = useState(false)
  const title = told(change.title, locale)
  const time = format.dateTime(change.at, { dateStyle: 'medium', timeStyle: 'medium' })
  return (
    <li className="flex flex-col gap-3 border-border border-b py-3 first:pt-0 last:border-b-0">
      <div className="flex items-start gap-2">
        <button
          type="button"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
          className="flex min-w-0 flex-1 items-start gap-2 rounded-md text-left hover:bg-hover"
        >
          <ChevronRight size={16} aria-hidden className={cn('mt-0.5 shrink-0 text-faint', open && 'rotate-90')} />
          <span className="min-w-0">
            <span className="block font-medium [overflow-wrap:anywhere]">{title}</span>
            <span className="block text-faint text-sm">{t('past.by', { by: visible(change.by), time })}</span>
          </span>
        </button>
        <Badge hue={hues[change.state]} className="mt-1">
          {t(`state.${change.state}`)}
        </Badge>
        <Undo change={change} hostId={hostId} title={title} />
      </div>
      {open && (
        <div className="flex flex-col gap-3 pl-6">
          {change.state !== 'undone' && <Because reason={change.reason} />}
          <Because reason={change.left} />
          <Steps steps={change.steps} />
        </div>
      )}
    </li>
  )
}

function Undo({ change, hostId, title }: { change: Change; hostId: string; title: string }) {
  const t = useTranslations('changes')
  const errorText = useErrorText()
  const looksOnly = useSession()?.user.role === 'viewer'
  const undo = useMutation(trpc.changes.undo.mutationOptions({ onSettled: () => forgetHistory(hostId) }))
  if (!canUndo(change)) return null
  return (
    <div className="flex max-w-60 flex-col items-end gap-2">
      <Button
        small
        aria-label={t('past.undoOf', { title })}
        {...(looksOnly && { title: t('viewerOnly') })}
        disabled={looksOnly || undo.isPending}
        onClick={() => undo.mutate({ hostId, id: change.id })}
      >
        <Undo2 size={14} aria-hidden />
        {undo.isPending ? t('undoing') : t('undo')}
      </Button>
      <Because reason={undo.data?.kind === 'denied' ? undo.data.reason : undefined} />
      <Problem text={undo.error ? errorText(undo.error) : undefined} />
    </div>
  )
}
