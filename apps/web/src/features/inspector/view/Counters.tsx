import type { Link, LinkCounters } from '@hopscope/model'
import { ArrowDown, ArrowUp, type LucideIcon } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { useLanguage } from '../../../i18n/Language.tsx'
import { useSamples } from '../../../stream/hooks.ts'
import { cn, Skeleton } from '../../../ui/index.ts'
import { bytesText, ratesOf } from '../rates.ts'

const LINES = [
  ['bytes', 'rxBytes', 'txBytes'],
  ['packets', 'rxPackets', 'txPackets'],
  ['errors', 'rxErrors', 'txErrors'],
  ['dropped', 'rxDropped', 'txDropped'],
  ['overruns', 'rxOverruns', 'txOverruns'],
] as const satisfies readonly (readonly [string, keyof LinkCounters, keyof LinkCounters])[]

/** What went through an interface since it exists, and how fast it goes now. Sampled only while this is shown. */
export function Counters({ hostId, link }: { hostId: string; link: Link }) {
  const t = useTranslations('inspector')
  const { locale } = useLanguage()
  const sampled = useSamples(hostId, 'links')
  const counters = sampled?.values[link.id]
  const rates = ratesOf(sampled, link.id)
  const number = new Intl.NumberFormat(locale)
  const show = (key: keyof LinkCounters, line: string) =>
    counters && (line === 'bytes' ? bytesText(counters[key], locale) : number.format(counters[key]))
  return (
    <div className="flex flex-col gap-3">
      <div className="grid grid-cols-2 gap-2">
        <Rate icon={ArrowDown} label={t('counter.rx')} rate={rates?.rxBytes} packets={rates?.rxPackets} />
        <Rate icon={ArrowUp} label={t('counter.tx')} rate={rates?.txBytes} packets={rates?.txPackets} />
      </div>
      {sampled && !counters ? (
        <p className="text-faint italic">{t('unknown.counters')}</p>
      ) : (
        <table className="w-full">
          <thead>
            <tr className="text-soft text-sm">
              <td />
              <th scope="col" className="pb-1 text-right font-medium">
                {t('counter.rx')}
              </th>
              <th scope="col" className="pb-1 text-right font-medium">
                {t('counter.tx')}
              </th>
            </tr>
          </thead>
          <tbody>
            {LINES.map(([line, rx, tx]) => (
              <tr key={line}>
                <th scope="row" className="py-0.5 text-left font-normal text-soft">
                  {t(`counter.${line}`)}
                </th>
                {([rx, tx] as const).map((key) => (
                  <td key={key} className="tabular w-1/3 py-0.5 text-right font-mono text-sm">
                    {counters ? (
                      <span className={cn(isBad(line) && counters[key] > 0 && 'text-danger')}>{show(key, line)}</span>
                    ) : (
                      <Skeleton className="ml-auto h-4 w-14" />
                    )}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  )
}

type RateProps = { icon: LucideIcon; label: string; rate: number | undefined; packets: number | undefined }

function Rate({ icon: Icon, label, rate, packets }: RateProps) {
  const t = useTranslations('inspector')
  const { locale } = useLanguage()
  const pps =
    packets === undefined ? undefined : new Intl.NumberFormat(locale, { maximumFractionDigits: 0 }).format(packets)
  return (
    <div className="rounded-lg bg-sunken px-3 py-2">
      <p className="flex items-center gap-1 text-soft text-sm">
        <Icon size={12} aria-hidden />
        {label}
      </p>
      <p className="tabular font-medium text-md">{rate === undefined ? '–' : bytesText(rate, locale, true)}</p>
      <p className="tabular text-soft text-sm">
        {pps === undefined ? t('counter.waiting') : t('counter.pps', { pps })}
      </p>
    </div>
  )
}

const isBad = (line: string): boolean => line === 'errors' || line === 'dropped' || line === 'overruns'
