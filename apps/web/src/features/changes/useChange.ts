import { risksOf } from '@hopscope/command'
import { canonicalJson } from '@hopscope/model'
import { type Change, type ChangeAnswer, REVERT_AFTER, revertAfterSchema } from '@hopscope/protocol'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useMemo, useRef, useState } from 'react'
import { queryClient, trpc } from '../../api/client.ts'
import { useSession } from '../../shell/session.ts'
import { useSnapshot } from '../../stream/hooks.ts'
import { type Checked, check, refusedAt } from './model/check.ts'
import { type Draft, onOtherHost, type Values, withValue } from './model/draft.ts'
import { movedSince, type Seen, seenOf } from './model/moved.ts'
import { lookAgain } from './unconfirmed.ts'
import { useNews } from './useNews.ts'

/** One command on its way: its inputs, what they come to, and what came of running it. */
export type Changing = ReturnType<typeof useChange>

export function useChange(draft: Draft, hostId: string) {
  const snapshot = useSnapshot(hostId)
  const user = useSession()?.user
  const news = useNews(hostId)
  const [values, setValues] = useState(draft.values)
  const [tried, setTried] = useState(false)
  const [typed, setTyped] = useState('')
  /** Where it could cut somebody off: after how many seconds it is undone by itself, as it was typed. */
  const [time, setTime] = useState(String(REVERT_AFTER))
  const [answer, setAnswer] = useState<ChangeAnswer>()
  // Nothing is switched off meanwhile, so that the focus stays; a second press does nothing.
  const pending = useRef(false)
  const settled = {
    onSuccess: setAnswer,
    onSettled: () => {
      pending.current = false
      forgetHistory(hostId)
      lookAgain()
    },
  }
  const running = useMutation(trpc.changes.run.mutationOptions(settled))
  const undoing = useMutation(trpc.changes.undo.mutationOptions(settled))
  const live = useMemo(() => snapshot && check(draft, values, snapshot), [draft, values, snapshot])
  // A change that was made makes its own plan impossible; the answer stands until something else is put in.
  const answered = answer?.kind === 'change' ? answer.change : undefined
  const told = news.find(({ id }) => id === answered?.id)
  // The news of its end may be lost, when the agent dials the hub anew right after it.
  const change = answered && (told === undefined || howFar(told) < howFar(answered)) ? answered : told
  const over = change !== undefined && ['done', 'unconfirmed', 'running', 'undoing', 'stuck'].includes(change.state)
  const mayChange = user !== undefined && user.role !== 'viewer'
  const { data: ways } = useQuery(trpc.changes.ways.queryOptions({ hostId }, { enabled: mayChange }))
  const risks = useMemo(
    () => (snapshot && ways && live?.kind === 'planned' ? risksOf(live.command, snapshot, ways) : []),
    [snapshot, ways, live],
  )
  const checked: Checked | undefined = answer?.kind === 'refused' ? refusedAt(draft, answer.refusal) : live
  const confirm = checked?.kind === 'planned' ? checked.plan.confirm : undefined
  const isGuarded = risks.length > 0 && checked?.kind === 'planned' && !checked.plan.final
  const seconds = revertAfterSchema.safeParse(Number(time))
  const shown = useRef<Seen>(undefined)
  const isNew = shown.current?.values !== values || shown.current.hostId !== hostId
  if (isNew && live !== undefined) shown.current = seenOf({ values, hostId, checked: live, news })
  const put = (next: Values) => {
    if (pending.current) return
    shown.current = undefined
    setValues(next)
    setAnswer(undefined)
    running.reset()
  }
  return {
    ...{ draft, hostId, snapshot, values, tried, typed, setTyped, answer, change, over, checked, confirm, risks },
    ...{ time, setTime, isTimeWrong: isGuarded && !seconds.success },
    /** The change that the press of the button began, as far as it is. */
    running: running.isPending ? news.find((one) => isMine(one, live, user?.name)) : undefined,
    /** What others did since this was shown, when it comes to something else now. */
    moved: change || running.isPending || !live ? undefined : movedSince(shown.current, live, news),
    /** Whether only an admin may run it, and this is none. */
    forbidden: confirm !== undefined && user?.role !== 'admin',
    busy: running.isPending ? ('running' as const) : undoing.isPending ? ('undoing' as const) : undefined,
    problem: running.error ?? undoing.error,
    set: (path: string, value: string) => put(withValue(draft, values, path, value)),
    changeHost: () => put(onOtherHost(draft, values)),
    run() {
      if (pending.current || over) return
      if (live?.kind !== 'planned' || (confirm !== undefined && (user?.role !== 'admin' || typed !== confirm)))
        return setTried(true)
      if (isGuarded && !seconds.success) return
      const shown = answer?.kind === 'moved' ? answer.shell : live.shell
      const terms = { ...(confirm !== undefined && { confirm }), ...(isGuarded && { revertAfter: seconds.data }) }
      pending.current = true
      undoing.reset()
      running.mutate({ hostId, command: live.command, shown, ...terms })
    },
    undo() {
      if (change === undefined || pending.current) return
      pending.current = true
      running.reset()
      undoing.mutate({ hostId, id: change.id })
    },
  }
}

/** All other states are ends. */
const ON_THE_WAY: readonly Change['state'][] = ['running', 'unconfirmed', 'undoing']
function howFar({ state }: Change): number {
  const at = ON_THE_WAY.indexOf(state)
  return at < 0 ? ON_THE_WAY.length : at
}

const isMine = (change: Change, live: Checked | undefined, name: string | undefined): boolean =>
  change.state === 'running' &&
  change.by === name &&
  live?.kind === 'planned' &&
  canonicalJson(live.command) === canonicalJson(change.command)

export function forgetHistory(hostId: string): void {
  void queryClient.invalidateQueries({ queryKey: trpc.changes.history.queryKey({ hostId }) })
}
