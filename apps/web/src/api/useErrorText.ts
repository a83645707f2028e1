import { useCallback } from 'react'
import { useTranslations } from 'use-intl'
import { errorOf } from './errorOf.ts'

/** Puts a failed call into a sentence that names the next step. */
export function useErrorText(): (e: unknown) => string {
  const t = useTranslations('errors')
  return useCallback(
    (e) => {
      const { code, seconds } = errorOf(e)
      return t(code, { seconds })
    },
    [t],
  )
}
