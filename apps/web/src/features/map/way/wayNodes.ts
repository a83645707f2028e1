import type { Hop } from '@hopscope/model'
import type { RecordRef, Topology } from '@hopscope/topology'
import { placesOf } from './hopPlaces.ts'

type Host = { hostId: string; nodeOf: (ref: RecordRef) => string | undefined; topology: Topology }

/** The nodes that a packet comes by at each hop, of everything there is: folded or not. */
export function wayNodes(hops: readonly Hop[], { hostId, nodeOf, topology }: Host): string[][] {
  return placesOf(hops).map((places) =>
    places.flatMap(({ ref, beyond }) => {
      const node = nodeOf({ hostId, ...ref })
      return (beyond ? outsideOf(topology, node) : node) ?? []
    }),
  )
}

/** The same for all ways that come by the same places. */
export const wayKey = (hops: readonly Hop[]): string =>
  placesOf(hops)
    .flat()
    .map(({ ref, beyond }) => `${ref.kind} ${ref.id}${beyond ? '+' : ''}`)
    .join(' ')

/** The segment or the other machine outside that a node's cable leads to. */
function outsideOf({ edges, nodes }: Topology, from: string | undefined): string | undefined {
  const outside = new Set(nodes.flatMap(({ id, kind }) => (kind === 'segment' || kind === 'peer' ? [id] : [])))
  for (const { source, target } of edges) {
    if (source === from && outside.has(target)) return target
    if (target === from && outside.has(source)) return source
  }
  return undefined
}
