import { useTranslations } from 'use-intl'
import type { CallError } from '../../api/errorOf.ts'
import { Button, CommandLine } from '../../ui/index.ts'
import { AuthPage } from './AuthPage.tsx'

const titles = { LINK_USED: 'link.usedTitle', LINK_EXPIRED: 'link.expiredTitle' } as const

type Props = { error: CallError; canSignIn: boolean; onSignIn: () => void }

/** A one-time link that no longer opens anything, and how to get one that does. */
export function LinkProblem({ error, canSignIn, onSignIn }: Props) {
  const t = useTranslations('auth')
  const errors = useTranslations('errors')
  const { code, seconds } = error
  const title = code === 'LINK_USED' || code === 'LINK_EXPIRED' ? titles[code] : 'link.invalidTitle'
  // What the title already says needs no second sentence.
  const lead = title === 'link.invalidTitle' ? errors(code, { seconds }) : t('link.fresh')
  return (
    <AuthPage title={t(title)} lead={lead}>
      <CommandLine command="npm start" />
      {canSignIn && (
        <div className="flex flex-col gap-3 border-border border-t pt-6">
          <p className="text-soft">{t('link.haveAccount')}</p>
          <Button onClick={onSignIn} className="h-10">
            {t('link.toLogin')}
          </Button>
        </div>
      )}
    </AuthPage>
  )
}

/** No account yet, and no link was opened. */
export function NeedLink() {
  const t = useTranslations('auth')
  return (
    <AuthPage title={t('link.needTitle')}>
      <div className="flex flex-col gap-3">
        <p className="text-soft">{t('link.need')}</p>
        <CommandLine command="npm start" />
      </div>
    </AuthPage>
  )
}
