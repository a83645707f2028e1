import type { Change } from '@hopscope/protocol'
import { useEffect, useState } from 'react'
import { stream } from '../../stream/socket.ts'

/** A bound, not a wish: nobody reads more of it in a dialog. */
const MOST = 50

/** The changes of a host that got on since this is shown, each as it is now; the one that got on last comes first. */
export function useNews(hostId: string): readonly Change[] {
  const [news, setNews] = useState<readonly Change[]>([])
  useEffect(() => {
    setNews([])
    return stream.onProgress({
      progress(told) {
        if (told.hostId !== hostId) return
        const { change } = told
        setNews((held) => [change, ...held.filter(({ id }) => id !== change.id)].slice(0, MOST))
      },
      // What was missed is in the history.
      missed: () => undefined,
    })
  }, [hostId])
  return news
}
