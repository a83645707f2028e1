import { Box } from 'lucide-react'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { Banner } from '../../shell/Banner.tsx'
import { readSetting, writeSetting } from '../../shell/settings.ts'
import { useShownHosts } from '../../shell/useShownHosts.ts'
import type { HostEntry } from '../../stream/hostStore.ts'
import { Button, CopyButton } from '../../ui/index.ts'

const COMMAND = 'docker run -d --name web busybox sleep infinity'

/** Where Docker runs but holds no container: how to get one. Stays away once it was put away. */
export function NoContainers() {
  const t = useTranslations('sources')
  const shell = useTranslations('shell')
  const { shown } = useShownHosts()
  const [gone, setGone] = useState(() => readSetting('noContainers') === 'seen')
  if (gone || !hasEmptyDocker(shown)) return null
  const putAway = () => {
    writeSetting('noContainers', 'seen')
    setGone(true)
  }
  return (
    <Banner
      icon={Box}
      hue="stack"
      action={
        <>
          <CopyButton text={COMMAND} label={shell('copy.command', { command: COMMAND })} className="text-current" />
          <Button small look="quiet" className="text-current" onClick={putAway}>
            {t('putAway')}
          </Button>
        </>
      }
    >
      {t('noContainers')} <code className="font-mono text-sm">{COMMAND}</code>
    </Banner>
  )
}

/** All shown snapshots are there, none has a container, and at least one has a Docker engine. */
function hasEmptyDocker(hosts: HostEntry[]): boolean {
  const records = hosts.map((h) => h.snapshot?.records)
  const engine = records.some((r) => r && Object.keys(r.dockerEngine).length > 0)
  return engine && records.every((r) => r && Object.keys(r.container).length === 0)
}
