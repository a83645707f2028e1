import type { LinkCounters } from '@hopscope/model'
import type { Sampled } from '../../stream/samplesStore.ts'

export type Rates = { [K in keyof LinkCounters]: number }

/** Per second between two samples; undefined before the second one, or after the counters started anew. */
export function ratesOf(sampled: Sampled<'links'> | undefined, linkId: string): Rates | undefined {
  const now = sampled?.values[linkId]
  const before = sampled?.previous?.values[linkId]
  const seconds = sampled?.previous ? (sampled.at - sampled.previous.at) / 1000 : 0
  if (!now || !before || seconds <= 0) return undefined
  // The keys of a counter record are exactly the counters.
  const keys = Object.keys(now) as (keyof LinkCounters)[]
  const rates = Object.fromEntries(keys.map((k) => [k, (now[k] - before[k]) / seconds])) as Rates
  return keys.some((k) => rates[k] < 0) ? undefined : rates
}

/** Packets per second that a rule took between two samples. */
export function ruleRate(sampled: Sampled<'rules'> | undefined, ruleId: string): number | undefined {
  const now = sampled?.values[ruleId]
  const before = sampled?.previous?.values[ruleId]
  const seconds = sampled?.previous ? (sampled.at - sampled.previous.at) / 1000 : 0
  if (!now || !before || seconds <= 0 || now.packets < before.packets) return undefined
  return (now.packets - before.packets) / seconds
}

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const

/** Bytes in the reader's language: `1.2 MB`; with `perSecond`, `1.2 MB/s`. */
export function bytesText(bytes: number, locale: string, perSecond = false): string {
  const step = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3))
  const unit = perSecond ? `${UNITS[step]}-per-second` : UNITS[step]
  const value = bytes / 1000 ** step
  const maximumFractionDigits = value < 100 && step > 0 ? 1 : 0
  return new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits }).format(
    value,
  )
}
