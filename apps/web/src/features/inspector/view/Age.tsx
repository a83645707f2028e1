import { useTranslations } from 'use-intl'
import { useLanguage } from '../../../i18n/Language.tsx'
import { useSamples } from '../../../stream/hooks.ts'
import { bytesText } from '../rates.ts'

type Props = { hostId: string; topic: 'conntrack' | 'fdb' | 'neighbours'; id: string }

/** How old an entry is, or how long it has to live: sampled only while this is shown. */
export function Age({ hostId, topic, id }: Props) {
  return (
    <p className="tabular rounded-lg bg-sunken px-3 py-2">
      {topic === 'conntrack' ? <Left hostId={hostId} id={id} /> : <Since hostId={hostId} topic={topic} id={id} />}
    </p>
  )
}

function Left({ hostId, id }: { hostId: string; id: string }) {
  const t = useTranslations('inspector')
  const { locale } = useLanguage()
  const sampled = useSamples(hostId, 'conntrack')
  const entry = sampled?.values[id]
  if (!entry) return t(sampled ? 'unknown.age' : 'counter.waiting')
  const { packets, bytes } = entry
  const left = t('age.left', { seconds: entry.timeout })
  if (packets === undefined || bytes === undefined) return left
  const number = new Intl.NumberFormat(locale).format(packets)
  return `${left} · ${t('counter.packetsBytes', { packets: number, bytes: bytesText(bytes, locale) })}`
}

function Since({ hostId, topic, id }: { hostId: string; topic: 'fdb' | 'neighbours'; id: string }) {
  const t = useTranslations('inspector')
  const sampled = useSamples(hostId, topic)
  const ages = sampled?.values[id]
  if (!ages) return t(sampled ? 'unknown.age' : 'counter.waiting')
  return t('age.since', { used: Math.round(ages.used), updated: Math.round(ages.updated) })
}
