import type { Hop } from '@hopscope/model'
import { useMemo } from 'react'
import type { WayOnMap } from '../../packets/onMap.ts'
import type { MapModel } from '../useMapModel.ts'
import type { ShownWay } from './wayLine.ts'
import { wayRoute } from './wayRoute.ts'

/** The way of the packet that is followed as a line through the picture as it is drawn now, and what was seen of it beside it. */
export function useDrawnWay({ scene, wayNodes }: MapModel, way: WayOnMap | undefined): ShownWay | undefined {
  const routes = useMemo(
    () => ({
      way: wayRoute(scene, wayNodes.way),
      beside: wayRoute(scene, wayNodes.beside),
      difference: wayRoute(scene, wayNodes.difference).points.at(-1),
    }),
    [scene, wayNodes],
  )
  const key = useMemo(() => wayNodes.way.flat().join(' '), [wayNodes])
  const solid = useSolid(way?.hops)
  const besideSolid = useSolid(way?.beside?.hops)
  const { at, serial } = way ?? {}
  return useMemo(() => {
    const { way: route, beside, difference } = routes
    if (serial === undefined || route.points.length === 0) return undefined
    return {
      ...{ route, solid, at, serial, key },
      ...(beside.points.length > 0 && { beside: { route: beside, solid: besideSolid } }),
      ...(difference && { difference }),
    }
  }, [routes, solid, besideSolid, key, at, serial])
}

/** Which hops the kernel told of; the same array while that is the same. */
function useSolid(hops: readonly Hop[] = []): readonly boolean[] {
  const told = hops.map(({ basis }) => (basis === 'observed' ? 1 : 0)).join('')
  return useMemo(() => [...told].map((one) => one === '1'), [told])
}
