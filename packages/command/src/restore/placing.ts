import type { Place } from '../plan.ts'

/** Where things of a namespace are put back: into itself, or into one that is made again under its name. */
export type Placing = (netns: string) => Place

export const inPlace: Placing = (netns) => netns
