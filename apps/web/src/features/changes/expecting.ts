import type { HostSnapshot } from '@hopscope/model'
import { createSlot, useSlot } from '../../shell/slot.ts'

/** A host as it is, and as it will be if the command of the open dialog is run. */
export type Expected = { before: HostSnapshot; after: HostSnapshot }

/** `begun`: the command is being run, or was; what comes of it is on the map itself. */
export type Expectation = Expected | 'begun'

const slot = createSlot<Expectation | undefined>(undefined)

/** Tells the map what to show in outline; nothing any more when left out. */
export const expectOnMap = (expected?: Expectation): void => slot.set(expected)

/** The map's side. */
export const useExpected = (): Expectation | undefined => useSlot(slot)
