import { useEffect, useState } from 'react'
import { useTranslations } from 'use-intl'
import { errorOf } from '../../api/errorOf.ts'
import { useNow } from '../../shell/useNow.ts'

/** The sentence for a refused call; where the hub makes wait, it counts the seconds down and then goes away. */
export function useProblem(error: unknown): { text: string | undefined; waiting: boolean } {
  const t = useTranslations('errors')
  const [until, setUntil] = useState(0)
  const { code, seconds } = error ? errorOf(error) : { code: undefined, seconds: 0 }
  useEffect(() => setUntil(error ? Date.now() + errorOf(error).seconds * 1_000 : 0), [error])
  const now = useNow(1_000, code === 'RATE_LIMITED' && seconds > 0)
  if (!code) return { text: undefined, waiting: false }
  if (code !== 'RATE_LIMITED' || !seconds) return { text: t(code, { seconds: 0 }), waiting: false }
  const left = Math.max(0, Math.ceil((until - now) / 1_000))
  return left
    ? { text: t(code, { seconds: Math.min(left, seconds) }), waiting: true }
    : { text: undefined, waiting: false }
}
