import { visible } from '@hopscope/model'
import { tracingLimitSchema } from '@hopscope/protocol'
import { readFilter, sayFilterFault } from '@hopscope/trace'
import { Play, Square } from 'lucide-react'
import { type ComponentProps, type FormEvent, useId, useMemo, useState } from 'react'
import { useTranslations } from 'use-intl'
import { useLanguage } from '../../../../i18n/Language.tsx'
import { useSelection } from '../../../../shell/location.ts'
import { useSession } from '../../../../shell/session.ts'
import { useShownHosts } from '../../../../shell/useShownHosts.ts'
import { Button, Field, SelectField } from '../../../../ui/index.ts'
import { type OpenPackets, ofOther, useOpenPackets } from '../../location.ts'
import { filterFor } from '../model/filterFor.ts'
import { start, stop, type Watched } from '../watching.ts'
import { FoldLine } from './FoldLine.tsx'

const EXAMPLES = ['icmp', 'tcp port 80', 'udp port 53', 'arp', 'not port 22'] as const
const LIMITS = ['packets', 'rate', 'seconds'] as const
type Typed = Record<(typeof LIMITS)[number], string>
const defaults = tracingLimitSchema.parse({})
const START: Typed = {
  packets: String(defaults.packets),
  rate: String(defaults.rate),
  seconds: String(defaults.seconds),
}

type Props = { packets: OpenPackets; watched: Watched | undefined }

