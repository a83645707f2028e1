import type { NodeKind } from '@hopscope/topology'
import { useEffect, useRef } from 'react'
import { useLocale } from 'use-intl'
import { useShownHosts } from '../../shell/useShownHosts.ts'
import { useSamples } from '../../stream/hooks.ts'
import { type Rate, rateText, rateTexts } from './rates.ts'
import type { Scene } from './scene.ts'

type Props = { scene: Scene; onRates: (rates: ReadonlyMap<string, string>) => void }

/** Watches the counters of all shown hosts while it is mounted and hands out the rates as texts. Draws nothing itself. */
export function Rates({ scene, onRates }: Props) {
  const { shown } = useShownHosts()
  const all = useRef(new Map<string, ReadonlyMap<string, string>>())
  useEffect(() => () => onRates(new Map()), [onRates])
  const collect = (hostId: string, texts: ReadonlyMap<string, string>): void => {
    all.current.set(hostId, texts)
    onRates(new Map([...all.current.values()].flatMap((m) => [...m])))
  }
  return shown.map(({ host }) => <HostRates key={host.id} hostId={host.id} scene={scene} onTexts={collect} />)
}

type HostProps = { hostId: string; scene: Scene; onTexts: (hostId: string, texts: ReadonlyMap<string, string>) => void }

function HostRates({ hostId, scene, onTexts }: HostProps) {
  const locale = useLocale()
  const sampled = useSamples(hostId, 'links')
  // biome-ignore lint/correctness/useExhaustiveDependencies: told once per sample or scene, not per render
  useEffect(() => {
    if (!sampled) return
    const text = (bytes: number, digits: number): string => rateText(bytes, locale, digits)
    // Between a port and its interface there is room for one number only: both ways together.
    const say = ({ rx, tx }: Rate, kind: NodeKind): string =>
      kind === 'port' ? text(rx + tx, 2) : `↓ ${text(rx, 3)}  ↑ ${text(tx, 3)}`
    onTexts(hostId, rateTexts(scene, hostId, sampled, say))
  }, [sampled, scene, locale, hostId])
  return null
}
