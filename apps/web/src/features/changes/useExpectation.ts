import { expectedAfter } from '@hopscope/command'
import type { HostSnapshot } from '@hopscope/model'
import type { Command } from '@hopscope/protocol'
import { useEffect } from 'react'
import { expectOnMap } from './expecting.ts'

/** While a command could be run, the map shows in outline what it would make of the host. */
export function useExpectation(command: Command | undefined, snapshot: HostSnapshot | undefined): void {
  useEffect(() => {
    if (command === undefined || snapshot === undefined) return expectOnMap()
    // Typing comes first: it is drawn before anything of this is.
    const frame = requestAnimationFrame(() => {
      const after = expectedAfter(command, snapshot)
      expectOnMap(after && { before: snapshot, after })
    })
    return () => cancelAnimationFrame(frame)
  }, [command, snapshot])
  useEffect(() => () => expectOnMap(), [])
}
