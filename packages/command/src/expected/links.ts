import { type HostSnapshot, type Link, linkId, recordsOf } from '@hopscope/model'
import { farLink, findLink, findNetns, isBridge, masterOf } from '../find.ts'
import type { linkPlanners } from '../plan/links.ts'
import { Refused } from '../plan.ts'
import type { Drawn, Sketch } from './sketch.ts'
import { dropLink, dropRoutes, plugged, settle, strip, switchLink, unplugged, withFlag } from './wire.ts'

export const expectedLinks: Drawn<keyof typeof linkPlanners> = {
  'link.up': (command, sketch) => switchLink(sketch, find(sketch.now(), command), true),
  'link.down'(command, sketch) {
    const link = find(sketch.now(), command)
    dropRoutes(sketch, link.netns, link.index)
    dropIpv6(sketch, link)
    switchLink(sketch, link, false)
  },
  'link.rename': (command, sketch) => put(sketch, command, (link) => ({ ...link, name: command.to })),
  'link.mtu'(command, sketch) {
    // Below 1280 a link has no IPv6.
    if (command.mtu < 1280) dropIpv6(sketch, find(sketch.now(), command))
    put(sketch, command, (link) => ({ ...link, mtu: command.mtu }))
  },
  'link.mac': (command, sketch) => put(sketch, command, (link) => ({ ...link, address: command.mac })),
  'link.promisc': (command, sketch) =>
    put(sketch, command, (link) => ({
      ...withFlag(link, 'PROMISC', command.on),
      promiscuity: Math.max(0, link.promiscuity + (command.on ? 1 : -1)),
    })),
  'link.move'(command, sketch) {
    const before = sketch.now()
    const link = find(before, command)
    move(sketch, link, findNetns(before, command.to, 'to').id)
  },
  'link.attach'(command, sketch) {
    const before = sketch.now()
    const link = find(before, command)
    const bridge = findLink(before, findNetns(before, command.netns), command.bridge, 'bridge')
    if (!isBridge(bridge)) throw new Refused('NOT_A_BRIDGE', { link: bridge.name }, 'bridge')
    sketch.put('link', plugged(link, bridge))
    settle(sketch, link.id)
  },
  'link.detach'(command, sketch) {
    const before = sketch.now()
    const link = find(before, command)
    const bridge = masterOf(before, link)
    for (const entry of recordsOf(before, 'fdb'))
      if (entry.netns === link.netns && entry.index === link.index) sketch.drop('fdb', entry.id)
    sketch.put('link', unplugged(link))
    if (bridge) settle(sketch, bridge.id)
  },
  'link.delete': (command, sketch) => dropLink(sketch, find(sketch.now(), command)),
}

function find(snapshot: HostSnapshot, { netns, link }: { netns: string; link: string }): Link {
  return findLink(snapshot, findNetns(snapshot, netns), link)
}

function put(sketch: Sketch, at: { netns: string; link: string }, changed: (link: Link) => Link): void {
  sketch.put('link', changed(find(sketch.now(), at)))
}

function dropIpv6(sketch: Sketch, { netns, index }: Link): void {
  for (const one of recordsOf(sketch.now(), 'address'))
    if (one.netns === netns && one.index === index && one.family === 'inet6') sketch.drop('address', one.id)
}

/** In another namespace a link is down and has nothing; the other end of its pair finds it there. */
function move(sketch: Sketch, link: Link, to: string): void {
  const far = link.info.kind === 'veth' ? farLink(sketch.now(), link) : undefined
  strip(sketch, link)
  sketch.drop('link', link.id)
  const index = sketch.freeIndex(to, link.index)
  const { linkNetns, ...rest } = unplugged(link)
  const home = link.iflink === undefined || linkNetns === null ? linkNetns : (linkNetns ?? link.netns)
  const away = home === undefined || home === to ? {} : { linkNetns: home }
  const moved = { ...withFlag(withFlag(rest, 'UP', false), 'LOWER_UP', false), id: linkId(to, index), netns: to, index }
  sketch.put('link', { ...moved, ...away })
  if (far === undefined) return
  const { linkNetns: _, ...end } = far
  sketch.put('link', { ...end, iflink: index, ...(far.netns === to ? {} : { linkNetns: to }) })
  settle(sketch, far.id)
}
