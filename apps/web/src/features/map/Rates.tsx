import { useEffect, useRef } from 'react'
import { useLocale } from 'use-intl'
import { useShownHosts } from '../../shell/useShownHosts.ts'
import { useSamples } from '../../stream/hooks.ts'
import { rateText, rateTexts } from './rates.ts'
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
    const say = ({ rx, tx }: { rx: number; tx: number }): string =>
      `↓ ${rateText(rx, locale)} ↑ ${rateText(tx, locale)}`
    onTexts(hostId, rateTexts(scene, hostId, sampled, say))
  }, [sampled, scene, locale, hostId])
  return null
}
