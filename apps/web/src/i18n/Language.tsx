'use client'
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from 'react'
import { IntlProvider } from 'use-intl'
import { keepLocale, type Locale, startLocale } from './locale.ts'
import { loadMessages, type Messages } from './messages.ts'

type Language = { locale: Locale; setLocale: (l: Locale) => void }
const Context = createContext<Language | null>(null)

/** The language in use and how to change it; the choice is kept on this device. */
export function useLanguage(): Language {
  const language = useContext(Context)
  if (!language) throw new Error('useLanguage is called outside of LanguageProvider')
  return language
}

/** Gives the page its texts. Shows `fallback`, which must hold no text, until the catalogue is there. */
export function LanguageProvider({ fallback, children }: { fallback: ReactNode; children: ReactNode }) {
  const [wanted, setWanted] = useState<Locale>()
  const [held, setHeld] = useState<{ locale: Locale; messages: Messages }>()
  const [broken, setBroken] = useState<unknown>()
  useEffect(() => setWanted(startLocale()), [])
  useEffect(() => {
    if (!wanted) return
    let current = true
    loadMessages(wanted).then(
      (messages) => current && setHeld({ locale: wanted, messages }),
      (e) => setBroken(e),
    )
    return () => {
      current = false
    }
  }, [wanted])
  useEffect(() => {
    if (held) document.documentElement.lang = held.locale
  }, [held])
  const locale = held?.locale
  const setLocale = useCallback((l: Locale) => {
    keepLocale(l)
    setWanted(l)
  }, [])
  const value = useMemo(() => locale && { locale, setLocale }, [locale, setLocale])
  if (broken) throw broken
  if (!held || !value) return fallback
  return (
    <Context.Provider value={value}>
      <IntlProvider locale={held.locale} messages={held.messages} timeZone={zone()}>
        {children}
      </IntlProvider>
    </Context.Provider>
  )
}

const zone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone
