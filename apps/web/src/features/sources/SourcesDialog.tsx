import { CircleCheck } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { useShownHosts } from '../../shell/useShownHosts.ts'
import { Badge, CommandLine, Dialog, EmptyState } from '../../ui/index.ts'
import { isFault, type Missing, missingSources } from './missing.ts'

type Props = { open: boolean; onOpenChange: (open: boolean) => void }

/** Per host: which sources cannot be read, why, and how to get them. */
export function SourcesDialog({ open, onOpenChange }: Props) {
  const t = useTranslations('sources')
  const { shown } = useShownHosts()
  const missing = missingSources(shown)
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={t('title')} description={t('lead')}>
      {missing.length === 0 && <EmptyState icon={CircleCheck} title={t('allThere')} />}
      {shown
        .map(({ host }) => ({ host, list: missing.filter((m) => m.hostId === host.id) }))
        .filter(({ list }) => list.length)
        .map(({ host, list }) => (
          <section key={host.id} aria-label={host.name} className="border-border border-b p-5 last:border-b-0">
            <h3 className="mb-3 font-semibold">{host.name}</h3>
            <ul className="flex flex-col gap-4">
              {list.map((m) => (
                <Entry key={m.source.id} missing={m} />
              ))}
            </ul>
          </section>
        ))}
    </Dialog>
  )
}

function Entry({ missing }: { missing: Missing }) {
  const t = useTranslations('sources')
  const { source, reason, command } = missing
  const text = source.omitted === undefined ? t(`reason.${reason}`) : t('omitted', { count: source.omitted })
  return (
    <li className="flex flex-col gap-1.5">
      <p className="flex items-center gap-2">
        <span className="font-medium">{t(`name.${source.name}`)}</span>
        <Badge hue={isFault(missing) ? 'warn' : 'stack'}>{t(`state.${source.state}`)}</Badge>
      </p>
      <p className="text-soft">{text}</p>
      {source.detail && (
        <p lang="en" className="font-mono text-faint text-sm">
          {source.detail}
        </p>
      )}
      {command && <CommandLine command={command} />}
    </li>
  )
}
