import type { GuideStep } from '@hopscope/command'
import type { ChangeAnswer } from '@hopscope/protocol'
import { useMutation } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { trpc } from '../../api/client.ts'
import { useSession } from '../../shell/session.ts'
import { forgetHistory } from '../changes/useChange.ts'
import { keepRan, readRan, useRan } from './ran.ts'

export type Running = ReturnType<typeof useRunning>

/** Runs the steps of a guide one by one or all that are left, and undoes what it ran, last first. */
export function useRunning(hostId: string, steps: readonly GuideStep[]) {
  const role = useSession()?.user.role
  const ran = useRan().filter((one) => one.hostId === hostId)
  const [rest, setRest] = useState(false)
  /** The step that was run last. */
  const [last, setLast] = useState<{ at: number; command: string }>()
  const [answered, setAnswered] = useState<{ hostId: string; came: ChangeAnswer }>()
  const [typed, setTyped] = useState('')
  const [tried, setTried] = useState(false)
  // Nothing is switched off meanwhile, so that the focus stays; a second press does nothing.
  const pending = useRef(false)
  const running = useMutation(trpc.changes.run.mutationOptions())
  const undoing = useMutation(trpc.changes.undo.mutationOptions())

  const at = steps.findIndex(({ state }) => state.kind === 'next')
  const next = steps[at]
  const command = next && JSON.stringify(next.command)
  const lastRun = last && steps[last.at]
  // A link on its way from one namespace to another is seen in neither for a moment, and so are steps before it.
  const isAwaited =
    last !== undefined &&
    lastRun?.state.kind !== 'done' &&
    JSON.stringify(lastRun?.command) === last.command &&
    (next === undefined || at <= last.at)
  const confirm = next?.state.kind === 'next' ? next.state.plan.confirm : undefined
  const busy = running.isPending ? ('running' as const) : undoing.isPending ? ('undoing' as const) : undefined

  /** One at a time; a call that fails is told by its mutation. */
  const alone = async (act: () => Promise<boolean>): Promise<void> => {
    if (pending.current) return
    pending.current = true
    setAnswered(undefined)
    running.reset()
    undoing.reset()
    const isWell = await act().catch(() => false)
    pending.current = false
    if (!isWell) setRest(false)
    forgetHistory(hostId)
  }

  const run = async (): Promise<void> => {
    if (next === undefined || command === undefined) return
    if (confirm !== undefined && (role !== 'admin' || typed !== confirm)) {
      setTried(true)
      return setRest(false)
    }
    await alone(async () => {
      const shown = [...next.shell]
      const named = confirm === undefined ? {} : { confirm }
      const came = await running.mutateAsync({ hostId, command: next.command, shown, ...named })
      setAnswered({ hostId, came })
      if (came.kind !== 'change' || came.change.state !== 'done') return false
      keepRan([...readRan(), { hostId, id: came.change.id, command, shell: shown }])
      setLast({ at, command })
      setTyped('')
      setTried(false)
      return true
    })
  }

  const undo = (all: boolean): Promise<void> =>
    alone(async () => {
      setRest(false)
      setLast(undefined)
      for (const { id } of ran.toReversed()) {
        const came = await undoing.mutateAsync({ hostId, id })
        setAnswered({ hostId, came })
        const isGone = came.kind === 'denied' && ['CHANGE_UNDONE', 'CHANGE_MISSING'].includes(came.reason.code)
        if (!isGone && !(came.kind === 'change' && came.change.state === 'undone')) return false
        keepRan(readRan().filter((one) => one.id !== id))
        if (!all) break
      }
      return true
    })

  useEffect(() => {
    // After every change: the step that comes next shows itself once the host has the last one.
    if (lastRun?.state.kind === 'done') setLast(undefined)
    if (!rest || busy !== undefined || pending.current || isAwaited) return
    if (command === undefined) setRest(false)
    else void run()
  })

  return {
    ...{ ran, next, rest, busy, confirm, typed, setTyped, tried, run, undo },
    /** Of this host: another one may have been chosen since. */
    answer: answered?.hostId === hostId ? answered.came : undefined,
    /** The last step was run, and the host does not show it yet. */
    isAwaited,
    forbidden: role === 'viewer' || (confirm !== undefined && role !== 'admin'),
    looksOnly: role === 'viewer',
    problem: running.error ?? undoing.error,
    runRest: () => setRest(true),
    stop: () => setRest(false),
  }
}
