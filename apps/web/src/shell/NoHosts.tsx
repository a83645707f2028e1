import { Loader, Server } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { CommandLine, EmptyState } from '../ui/index.ts'

/** Before the first host: how to get one. */
export function NoHosts() {
  const t = useTranslations('shell')
  const agent = `sudo HOPSCOPE_HUB_URL=${location.origin} HOPSCOPE_AGENT_KEY_FILE=agent.key node apps/agent/dist/agent.mjs`
  return (
    <EmptyState icon={Server} title={t('empty.title')}>
      <p className="text-soft">{t('empty.text')}</p>
      <CommandLine command={agent} className="w-full" />
      <p className="text-faint text-sm">{t('empty.keyHint')}</p>
      <div className="mt-4 flex w-full flex-col items-center gap-3 border-border border-t pt-6">
        <p className="text-soft">
          <strong className="font-medium text-text">{t('empty.demoTitle')}</strong> {t('empty.demo')}
        </p>
        <CommandLine command="sudo npm start -- --demo" className="w-full" />
      </div>
    </EmptyState>
  )
}

/** Hosts are known, but none of their snapshots is here yet. */
export function Waiting({ count }: { count: number }) {
  const t = useTranslations('shell')
  return <EmptyState icon={Loader} title={t('empty.loading', { count })} />
}
