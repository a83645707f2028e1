import type { RecordRef } from '@hopscope/topology'
import { useCallback, useSyncExternalStore } from 'react'
import { useSelection, useView } from './location.ts'

/** A wish to see an object on the map; `serial` grows with each, so that the same object can be wished for again. */
export type MapFocus = { ref: RecordRef; serial: number }

let latest: MapFocus | null = null
const listeners = new Set<() => void>()

/** The map's side: the latest wish, null before the first. The map moves there and marks the object. */
export const useMapFocus = (): MapFocus | null => useSyncExternalStore(subscribe, read, read)

/** Everybody else's side: opens the map, selects the object and brings it into view. */
export function useShowOnMap(): (ref: RecordRef) => void {
  const [, setView] = useView()
  const [, select] = useSelection()
  return useCallback(
    (ref) => {
      void setView('map')
      void select(ref)
      latest = { ref, serial: (latest?.serial ?? 0) + 1 }
      for (const tell of listeners) tell()
    },
    [setView, select],
  )
}

const read = () => latest
const subscribe = (listener: () => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
