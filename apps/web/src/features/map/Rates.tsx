import type { NodeKind } from '@hopscope/topology'
import { useEffect, useRef } from 'react'
import { useLocale } from 'use-intl'
import { useShownHosts } from '../../shell/useShownHosts.ts'
import { useSamples } from '../../stream/hooks.ts'
import { type Rate, type RateTexts, rateText, rateTexts } from './rates.ts'

type Props = { onRates: (rates: RateTexts) => void }

const NONE: RateTexts = () => undefined

/** Watches the counters of all shown hosts while it is mounted and hands out the rates as texts. Draws nothing itself. */
export function Rates({ onRates }: Props) {
  const { shown } = useShownHosts()
  const all = useRef(new Map<string, RateTexts>())
  useEffect(() => () => onRates(NONE), [onRates])
  const collect = (hostId: string, texts: RateTexts): void => {
    all.current.set(hostId, texts)
    onRates((node) => all.current.get(node.hostId)?.(node))
  }
  return shown.map(({ host }) => <HostRates key={host.id} hostId={host.id} onTexts={collect} />)
}

type HostProps = { hostId: string; onTexts: (hostId: string, texts: RateTexts) => void }

function HostRates({ hostId, onTexts }: HostProps) {
  const locale = useLocale()
  const sampled = useSamples(hostId, 'links')
  // biome-ignore lint/correctness/useExhaustiveDependencies: told once per sample, not per render
  useEffect(() => {
    if (!sampled) return
    const text = (bytes: number, digits: number): string => rateText(bytes, locale, digits)
    // Between a port and its interface there is room for one number only: both ways together.
    const say = ({ rx, tx }: Rate, kind: NodeKind): string =>
      kind === 'port' ? text(rx + tx, 2) : `↓ ${text(rx, 3)}  ↑ ${text(tx, 3)}`
    onTexts(hostId, rateTexts(hostId, sampled, say))
  }, [sampled, locale, hostId])
  return null
}
