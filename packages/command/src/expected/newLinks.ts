import type { LinkInfo } from '@hopscope/model'
import { findLink, findNetns } from '../find.ts'
import type { makeLinkPlanners } from '../plan/makeLinks.ts'
import type { Drawn } from './sketch.ts'
import { newLink, putPair } from './wire.ts'

export const expectedNewLinks: Drawn<keyof typeof makeLinkPlanners> = {
  'veth.create'({ netns, name, peer }, sketch) {
    const place = (ref: string) => findNetns(sketch.now(), ref).id
    putPair(sketch, { netns: place(netns), name }, { netns: place(peer.netns), name: peer.name })
  },
  'bridge.create'({ netns, name, stp }, sketch) {
    const place = findNetns(sketch.now(), netns).id
    sketch.put('link', newLink(sketch, { netns: place, name, info: newBridge(stp) }))
  },
  'macvlan.create'({ netns, name, parent, mode }, sketch) {
    const place = findNetns(sketch.now(), netns)
    const { index } = findLink(sketch.now(), place, parent, 'parent')
    sketch.put('link', newLink(sketch, { netns: place.id, name, iflink: index, info: { kind: 'macvlan', mode } }))
  },
  'vxlan.create'({ netns, name, vni, port, parent, local, remote }, sketch) {
    const place = findNetns(sketch.now(), netns)
    const below = parent === undefined ? undefined : findLink(sketch.now(), place, parent, 'parent').index
    const info: LinkInfo = {
      ...{ kind: 'vxlan', vni, port, learning: true },
      ...(local !== undefined && { local }),
      ...(remote !== undefined && { remote }),
      ...(below !== undefined && { underlay: below }),
    }
    const link = { netns: place.id, name, info, ...(below !== undefined && { iflink: below }) }
    sketch.put('link', newLink(sketch, link))
  },
  'dummy.create'({ netns, name }, sketch) {
    const place = findNetns(sketch.now(), netns).id
    sketch.put('link', newLink(sketch, { netns: place, name, info: { kind: 'dummy' } }))
  },
}

/** A bridge with what the kernel starts it with; its id is not known before it is there. */
export const newBridge = (stp = false): LinkInfo => ({
  kind: 'bridge',
  bridgeId: '',
  rootId: '',
  rootPort: 0,
  priority: 32_768,
  stp,
  ageingTime: 300,
  forwardDelay: 15,
  helloTime: 2,
  maxAge: 20,
  vlanFiltering: false,
})
