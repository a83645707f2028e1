import { visible } from '@hopscope/model'
import { changeAnswerSchema, reasonSchema } from '@hopscope/protocol'
import { useState } from 'react'
import { useFormatter, useTranslations } from 'use-intl'
import { useLanguage } from '../../../i18n/Language.tsx'
import type { Hue } from '../../../theme/colours.ts'
import { Badge, CommandLine } from '../../../ui/index.ts'
import { told, toldRefusal } from '../../changes/model/words.ts'
import { Because } from '../../changes/view/Because.tsx'
import { argumentsOf, type Came, type PastRequest } from '../model/requests.ts'
import { About } from './About.tsx'
import { HistoryLine } from './HistoryLine.tsx'

const OUTCOMES = {
  done: 'ok',
  unconfirmed: 'warn',
  undone: 'stack',
  failed: 'danger',
  stuck: 'danger',
  refused: 'warn',
  moved: 'warn',
  denied: 'danger',
  silent: 'danger',
  ended: 'ok',
  lost: 'danger',
  proof: 'ok',
  unprovable: 'warn',
  filter: 'warn',
  open: 'nic',
} as const satisfies Record<string, Hue>
type Outcome = keyof typeof OUTCOMES

/** One request: who asked for what, argument by argument, and what came of it. */
export function RequestItem({ request: { asked, wanted, came } }: { request: PastRequest }) {
  const t = useTranslations('history')
  const format = useFormatter()
  const { locale } = useLanguage()
  const [open, setOpen] = useState(false)
  const outcome = outcomeOf(came)
  const answer = changeAnswerSchema.safeParse(came?.answer).data
  // A tracing that lost its agent, and whatever was denied.
  const reason = reasonSchema.safeParse(came?.answer.reason).data
  const { command, shown = [], kind = '?', id = '', ...traced } = wanted ?? {}
  const name = command === undefined ? `${kind} ${id}` : String(command.do)
  const title = answer?.kind === 'change' ? told(answer.change.title, locale) : undefined
  return (
    <li data-outcome={outcome} className="border-border border-b last:border-b-0">
      <HistoryLine
        open={open}
        onToggle={() => setOpen(!open)}
        className="pl-7.5"
        line={
          <span className="flex min-w-0 flex-1 flex-col">
            <span className="[overflow-wrap:anywhere]">
              <span className="font-medium font-mono text-sm">{visible(name)}</span>
              {title !== undefined && <span className="ml-2 text-soft">{title}</span>}
            </span>
            <About
              host={asked.host.name}
              parts={[
                t('from', { name: visible(asked.user.name), role: asked.user.role, address: visible(asked.address) }),
                format.dateTime(asked.at, { dateStyle: 'medium', timeStyle: 'medium' }),
              ]}
              milliseconds={came?.milliseconds}
            />
          </span>
        }
        aside={
          <Badge hue={OUTCOMES[outcome]} className="mt-2">
            {t(`came.${outcome}`)}
          </Badge>
        }
      >
        {(command !== undefined || 'filter' in traced || 'query' in traced) && (
          <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 text-sm">
            {argumentsOf(command ?? traced).map(([argument, value]) => (
              <div key={argument} className="contents">
                <dt className="text-faint">{visible(argument)}</dt>
                <dd className="min-w-0 font-mono [overflow-wrap:anywhere]">{visible(value)}</dd>
              </div>
            ))}
          </dl>
        )}
        {shown.map((line) => (
          <CommandLine key={line} command={visible(line)} wrap />
        ))}
        {answer?.kind === 'refused' && <p className="text-warn">{toldRefusal(answer.refusal, locale)}</p>}
        <Because reason={reason} />
        {answer?.kind === 'change' && answer.change.state !== 'undone' && <Because reason={answer.change.reason} />}
      </HistoryLine>
    </li>
  )
}

function outcomeOf(came: Came | undefined): Outcome {
  const known: readonly string[] = Object.keys(OUTCOMES)
  const { outcome = 'open' } = came ?? {}
  // One of the keys above, or what another version of the hub wrote.
  return known.includes(outcome) ? (outcome as Outcome) : 'open'
}