/** Which packets, and how many of them at most; one line of it while they come and once they are there. */
export function WatchForm({ packets, watched }: Props) {
  const t = useTranslations('tracing')
  const inPackets = useTranslations('packets')
  const { locale } = useLanguage()
  const [, open] = useOpenPackets()
  const [selection] = useSelection()
  const { all } = useShownHosts()
  const [typed, setTyped] = useState(START)
  const { hostId, watch: filter = '' } = packets
  const host = all.find((one) => one.host.id === hostId)
  const snapshot = host?.snapshot
  const records = snapshot?.records
  const read = useMemo(() => records && readFilter(filter, records), [filter, records])
  const proposed = useMemo(
    () => (snapshot && selection?.hostId === hostId ? filterFor(selection, snapshot) : undefined),
    [snapshot, selection, hostId],
  )
  const limit = tracingLimitSchema.safeParse(Object.fromEntries(LIMITS.map((name) => [name, number(typed[name])])))
  const wrong = new Set(limit.error?.issues.map(({ path }) => path[0]))
  const isViewer = useSession()?.user.role === 'viewer'
  const isAway = host !== undefined && host.status !== 'live'
  const told = watched?.trouble?.kind === 'filter' && watched.state === 'over' ? watched.trouble.fault : undefined
  const fault = read?.ok === false ? read.fault : told
  const state = watched?.state ?? 'over'
  const fold = useFold(watched, fault !== undefined || !limit.success || isOther(watched, { hostId, watch: filter }))
  const change = (next: Partial<OpenPackets>) => {
    // What somebody works on does not fold beneath the fingers.
    fold.open(true)
    void open({ ...packets, ...next })
  }
  const fields = useId()
  const mayStart = !isViewer && !isAway && snapshot !== undefined && read?.ok === true && limit.success
  const submit = (e: FormEvent) => {
    e.preventDefault()
    if (state !== 'over' || !mayStart) return
    const asked = { hostId, filter, limit: limit.data, snapshot }
    void start(asked).then((runs) => {
      if (runs) void open((now) => now && ofOther(now))
    })
  }
  return (
    <form aria-label={t('form')} onSubmit={submit} className="flex flex-wrap items-center gap-3 px-4">
      {fold.isThere && (
        <FoldLine
          {...{ isOpen: fold.isOpen, fields, onOpen: fold.open }}
          {...(state === 'over' || watched === undefined
            ? { filter, limit: typed }
            : { filter: watched.recording.filter, limit: watched.limit ?? typed })}
        />
      )}
      <div id={fields} hidden={!fold.isOpen} className="flex w-full flex-col gap-3 [&[hidden]]:hidden">
        {all.length > 1 && (
          <SelectField
            label={inPackets('host')}
            value={hostId}
            onChange={(next) => change({ hostId: next })}
            options={all.map((one) => ({ value: one.host.id, text: visible(one.host.name) }))}
          />
        )}
        <div className="relative">
          <Typing
            label={t('filter')}
            value={filter}
            maxLength={500}
            onChange={(e) => change({ watch: e.target.value })}
            className="[&_input]:font-mono"
            hint={t('filterHint')}
            {...(fault !== undefined && { error: sayFilterFault(fault, locale) })}
          />
          {fault !== undefined && fault !== 'TOO_MANY' && (
            // Stands below the column that is meant, in the same letters.
            <span
              aria-hidden
              className="pointer-events-none absolute top-12 left-[13px] whitespace-pre font-mono text-danger leading-4"
            >
              {`${' '.repeat(fault.column - 1)}^`}
            </span>
          )}
        </div>
        <div className="flex flex-wrap gap-1.5">
          <span className="sr-only">{t('examples')}</span>
          {proposed !== undefined && (
            <Button small onClick={() => change({ watch: proposed })} className="max-w-full">
              <span className="truncate font-mono">{t('selected', { filter: visible(proposed) })}</span>
            </Button>
          )}
          {EXAMPLES.map((example) => (
            <Button
              key={example}
              small
              look="quiet"
              onClick={() => change({ watch: example })}
              className="border border-border font-mono"
            >
              {example}
            </Button>
          ))}
        </div>
        <fieldset className="grid grid-cols-3 items-start gap-2">
          <legend className="sr-only">{t('limits')}</legend>
          {LIMITS.map((name) => (
            <Typing
              key={name}
              label={t(name)}
              value={typed[name]}
              inputMode="numeric"
              onChange={(e) => {
                fold.open(true)
                setTyped({ ...typed, [name]: e.target.value })
              }}
              {...(wrong.has(name) && { error: t('limitWrong', { from: 1, to: MOST[name] }) })}
            />
          ))}
        </fieldset>
      </div>
      {(fold.isOpen || state !== 'over' || mayStart) &&
        // In the same place always, so that it keeps the focus when the form folds.
        (state === 'over' || state === 'starting' ? (
          <Button
            type="submit"
            look={fold.isOpen ? 'primary' : 'plain'}
            aria-disabled={!mayStart || state === 'starting'}
            className="aria-disabled:opacity-50"
          >
            <Play size={14} aria-hidden />
            {t(state === 'starting' ? 'starting' : fold.isThere ? 'again' : 'start')}
          </Button>
        ) : (
          <Button onClick={() => void stop()} aria-disabled={state === 'stopping'}>
            <Square size={14} aria-hidden />
            {t(state === 'stopping' ? 'stopping' : 'stop')}
          </Button>
        ))}
      {fold.isOpen && isViewer && <p className="w-full text-soft">{t('mayNot')}</p>}
      {fold.isOpen && !isViewer && isAway && <p className="w-full text-warn">{t('away')}</p>}
    </form>
  )
}

/** Packets of another filter or host are shown: what would be started is not what one sees. */
function isOther(watched: Watched | undefined, { hostId, watch }: Pick<OpenPackets, 'hostId' | 'watch'>): boolean {
  if (watched?.state !== 'over' || watched.isReplay) return false
  return watched.recording.filter !== watch || watched.recording.host.id !== hostId
}

/** Whether the form may fold, and is open: unless somebody said otherwise of these packets, when it `mustOpen` or has nothing below it yet. */
function useFold(watched: Watched | undefined, mustOpen: boolean) {
  const [said, say] = useState<{ began: number | undefined; isOpen: boolean }>()
  const began = watched?.recording.began
  const isThere =
    watched !== undefined &&
    watched.state !== 'starting' &&
    (watched.state !== 'over' || watched.recording.stories.length > 0)
  const isOpen = !isThere || (said?.began === began ? (said?.isOpen ?? mustOpen) : mustOpen)
  return { isThere, isOpen, open: (next: boolean) => say({ began, isOpen: next }) }
}

const MOST = { packets: 2_000, rate: 1_000, seconds: 300 } as const
const number = (text: string): number => (/^\d{1,9}$/.test(text.trim()) ? Number(text) : Number.NaN)

const Typing = (props: ComponentProps<typeof Field>) => (
  <Field autoComplete="off" autoCapitalize="off" spellCheck={false} {...props} />
)
