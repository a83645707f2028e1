import { PROTOCOL_VERSION } from '@hopscope/protocol'
import { useTranslations } from 'use-intl'
import { Logo } from '../../shell/Logo.tsx'
import { useSession } from '../../shell/session.ts'

/** What this is, and which version. */
export function About() {
  const t = useTranslations('settings')
  const facts = [
    [t('about.version'), useSession()?.version ?? ''],
    [t('about.protocol'), String(PROTOCOL_VERSION)],
    [t('about.hub'), location.host],
    [t('about.license'), 'Apache-2.0'],
  ] as const
  return (
    <div className="flex flex-col gap-5 p-5">
      <div className="flex items-center gap-3">
        <Logo size={40} />
        <div>
          <p className="font-semibold text-md">Hopscope</p>
          <p className="text-soft">{t('about.what')}</p>
        </div>
      </div>
      <dl className="grid grid-cols-[auto_1fr] gap-x-6 gap-y-2">
        {facts.map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-faint">{name}</dt>
            <dd className="font-mono">{value}</dd>
          </div>
        ))}
      </dl>
    </div>
  )
}
