import type { ToldStory } from '@hopscope/protocol'
import { createSlot, useSlot } from '../../shell/slot.ts'

/** Packets of a host that have just come in. */
export type Passed = { hostId: string; stories: readonly ToldStory[] }
/** Shows that they pass, and returns how many it had no room for. */
type Show = (passed: Passed) => number

const shows = new Set<Show>()

/** The map's side: hears of packets until the returned function is called. */
export function onPassed(show: Show): () => void {
  shows.add(show)
  return () => shows.delete(show)
}

/** Tells of packets that came in; returns how many of them could not be shown passing, of those that were to be. */
export function pass(passed: Passed): number {
  let leftOut = 0
  for (const show of shows) leftOut += show(passed)
  return leftOut
}

const wished = createSlot<Passed | undefined>(undefined)

/** The map's side: packets whose ways are to be brought into sight, until that is done. */
export const useWishedPassed = (): Passed | undefined => useSlot(wished)

/** Wishes to see on the map where packets came by; undefined: it is done. */
export const wishToSee = wished.set
