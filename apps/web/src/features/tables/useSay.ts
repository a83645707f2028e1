import { useMemo } from 'react'
import { useTranslations } from 'use-intl'
import { shownArgs } from '../../i18n/shownArgs.ts'
import type { Say } from './model/value.ts'

/** The words of cells in the language in use. */
export function useSay(): Say {
  const t = useTranslations()
  return useMemo<Say>(() => {
    const known = new Map<string, string>()
    return (key, args) => {
      if (args) return t(key, shownArgs(args))
      // Most words have no arguments, and a table asks for the same few a thousand times.
      const text = known.get(key) ?? t(key)
      known.set(key, text)
      return text
    }
  }, [t])
}
