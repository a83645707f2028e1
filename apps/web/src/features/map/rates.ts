import type { LinkCounters } from '@hopscope/model'
import type { NodeKind, RecordRef, TopoNode } from '@hopscope/topology'
import type { Sampled } from '../../stream/samplesStore.ts'

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

/** What is said of a node's rate now; undefined of one that moves nothing, or has no counters. */
export type RateTexts = (node: TopoNode) => string | undefined

/** Rate texts of that host's ports, NICs and tunnels: said when they are asked for, for only a few of many are in sight. */
export function rateTexts(
  hostId: string,
  sampled: Sampled<'links'>,
  say: (rate: Rate, kind: NodeKind) => string,
): RateTexts {
  const said = new Map<TopoNode, string | undefined>()
  return (node) => {
    if (said.has(node)) return said.get(node)
    const link = node.refs.find((r: RecordRef) => r.kind === 'link' && r.hostId === hostId)
    const rate = link && rateOf(sampled, link.id)
    const text = rate && rate.rx + rate.tx >= 1 ? say(rate, node.kind) : undefined
    said.set(node, text)
    return text
  }
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
