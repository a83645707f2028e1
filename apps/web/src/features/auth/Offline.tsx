import { useTranslations } from 'use-intl'
import { Button } from '../../ui/index.ts'
import { AuthPage } from './AuthPage.tsx'

/** The hub does not answer; the page asks again every few seconds. */
export function Offline({ onRetry }: { onRetry: () => void }) {
  const t = useTranslations('auth')
  return (
    <AuthPage title={t('offline.title')} lead={t('offline.text')}>
      <Button onClick={onRetry} className="h-10">
        {t('offline.retry')}
      </Button>
    </AuthPage>
  )
}
