import { visible } from '@hopscope/model'
import type { Change } from '@hopscope/protocol'
import { useMutation } from '@tanstack/react-query'
import { CircleCheck, CircleDashed, CircleX, type LucideIcon, Timer, TriangleAlert, Undo2 } from 'lucide-react'
import { useState } from 'react'
import { useFormatter, useTranslations } from 'use-intl'
import { trpc } from '../../../api/client.ts'
import { useErrorText } from '../../../api/useErrorText.ts'
import { useLanguage } from '../../../i18n/Language.tsx'
import { useSession } from '../../../shell/session.ts'
import type { Hue } from '../../../theme/colours.ts'
import { Badge, Button, cn } from '../../../ui/index.ts'
import { Problem } from '../../auth/Problem.tsx'
import { canUndo, told, toldReason } from '../../changes/model/words.ts'
import { forgetHistory } from '../../changes/useChange.ts'
import { Because } from '../../changes/view/Because.tsx'
import { Lost } from '../../changes/view/Lost.tsx'
import { Steps } from '../../changes/view/Steps.tsx'
import type { PastEntry } from '../model/entries.ts'
import { About } from './About.tsx'
import { HistoryLine } from './HistoryLine.tsx'

const LOOKS: Record<Change['state'], { hue: Hue; icon: LucideIcon; colour: string }> = {
  running: { hue: 'nic', icon: CircleDashed, colour: 'text-nic' },
  unconfirmed: { hue: 'warn', icon: Timer, colour: 'text-warn' },
  done: { hue: 'ok', icon: CircleCheck, colour: 'text-ok' },
  undoing: { hue: 'nic', icon: CircleDashed, colour: 'text-nic' },
  undone: { hue: 'stack', icon: Undo2, colour: 'text-faint' },
  failed: { hue: 'danger', icon: CircleX, colour: 'text-danger' },
  stuck: { hue: 'danger', icon: TriangleAlert, colour: 'text-danger' },
}

/** One change of the history; its steps unfold, and stand open while it runs. */
export function PastChange({ entry }: { entry: PastEntry }) {
  const t = useTranslations('history')
  const changes = useTranslations('changes')
  const { locale } = useLanguage()
  const { change, host, away } = entry
  const format = useFormatter()
  const [chosen, setOpen] = useState<boolean>()
  const open = chosen ?? (change.state === 'running' || change.state === 'undoing')
  const { hue, icon: Icon, colour } = LOOKS[change.state]
  return (
    <li data-state={change.state} className="border-border border-b last:border-b-0">
      <HistoryLine
        open={open}
        onToggle={() => setOpen(!open)}
        className="pl-6 sm:pl-13"
        line={
          <>
            <Icon size={16} aria-hidden className={cn('mt-0.5 shrink-0', colour)} />
            <span className="flex min-w-0 flex-1 flex-col">
              <span className="font-medium [overflow-wrap:anywhere]">{told(change.title, locale)}</span>
              <About
                host={host.name}
                parts={[
                  visible(change.by),
                  format.dateTime(change.at, { timeStyle: 'medium' }),
                  ...(change.state === 'undone' && change.reason ? [visible(toldReason(change.reason, locale))] : []),
                ]}
                milliseconds={change.milliseconds}
              />
              {!open && <FirstCommand change={change} />}
            </span>
          </>
        }
        aside={
          <div className="flex shrink-0 flex-col items-end gap-1.5 py-2 sm:flex-row sm:items-center sm:gap-3">
            {away && (
              <span title={t('away')}>
                <Badge hue="warn">{t('fromAudit')}</Badge>
              </span>
            )}
            <Badge hue={hue}>{changes(`state.${change.state}`)}</Badge>
            <Undo change={change} hostId={host.id} away={away} title={told(change.title, locale)} />
          </div>
        }
      >
        {change.state !== 'undone' && <Because reason={change.reason} />}
        <Because reason={change.left} />
        <Steps steps={change.steps} />
        <Lost lost={change.lost} final={change.final} />
      </HistoryLine>
    </li>
  )
}

/** The first of its commands, at a glance. */
function FirstCommand({ change: { steps } }: { change: Change }) {
  const t = useTranslations('history')
  const [first] = steps
  if (first === undefined) return null
  return (
    <span className="mt-1 flex min-w-0 items-center gap-2 font-mono text-soft text-sm max-sm:hidden">
      <span className="truncate">
        <span aria-hidden className="text-faint">
          {'$ '}
        </span>
        {first.shell}
      </span>
      {steps.length > 1 && <span className="shrink-0 text-faint">{t('more', { count: steps.length - 1 })}</span>}
    </span>
  )
}

type UndoProps = { change: Change; hostId: string; away: boolean; title: string }

function Undo({ change, hostId, away, title }: UndoProps) {
  const t = useTranslations('history')
  const changes = useTranslations('changes')
  const errorText = useErrorText()
  const looksOnly = useSession()?.user.role === 'viewer'
  const undo = useMutation(trpc.changes.undo.mutationOptions({ onSettled: () => forgetHistory(hostId) }))
  if (!canUndo(change)) return null
  const why = looksOnly ? changes('viewerOnly') : away ? t('away') : undefined
  return (
    <div className="flex max-w-60 flex-col items-end gap-2">
      <Button
        small
        aria-label={t('undoOf', { title })}
        {...(why !== undefined && { title: why })}
        disabled={why !== undefined || undo.isPending}
        onClick={() => undo.mutate({ hostId, id: change.id })}
      >
        <Undo2 size={14} aria-hidden />
        {undo.isPending ? changes('undoing') : changes('undo')}
      </Button>
      <Because reason={undo.data?.kind === 'denied' ? undo.data.reason : undefined} />
      <Problem text={undo.error ? errorText(undo.error) : undefined} />
    </div>
  )
}
