import type { Hop } from '@hopscope/model'
import { isLost } from '@hopscope/trace'
import { useEffect, useMemo } from 'react'
import { onPassed, type Passed, useWishedPassed, wishToSee } from '../../packets/passed.ts'
import type { MapController } from '../mapController.ts'
import type { MapModel } from '../useMapModel.ts'
import { wayKey, wayNodes } from '../way/wayNodes.ts'
import type { PassingPacket } from './passing.ts'

/** Packets of one message came one after the other, and run so: at most as many milliseconds apart. */
const SPREAD = 1_000

/** Lets each packet that is traced for this page run along its way on the map, while the map is there, and goes where they run when that is wished for. */
export function usePassing(map: MapController | null, { whole, nodeOf, blockOf }: MapModel): void {
  const find = useMemo(() => nodesOf({ whole, nodeOf, blockOf }), [whole, nodeOf, blockOf])
  useEffect(() => (map ? onPassed((passed) => map.pass(packetsOf(passed, find))) : undefined), [map, find])
  const wished = useWishedPassed()
  useEffect(() => {
    if (!map?.scene() || !wished) return
    const { hostId, stories } = wished
    map.showAll(new Set(stories.flatMap(({ way }) => find(way.hops, hostId))))
    wishToSee(undefined)
  }, [map, find, wished])
}

type Nodes = (hops: readonly Hop[], hostId: string) => string[]

function packetsOf({ hostId, stories }: Passed, nodes: Nodes): PassingPacket[] {
  const first = Math.min(...stories.map(({ at }) => at))
  return stories.map((story) => ({
    nodes: nodes(story.way.hops, hostId),
    isLost: isLost(story),
    after: Math.min(SPREAD, story.at - first),
  }))
}

/** The nodes of a way, or the blocks that they are folded into: a packet that only passes by opens none. */
function nodesOf({ whole, nodeOf, blockOf }: Pick<MapModel, 'whole' | 'nodeOf' | 'blockOf'>): Nodes {
  const known = new Map<string, string[]>()
  return (hops, hostId) => {
    const key = `${hostId} ${wayKey(hops)}`
    const found = known.get(key)
    if (found) return found
    const nodes = wayNodes(hops, { hostId, nodeOf, topology: whole }).flat()
    const drawn = nodes.map((id) => blockOf.get(id) ?? id)
    known.set(key, drawn)
    return drawn
  }
}
