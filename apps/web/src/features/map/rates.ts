import type { LinkCounters } from '@hopscope/model'
import type { NodeKind, RecordRef } from '@hopscope/topology'
import type { Sampled } from '../../stream/samplesStore.ts'
import type { Scene } from './scene.ts'

export type Rate = { rx: number; tx: number }

/** Bytes per second of a link between two samples; undefined before the second one, or after its counters restarted. */
export function rateOf(sampled: Sampled<'links'>, linkId: string): Rate | undefined {
  const now = sampled.values[linkId]
  const before = sampled.previous?.values[linkId]
  const seconds = sampled.previous ? (sampled.at - sampled.previous.at) / 1000 : 0
  if (!now || !before || seconds <= 0) return undefined
  const per = (key: keyof LinkCounters): number => (now[key] - before[key]) / seconds
  const rate = { rx: per('rxBytes'), tx: per('txBytes') }
  return rate.rx < 0 || rate.tx < 0 ? undefined : rate
}

/** Rate texts by node id, for every drawn port, NIC and tunnel of that host that moves anything. */
export function rateTexts(
  scene: Scene,
  hostId: string,
  sampled: Sampled<'links'>,
  say: (rate: Rate, kind: NodeKind) => string,
): Map<string, string> {
  const texts = new Map<string, string>()
  for (const { node } of scene.nodes.values()) {
    if (node.kind !== 'port' && node.kind !== 'nic' && node.kind !== 'tunnel') continue
    const link = node.refs.find((r: RecordRef) => r.kind === 'link' && r.hostId === hostId)
    const rate = link && rateOf(sampled, link.id)
    if (rate && rate.rx + rate.tx >= 1) texts.set(node.id, say(rate, node.kind))
  }
  return texts
}

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const

/** Bytes per second in the reader's language, to so many digits: `1.2 kB/s`. */
export function rateText(bytesPerSecond: number, locale: string, digits = 3): string {
  const step = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytesPerSecond)) / 3)))
  return formatOf(locale, step, digits).format(bytesPerSecond / 1000 ** step)
}

const formats = new Map<string, Intl.NumberFormat>()

/** Making a format costs many times what using it does. */
function formatOf(locale: string, step: number, digits: number): Intl.NumberFormat {
  const key = `${locale} ${step} ${digits}`
  let format = formats.get(key)
  if (!format) {
    const unit = `${UNITS[step]}-per-second`
    format = new Intl.NumberFormat(locale, {
      style: 'unit',
      unit,
      unitDisplay: 'narrow',
      maximumSignificantDigits: digits,
    })
    formats.set(key, format)
  }
  return format
}
