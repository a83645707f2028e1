import type { HostSnapshot } from '@hopscope/model'
import { useSyncExternalStore } from 'react'

/** A host as it is, and as it will be if the command of the open dialog is run. */
export type Expected = { before: HostSnapshot; after: HostSnapshot }

/** `begun`: the command is being run, or was; what comes of it is on the map itself. */
export type Expectation = Expected | 'begun'

let now: Expectation | undefined
const listeners = new Set<() => void>()

/** Tells the map what to show in outline; nothing any more when left out. */
export function expectOnMap(expected?: Expectation): void {
  if (now === expected) return
  now = expected
  for (const tell of listeners) tell()
}

/** The map's side. */
export const useExpected = (): Expectation | undefined => useSyncExternalStore(subscribe, read, read)

const read = () => now
const subscribe = (listener: () => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
