import { useEffect, useMemo } from 'react'
import { askWhoIsSignedIn, hub } from '../../api/client.ts'
import { useLanguage } from '../../i18n/Language.tsx'
import { Shell } from '../../shell/Shell.tsx'
import { type Session, SessionContext } from '../../shell/session.ts'
import { connect } from '../../stream/socket.ts'
import { useTheme } from '../../theme/theme.ts'

type Props = Pick<Session, 'user' | 'insecureBind' | 'version'>

/** The page with its stream open. A refused stream asks whether the session still holds. */
export function SignedIn({ user, insecureBind, version }: Props) {
  useEffect(() => connect(askWhoIsSignedIn), [])
  useAccountChoices()
  const session = useMemo(() => ({ user, insecureBind, version, end }), [user, insecureBind, version])
  return (
    <SessionContext.Provider value={session}>
      <Shell />
    </SessionContext.Provider>
  )
}

/** Signs out and starts the page anew: nothing of what was seen stays in memory. */
function end(): void {
  hub.auth.logout.mutate().then(
    () => location.reload(),
    (e) => {
      console.error('Signing out failed:', e)
      askWhoIsSignedIn()
    },
  )
}

/** Language and theme that the account chose elsewhere win over this device's. */
function useAccountChoices(): void {
  const { setLocale } = useLanguage()
  const { setTheme } = useTheme()
  // biome-ignore lint/correctness/useExhaustiveDependencies: once per sign-in; later choices are made here
  useEffect(() => {
    hub.prefs.get.query().then(
      ({ locale, theme }) => {
        if (locale) setLocale(locale)
        if (theme) setTheme(theme)
      },
      (e) => console.warn('The hub did not say which settings the account has:', e),
    )
  }, [])
}
