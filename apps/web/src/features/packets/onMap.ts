import type { Hop } from '@hopscope/model'
import { useEffect, useRef, useSyncExternalStore } from 'react'
import { directionAt, type NamedWay } from './model/walk.ts'

/** The hops of one direction, to be drawn on the map as one line; `at`: the one that is looked at, among these. `serial` grows when another one is to be brought into sight. */
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
  const last = useRef<number>(undefined)
  useEffect(() => {
    if (ways === undefined) return tell(undefined)
    const { hops, at: here } = directionAt(ways, at)
    if (last.current !== at) serial++
    last.current = at
    tell({ hostId, hops, at: here, serial })
  }, [hostId, ways, at])
  useEffect(() => () => tell(undefined), [])
}
