import { useCallback } from 'react'
import { hub } from '../api/client.ts'
import { useLanguage } from '../i18n/Language.tsx'
import type { Locale } from '../i18n/locale.ts'
import { type Theme, useTheme } from '../theme/theme.ts'
import { useSession } from './session.ts'

/** Language and theme. Changing one applies at once, on this device and, when signed in, for the account. */
export function useChoices() {
  const { locale, setLocale } = useLanguage()
  const { theme, setTheme } = useTheme()
  const signedIn = useSession() !== null
  const keep = useCallback(
    (prefs: { locale?: Locale; theme?: Theme }) => {
      if (!signedIn) return
      hub.prefs.set.mutate(prefs).catch((e) => console.warn('The hub did not keep the setting:', e))
    },
    [signedIn],
  )
  return {
    locale,
    theme,
    chooseLocale: (l: Locale) => {
      setLocale(l)
      keep({ locale: l })
    },
    chooseTheme: (t: Theme) => {
      setTheme(t)
      keep({ theme: t })
    },
  }
}
