import type { Change } from '@hopscope/protocol'
import { useQueries, useQuery } from '@tanstack/react-query'
import { useEffect, useMemo } from 'react'
import { queryClient, trpc } from '../../api/client.ts'
import { useShownHosts } from '../../shell/useShownHosts.ts'
import { stream } from '../../stream/socket.ts'
import { merged, type PastEntry, withChange } from './model/entries.ts'

export type History = {
  /** Newest first; of the hosts that the page shows, and of those that are gone. */
  entries: PastEntry[]
  pending: boolean
  /** Hosts whose agent does not tell. */
  failed: { host: string; error: unknown }[]
}

/** What was changed on all hosts, kept current while somebody looks. */
export function useHistory(): History {
  const { all, shown, hidden, ids } = useShownHosts()
  useNews()
  const told = useQueries({
    queries: shown.map(({ host, status }) =>
      trpc.changes.history.queryOptions({ hostId: host.id }, { enabled: status === 'live', staleTime: 0 }),
    ),
    combine,
  })
  const past = useQuery(trpc.changes.past.queryOptions(undefined, { staleTime: 0 }))
  const live = all.filter(({ status }) => status === 'live').map(({ host }) => host.id)
  const { refetch } = past
  const lives = live.join()
  // biome-ignore lint/correctness/useExhaustiveDependencies: whose agents are away decides what the hub tells
  useEffect(() => void refetch(), [lives, refetch])
  const entries = useMemo(() => {
    const agents = shown.flatMap(({ host, status }, i) =>
      (told.lists[i] ?? []).map((change) => ({
        host: { id: host.id, name: host.name },
        change,
        away: status !== 'live',
      })),
    )
    const gone = (hostId: string) => !all.some(({ host }) => host.id === hostId)
    const hub = (past.data ?? []).filter(({ host }) => ids.has(host.id) || (hidden === 0 && gone(host.id)))
    return merged(
      agents,
      hub.map((entry) => ({ ...entry, away: true })),
    )
  }, [all, shown, hidden, ids, told.lists, past.data])
  return {
    entries,
    pending: past.isPending || told.pending,
    failed: told.errors.flatMap((error, i) => (error ? [{ host: shown[i]?.host.name ?? '', error }] : [])),
  }
}

/** The same object while nothing of it changes. */
const combine = (results: readonly { data: Change[] | undefined; error: unknown; isLoading: boolean }[]) => ({
  lists: results.map(({ data }) => data),
  errors: results.map(({ error }) => error),
  pending: results.some(({ isLoading }) => isLoading),
})

/** Puts what the hub tells of changes into the histories that are held. */
function useNews(): void {
  useEffect(
    () =>
      stream.onProgress({
        progress({ hostId, change }) {
          const queryKey = trpc.changes.history.queryKey({ hostId })
          queryClient.setQueryData<Change[]>(queryKey, (held) => held && withChange(held, change))
          // An answer that is on its way may be older.
          if (queryClient.isFetching({ queryKey }) > 0) void queryClient.invalidateQueries({ queryKey })
        },
        missed: () => void queryClient.invalidateQueries({ queryKey: trpc.changes.history.queryKey() }),
      }),
    [],
  )
}
