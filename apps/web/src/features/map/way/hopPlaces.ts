import { type Hop, type HopKind, type LinkRef, linkId } from '@hopscope/model'
import type { RecordRef } from '@hopscope/topology'

/** A record where a hop takes place; `beyond`: what lies outside behind that link. */
export type HopPlace = { ref: Pick<RecordRef, 'kind' | 'id'>; beyond?: true }

/** Where the packet is at each hop, in the order in which it comes there. What comes in first of all, at a link, comes from beyond it. */
export function placesOf(hops: readonly Hop[]): HopPlace[][] {
  let isFrame = false
  return hops.map((hop, i) => {
    // Where frames on bridges pass iptables, they do so without leaving their bridge.
    if (isFrame && FILTERS.has(hop.kind)) return []
    isFrame = hop.kind === 'veth' || hop.kind === 'macvlan' || (hop.kind === 'bridge' && !hop.toHost)
    const places = placesAt(hop)
    const [link] = places
    // A line begins beyond the link that it comes in at.
    return i === 0 && hop.kind === 'arrive' && link ? [{ ...link, beyond: true }, link] : places
  })
}

const FILTERS = new Set<HopKind>(['chain', 'nat', 'conntrack'])

function placesAt(hop: Hop): HopPlace[] {
  switch (hop.kind) {
    case 'arrive':
    case 'leave':
    case 'neighbour':
    case 'tunnel':
      return [link(hop.link)]
    case 'outside':
      return [link(hop.link), { ...link(hop.link), beyond: true }]
    case 'veth':
    case 'macvlan':
      return [link(hop.from), link(hop.to)]
    case 'bridge': {
      // Out by all ports: then its way is told by the next hop, if there is one.
      const out = hop.outPorts.length === 1 ? hop.outPorts : []
      return [...(hop.inPort ? [hop.inPort] : []), hop.bridge, ...out].map(link)
    }
    case 'resolve':
    case 'send':
    case 'chain':
    case 'nat':
    case 'conntrack':
    case 'route':
    case 'deliver':
      return [{ ref: { kind: 'netns', id: hop.netns } }]
  }
}

const link = ({ netns, index }: LinkRef): HopPlace => ({ ref: { kind: 'link', id: linkId(netns, index) } })
