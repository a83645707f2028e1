import type { Change, ChangeAnswer } from '@hopscope/protocol'
import { useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import { hub, queryClient, trpc } from '../../api/client.ts'
import { useSession } from '../../shell/session.ts'
import { connectAnew, stream } from '../../stream/socket.ts'

/** A change that is undone unless somebody keeps it; `endsAt` in ms since the epoch, as this browser counts. */
export type Waiting = { hostId: string; change: Change; endsAt: number }

/** All such changes that the hub knows of, also after this page had lost it; none for those who may only look. */
export function useUnconfirmed(): Waiting[] {
  const mayChange = useSession()?.user.role !== 'viewer'
  const { data = [], dataUpdatedAt } = useQuery(
    trpc.changes.unconfirmed.queryOptions(undefined, { enabled: mayChange, staleTime: Number.POSITIVE_INFINITY }),
  )
  useEffect(() => {
    if (!mayChange) return
    const isKnown = (id: string) => waiting()?.some(({ change }) => change.id === id)
    return stream.onProgress({
      progress({ change: { id, state } }) {
        if (state === 'unconfirmed' || isKnown(id)) lookAgain()
      },
      missed: lookAgain,
    })
  }, [mayChange])
  return data.map(({ hostId, change }) => ({ hostId, change, endsAt: dataUpdatedAt + (change.revertIn ?? 0) }))
}

const waiting = () => queryClient.getQueryData(trpc.changes.unconfirmed.queryKey())
export const lookAgain = (): void =>
  void queryClient.invalidateQueries({ queryKey: trpc.changes.unconfirmed.queryKey() })

const TRIES = 10
const PAUSE = 500

/** Keeps a change, once this page has reached the hub over a new connection; the agent dials it anew meanwhile. */
export async function keepChange(hostId: string, id: string): Promise<ChangeAnswer> {
  await connectAnew()
  for (let tries = 1; ; tries++) {
    const answer = await hub.changes.confirm.mutate({ hostId, id })
    const isAway = answer.kind === 'denied' && answer.reason.code === 'AGENT_AWAY'
    if (answer.kind === 'change') stream.tellProgress({ hostId, change: answer.change })
    if (!isAway || tries === TRIES) return answer
    await new Promise((resolve) => setTimeout(resolve, PAUSE))
  }
}
