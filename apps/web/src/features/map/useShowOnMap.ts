import type { RecordRef, Topology } from '@hopscope/topology'
import { type RefObject, useEffect, useRef } from 'react'
import { useMapFocus } from '../../shell/mapFocus.ts'
import type { MapController } from './controller.ts'
import { nodeOfRef } from './useMapModel.ts'

/** Brings an object into the middle when another part of the page wishes for it, and a link's object at the start. */
export function useShowOnMapWishes(
  map: RefObject<MapController | null>,
  topology: Topology,
  selection: RecordRef | null,
): void {
  const wish = useMapFocus()
  const done = useRef(0)
  const started = useRef(false)
  useEffect(() => {
    const controller = map.current
    if (!controller) return
    const fresh = wish !== null && wish.serial > done.current
    const id = nodeOfRef(topology, fresh ? wish.ref : started.current ? null : selection)
    started.current = true
    if (id === undefined) return
    if (fresh) done.current = wish.serial
    if (fresh) controller.centreOn(id, { close: true })
    else controller.reveal(id)
  })
}
