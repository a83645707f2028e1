import { namerOf } from '@hopscope/path'
import { useMemo, useRef } from 'react'
import { useTranslations } from 'use-intl'
import { useHosts } from '../../../stream/hooks.ts'
import { type OpenPackets, ofOther, useOpenPackets } from '../location.ts'
import type { Telling } from '../model/telling.ts'
import { type NamedWay, stepsOf } from '../model/walk.ts'
import { useWayOnMap } from '../onMap.ts'
import { LineKey } from '../view/LineKey.tsx'
import { Pane } from '../view/Pane.tsx'
import { Ways } from '../view/Ways.tsx'
import { snapshotOf } from './model/recording.ts'
import { useKept } from './useKept.ts'
import { KeepMenu } from './view/KeepMenu.tsx'
import { PacketList } from './view/PacketList.tsx'
import { WatchForm } from './view/WatchForm.tsx'
import { WatchState } from './view/WatchState.tsx'
import { stop, useWatched, type Watched } from './watching.ts'

/** Real packets of a host as they come, each to be stepped through like a predicted one. */
export function WatchPanel({ packets }: { packets: OpenPackets }) {
  const t = useTranslations('tracing')
  const inPackets = useTranslations('packets')
  const [, open] = useOpenPackets()
  const watched = useWatched()
  const body = useRef<HTMLDivElement>(null)
  const telling = useTelling(watched)
  const recording = watched?.recording
  const { packet, hop = 0, kept } = packets
  const trouble = useKept(kept)
  const story = packet === undefined ? undefined : recording?.stories[packet]
  const way = story?.way
  const ways = useMemo<readonly NamedWay[] | undefined>(() => way && [{ name: 'forward', way }], [way])
  const steps = useMemo(() => stepsOf(ways ?? []), [ways])
  const at = steps.length === 0 ? undefined : Math.min(hop, steps.length - 1)
  useWayOnMap({ hostId: telling?.hostId ?? '', ways, at })

  const choose = (next: number) => void open({ ...packets, packet: next, hop: 0 })
  const step = (next: number) => void open({ ...packets, hop: next })
  const close = () => {
    void stop()
    void open(null)
  }
  return (
    <Pane
      packets={packets}
      title={inPackets('title')}
      menu={
        <KeepMenu
          {...{ watched, story, telling }}
          onKept={(key) => void open((now) => now && { ...now, kept: key })}
          onShown={(key) => void open((now) => now && ofOther(now, key))}
        />
      }
      body={body}
      steps={{ at, count: steps.length, step, hasButtons: steps.length > 0 }}
      onClose={close}
    >
      <WatchForm packets={packets} watched={watched} />
      {watched && telling && <WatchState watched={watched} telling={telling} />}
      {recording && telling && recording.stories.length > 0 && (
        <PacketList recording={recording} telling={telling} chosen={packet} onChoose={choose} />
      )}
      {trouble !== undefined && (
        <p role="alert" className="px-4 text-warn">
          {trouble}
        </p>
      )}
      {!recording && <p className="px-4 text-faint">{t('begin')}</p>}
      {recording && recording.stories.length > 0 && !story && <p className="px-4 text-faint">{t('choose')}</p>}
      {story?.partial && <p className="px-4 text-warn">{t('partial')}</p>}
      {ways && <LineKey ways={ways} />}
      {ways && telling && <Ways telling={telling} ways={ways} at={at} onStep={step} />}
    </Pane>
  )
}

/** What packets are told with: their host as it is now, or what was kept of it. */
function useTelling(watched: Watched | undefined): Telling | undefined {
  const hosts = useHosts()
  const { recording, isReplay } = watched ?? {}
  const host = recording?.host
  const live = host && !isReplay ? hosts.get(host.id)?.snapshot : undefined
  const began = recording?.began
  // biome-ignore lint/correctness/useExhaustiveDependencies: of a recording only its packets change
  return useMemo(() => {
    const snapshot = live ?? (recording && snapshotOf(recording))
    return snapshot && { hostId: snapshot.host.id, snapshot, namer: namerOf(snapshot) }
  }, [live, began])
}
