import { expectedAfter } from '@hopscope/command'
import { useEffect } from 'react'
import { expectOnMap } from './expecting.ts'
import type { Changing } from './useChange.ts'

/** While a command could be run, the map shows in outline what it would make of the host. */
export function useExpectation({ checked, snapshot, change }: Changing): void {
  const plan = change === undefined && checked?.kind === 'planned' ? checked : undefined
  useEffect(() => {
    if (plan === undefined || snapshot === undefined) return expectOnMap()
    // Typing comes first: it is drawn before anything of this is.
    const frame = requestAnimationFrame(() => {
      const after = expectedAfter(plan.command, snapshot)
      expectOnMap(after && { before: snapshot, after })
    })
    return () => cancelAnimationFrame(frame)
  }, [plan, snapshot])
  useEffect(() => () => expectOnMap(), [])
}
