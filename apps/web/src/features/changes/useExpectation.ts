import { expectedAfter } from '@hopscope/command'
import type { HostSnapshot } from '@hopscope/model'
import type { Command } from '@hopscope/protocol'
import { useEffect } from 'react'
import { expectOnMap } from './expecting.ts'

type Input = { command: Command | undefined; snapshot: HostSnapshot | undefined; begun?: boolean }

/** While a command could be run, the map shows in outline what it would make of the host; once it has begun, what it makes. */
export function useExpectation({ command, snapshot: now, begun = false }: Input): void {
  // To outline it anew with all that it makes would keep the page from drawing that.
  const snapshot = begun ? undefined : now
  useEffect(() => {
    if (begun) return expectOnMap('begun')
    if (command === undefined || snapshot === undefined) return expectOnMap()
    // Typing comes first: it is drawn before anything of this is.
    const frame = requestAnimationFrame(() => {
      const after = expectedAfter(command, snapshot)
      expectOnMap(after && { before: snapshot, after })
    })
    return () => cancelAnimationFrame(frame)
  }, [command, snapshot, begun])
  useEffect(() => () => expectOnMap(), [])
}
