import type { RecordRef } from '@hopscope/topology'
import { useCallback } from 'react'
import { useSelection, useView } from './location.ts'
import { createSlot, useSlot } from './slot.ts'

/** A wish to see an object on the map; `serial` grows with each, so that the same object can be wished for again. */
export type MapFocus = { ref: RecordRef; serial: number }

const latest = createSlot<MapFocus | null>(null)

/** The map's side: the latest wish, null before the first. The map moves there and marks the object. */
export const useMapFocus = (): MapFocus | null => useSlot(latest)

/** Everybody else's side: opens the map, selects the object and brings it into view. */
export function useShowOnMap(): (ref: RecordRef) => void {
  const [, setView] = useView()
  const [, select] = useSelection()
  return useCallback(
    (ref) => {
      void setView('map')
      void select(ref)
      latest.set({ ref, serial: (latest.get()?.serial ?? 0) + 1 })
    },
    [setView, select],
  )
}
