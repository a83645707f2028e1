import type { RecordRef } from '@hopscope/topology'
import { useEffect, useRef } from 'react'
import { useMapFocus } from '../../shell/mapFocus.ts'
import type { MapController } from './mapController.ts'

type Input = {
  map: MapController | null
  nodeOf: (ref: RecordRef | null) => string | undefined
  selected: string | undefined
}

/** Brings an object into the middle when another part of the page wishes for it, and what is selected at the start. */
export function useShowOnMap({ map, nodeOf, selected }: Input): void {
  const wish = useMapFocus()
  const done = useRef(0)
  const started = useRef(false)
  // After every change: what is wished for may have to unfold, or to arrive, before it can be gone to.
  useEffect(() => {
    const scene = map?.scene()
    if (!map || !scene) return
    if (!started.current) {
      started.current = true
      if (selected !== undefined) map.reveal(selected)
    }
    if (!wish || wish.serial <= done.current) return
    const id = nodeOf(wish.ref)
    if (id === undefined || !scene.nodes.has(id)) return
    done.current = wish.serial
    map.centreOn(id, { close: true })
  })
}
