import { type ReactNode, useState } from 'react'
import { useTranslations } from 'use-intl'
import { GuidePanel } from '../features/guides/GuidePanel.tsx'
import { useOpenGuide } from '../features/guides/location.ts'
import { useOpenPackets } from '../features/packets/location.ts'
import { PacketsPanel } from '../features/packets/PacketsPanel.tsx'
import { useAskedFor } from '../features/packets/useFollow.ts'
import { WatchPanel } from '../features/packets/watch/WatchPanel.tsx'
import { cn } from '../ui/index.ts'
import { BottomSheet } from './BottomSheet.tsx'
import { Crash } from './Crash.tsx'
import { InspectorPane } from './InspectorPane.tsx'
import { useSelection } from './location.ts'

export type Pane = 'guide' | 'packets' | 'details'

/** What stands beside the map now, in order. */
export function usePanes(): Pane[] {
  const [guide] = useOpenGuide()
  const [packets] = useOpenPackets()
  const [selection] = useSelection()
  const panes: (Pane | false)[] = [
    guide !== null && 'guide',
    packets !== null && 'packets',
    selection !== null && 'details',
  ]
  return panes.filter((pane) => pane !== false)
}

/** The frame around a guide and a packet that is followed, as the inspector's: what is selected meanwhile is a button away. */
export function SidePane({ panes, sheet }: { panes: readonly Pane[]; sheet?: boolean }) {
  const t = useTranslations('shell')
  const [guide] = useOpenGuide()
  const [packets] = useOpenPackets()
  const [shown, setShown] = useShown(panes)
  const [first] = panes
  if (first === undefined || (first === 'details' && panes.length === 1))
    return <InspectorPane {...(sheet && { sheet })} />
  const kept = (pane: Pane, content: ReactNode) => (
    // A guide that runs its steps goes on while something else is looked at, and so does a packet's line on the map.
    <div key={pane} hidden={shown !== pane} className="min-h-0 flex-1 [&[hidden]]:hidden">
      {content}
    </div>
  )
  const content = (
    <>
      {panes.length > 1 && <Choice panes={panes} shown={shown} onChoose={setShown} />}
      {guide &&
        kept(
          'guide',
          <Crash key={guide.name}>
            <GuidePanel guide={guide} />
          </Crash>,
        )}
      {packets &&
        kept(
          'packets',
          <Crash>
            {packets.watch === undefined ? <PacketsPanel packets={packets} /> : <WatchPanel packets={packets} />}
          </Crash>,
        )}
      {shown === 'details' && (
        <div className="min-h-0 flex-1">
          <InspectorPane />
        </div>
      )}
    </>
  )
  if (sheet) return <BottomSheet label={t(`beside.${first}`)}>{content}</BottomSheet>
  return <div className="flex h-full flex-col bg-surface">{content}</div>
}

type ChoiceProps = { panes: readonly Pane[]; shown: Pane; onChoose: (pane: Pane) => void }

function Choice({ panes, shown, onChoose }: ChoiceProps) {
  const t = useTranslations('shell')
  return (
    <fieldset className="flex shrink-0 gap-1 border-border border-b px-3">
      <legend className="sr-only">{t('beside.label')}</legend>
      {panes.map((one) => (
        <button
          key={one}
          type="button"
          aria-pressed={shown === one}
          onClick={() => onChoose(one)}
          className={cn(
            '-mb-px h-9 border-transparent border-b-2 px-2 text-soft transition-colors hover:text-text focus-visible:-outline-offset-2',
            shown === one && 'border-primary font-medium text-text',
          )}
        >
          {t(`beside.${one}`)}
        </button>
      ))}
    </fieldset>
  )
}

/** What was looked at last, and what there was then. */
type Shown = { wanted: Pane; panes: readonly Pane[]; asked: number }

/** The pane that is looked at: the one chosen, opened or asked for last. What is selected does not push itself before the others. */
function useShown(panes: readonly Pane[]): [Pane, (pane: Pane) => void] {
  const asked = useAskedFor()
  const [now, setNow] = useState<Shown>({ wanted: 'guide', panes: [], asked })
  let { wanted } = now
  if (panes.join() !== now.panes.join() || asked !== now.asked) {
    const opened = panes.find((pane) => pane !== 'details' && !now.panes.includes(pane))
    wanted = opened ?? (asked === now.asked ? wanted : 'packets')
    setNow({ wanted, panes, asked })
  }
  return [panes.includes(wanted) ? wanted : (panes[0] ?? 'details'), (pane) => setNow({ ...now, wanted: pane })]
}
