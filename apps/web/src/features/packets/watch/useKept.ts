import { useEffect, useState } from 'react'
import { useTranslations } from 'use-intl'
import { keptKey, readKept } from './kept.ts'
import { useWrongText, type Wrong } from './useWrongText.ts'
import { replay, watchedNow } from './watching.ts'

/** Why nothing is shown of what is kept under a name: it is not there or cannot be read, or the browser refuses. */
type Failure = { key: string } & ({ wrong: Wrong } | { error: unknown })

/** Shows the packets that the address names; a text says why they cannot be shown. */
export function useKept(key: string | undefined): string | undefined {
  const t = useTranslations('tracing')
  const wrongText = useWrongText()
  const [failure, setFailure] = useState<Failure>()
  useEffect(() => {
    const now = watchedNow()?.recording
    if (key === undefined || (now && keptKey(now) === key)) return
    let isLeft = false
    readKept(key).then(
      (read) => {
        if (isLeft) return
        if (read === undefined || 'wrong' in read) setFailure({ key, wrong: read })
        else replay(read.recording)
      },
      (error: unknown) => setFailure({ key, error }),
    )
    return () => {
      isLeft = true
    }
  }, [key])
  if (failure === undefined || failure.key !== key) return undefined
  if ('wrong' in failure) return wrongText(failure.wrong, failure.key)
  const { error } = failure
  return t('keptUnread', { why: error instanceof Error ? error.message : String(error) })
}
