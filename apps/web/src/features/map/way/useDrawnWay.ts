import { useMemo } from 'react'
import type { WayOnMap } from '../../packets/onMap.ts'
import type { MapModel } from '../useMapModel.ts'
import type { ShownWay } from './wayLine.ts'
import { wayRoute } from './wayRoute.ts'

/** The way of the packet that is followed as a line through the picture as it is drawn now. */
export function useDrawnWay({ scene, wayNodes }: MapModel, way: WayOnMap | undefined): ShownWay | undefined {
  const route = useMemo(() => wayRoute(scene, wayNodes), [scene, wayNodes])
  const key = useMemo(() => wayNodes.flat().join(' '), [wayNodes])
  const { at, serial } = way ?? {}
  return useMemo(
    () => (serial === undefined || route.points.length === 0 ? undefined : { route, at, serial, key }),
    [route, key, at, serial],
  )
}
