import type { Hop } from '@hopscope/model'
import { useEffect, useRef } from 'react'
import { createSlot, useSlot } from '../../shell/slot.ts'
import { directionAt, type NamedWay } from './model/walk.ts'

/** Beside a prediction: what was seen of the same direction, and the hops up to where they differ first. */
export type SeenBeside = { hops: readonly Hop[]; difference?: readonly Hop[] }

/** The hops of one direction, to be drawn on the map as one line; `at`: the one that is looked at, among these. `serial` grows when another one is to be brought into sight. */
export type WayOnMap = {
  hostId: string
  hops: readonly Hop[]
  at: number | undefined
  serial: number
  beside?: SeenBeside
}

const shown = createSlot<WayOnMap | undefined>(undefined)
let serial = 0

/** The map's side; undefined while no packet is followed. */
export const useShownWay = (): WayOnMap | undefined => useSlot(shown)

type Shown = {
  hostId: string
  ways: readonly NamedWay[] | undefined
  at: number | undefined
  beside?: Partial<Record<NamedWay['name'], SeenBeside>> | undefined
}

/** Draws ways on the map while the caller is there, and brings the hop that is looked at into sight. Give the same array while nothing changes. */
export function useWayOnMap({ hostId, ways, at, beside }: Shown): void {
  const last = useRef<number>(undefined)
  useEffect(() => {
    if (ways === undefined) return shown.set(undefined)
    const { name, hops, at: here } = directionAt(ways, at)
    const seen = name && beside?.[name]
    if (last.current !== at) serial++
    last.current = at
    shown.set({ hostId, hops, at: here, serial, ...(seen && { beside: seen }) })
  }, [hostId, ways, at, beside])
  useEffect(() => () => shown.set(undefined), [])
}
