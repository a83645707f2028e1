import { CircleSlash2 } from 'lucide-react'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { Banner } from '../../shell/Banner.tsx'
import { readSetting, writeSetting } from '../../shell/settings.ts'
import { useShownHosts } from '../../shell/useShownHosts.ts'
import { Button } from '../../ui/index.ts'
import { isFault, type Missing, missingSources } from './missing.ts'
import { SourcesDialog } from './SourcesDialog.tsx'

/** Says when an agent cannot read something that it could. Once put away, it comes back only with news. */
export function SourcesBanner() {
  const t = useTranslations('sources')
  const { shown } = useShownHosts()
  const [open, setOpen] = useState(false)
  const [seen, setSeen] = useState(() => readSetting('sources.seen'))
  const missing = missingSources(shown)
  const faults = missing.filter(isFault)
  const state = faults.map((m) => `${m.hostId} ${m.source.name} ${m.reason}`).join('\n')
  if (!faults.length || seen === state) return null
  const putAway = () => {
    writeSetting('sources.seen', state)
    setSeen(state)
  }
  const names = byHost(faults).map(([host, of]) =>
    t('onHost', { host, sources: of.map((m) => t(`name.${m.source.name}`)).join(t('separator')) }),
  )
  return (
    <Banner
      icon={CircleSlash2}
      hue="warn"
      action={
        <>
          <Button small onClick={() => setOpen(true)}>
            {t('details')}
          </Button>
          <Button small look="quiet" className="text-current" onClick={putAway}>
            {t('putAway')}
          </Button>
          <SourcesDialog open={open} onOpenChange={setOpen} />
        </>
      }
    >
      {t('banner', { list: names.join(' ') })}
    </Banner>
  )
}

function byHost(missing: Missing[]): [string, Missing[]][] {
  const out = new Map<string, Missing[]>()
  for (const m of missing) out.set(m.host, [...(out.get(m.host) ?? []), m])
  return [...out]
}
