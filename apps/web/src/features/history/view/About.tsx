import { visible } from '@hopscope/model'
import { Server } from 'lucide-react'
import { useLanguage } from '../../../i18n/Language.tsx'

type Props = { host: string; parts: readonly string[]; milliseconds: number | undefined }

/** Where, who and when, and how long it took: one faint line. */
export function About({ host, parts, milliseconds }: Props) {
  const { locale } = useLanguage()
  const all = milliseconds === undefined ? parts : [...parts, durationText(milliseconds, locale)]
  return (
    <span className="tabular flex min-w-0 flex-wrap items-center gap-x-1.5 text-faint text-sm">
      <span className="flex min-w-0 items-center gap-1 after:ml-0.5 after:content-['·']">
        <Server size={12} aria-hidden className="shrink-0" />
        <span className="truncate">{visible(host)}</span>
      </span>
      {all.map((part) => (
        <span
          key={part}
          className="min-w-0 after:ml-1.5 after:content-['·'] last:after:content-none [overflow-wrap:anywhere]"
        >
          {part}
        </span>
      ))}
    </span>
  )
}

/** 320 ms, 1.2 s: as short as it is exact enough. */
function durationText(milliseconds: number, locale: string): string {
  const [value, unit, digits] =
    milliseconds < 1000 ? ([milliseconds, 'millisecond', 0] as const) : ([milliseconds / 1000, 'second', 1] as const)
  return new Intl.NumberFormat(locale, {
    style: 'unit',
    unit,
    unitDisplay: 'short',
    maximumFractionDigits: digits,
  }).format(value)
}
