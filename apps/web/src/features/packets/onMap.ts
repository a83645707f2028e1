import type { Hop } from '@hopscope/model'
import { useEffect, useSyncExternalStore } from 'react'
import { type NamedWay, stepsOf } from './model/walk.ts'

/** Hops to be drawn on the map as one line; `at`: the one that is looked at. `serial` grows when another one is to be brought into sight. */
export type WayOnMap = { hostId: string; hops: readonly Hop[]; at: number | undefined; serial: number }

let now: WayOnMap | undefined
let serial = 0
const listeners = new Set<() => void>()

function tell(next: WayOnMap | undefined): void {
  if (now === next) return
  now = next
  for (const listener of listeners) listener()
}

/** The map's side; undefined while no packet is followed. */
export const useShownWay = (): WayOnMap | undefined => useSyncExternalStore(subscribe, read, read)

const read = () => now
const subscribe = (listener: () => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

type Shown = { hostId: string; ways: readonly NamedWay[] | undefined; at: number | undefined }

/** Draws ways on the map while the caller is there, and brings the hop that is looked at into sight. Give the same array while nothing changes. */
export function useWayOnMap({ hostId, ways, at }: Shown): void {
  useEffect(() => {
    if (ways === undefined) return
    const hops = stepsOf(ways).map(({ hop }) => hop)
    if (now?.at !== at) serial++
    tell({ hostId, hops, at, serial })
  }, [hostId, ways, at])
  useEffect(() => () => tell(undefined), [])
}
