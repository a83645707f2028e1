import {
  type Attachment,
  type Container,
  type DockerNetwork,
  type HostSnapshot,
  type Link,
  linkId,
  recordsOf,
} from '@hopscope/model'
import { linkNamed } from '../find.ts'
import { addressOn, routeOf } from './layer3.ts'
import type { Sketch } from './sketch.ts'
import { dropLink, newLink, plugged, putPair, settle, switchLink } from './wire.ts'

/** A name that Docker makes of an id, before there is one. */
export const UNKNOWN = '…'

type Wanted = { address?: string | undefined; aliases?: readonly string[] | undefined; mac?: string | undefined }

export const attachmentTo = ({ networkId, name }: DockerNetwork, { address, aliases, mac }: Wanted): Attachment => ({
  ...{ networkId, network: name, aliases: [...(aliases ?? [])], links: [] },
  ...(address !== undefined && (address.includes(':') ? { ip6: address } : { ip: address })),
  ...(mac !== undefined && { mac }),
})

/** The links that Docker makes when a container with this namespace comes onto a network. */
export function plugIn(
  sketch: Sketch,
  { netns, network, at }: { netns: string; network: DockerNetwork; at: Attachment },
): void {
  const before = sketch.now()
  const { rootNetns } = before.host
  const inner = { netns, name: nextEth(before, netns), index: sketch.freeIndex(netns) }
  const mac = at.mac === undefined ? {} : { address: at.mac }
  const parent = network.parent === undefined ? undefined : linkNamed(before, rootNetns, network.parent)
  const bridge = network.bridge === undefined ? undefined : linkNamed(before, rootNetns, network.bridge)
  if (parent && network.driver !== 'bridge') {
    const info = network.driver === 'ipvlan' ? ({ kind: 'ipvlan', mode: 'l2' } as const) : MACVLAN
    sketch.put('link', newLink(sketch, { ...inner, ...mac, info, iflink: parent.index, linkNetns: rootNetns }))
  } else {
    const outer = { netns: rootNetns, name: `veth${UNKNOWN}`, index: sketch.freeIndex(rootNetns) }
    putPair(sketch, outer, { ...inner, ...mac })
    const port = linkAt(sketch, outer)
    if (port) switchOn(sketch, bridge ? plugged(port, bridge) : port)
  }
  const link = linkAt(sketch, inner)
  if (!link) return
  switchOn(sketch, link)
  settle(sketch, link.id)
  addressInside(sketch, { link, network, at })
}

const MACVLAN = { kind: 'macvlan', mode: 'bridge' } as const

/** What Docker made is not marked as ours. */
function switchOn(sketch: Sketch, { alias: _, ...link }: Link): void {
  switchLink(sketch, link, true)
}

const linkAt = (sketch: Sketch, { netns, index }: Pick<Link, 'netns' | 'index'>): Link | undefined =>
  sketch.now().records.link[linkId(netns, index)]

/** An address that was asked for; Docker chooses the others. The first network has the way out. */
function addressInside(
  sketch: Sketch,
  { link, network, at }: { link: Link; network: DockerNetwork; at: Attachment },
): void {
  for (const local of [at.ip, at.ip6]) {
    const pool = network.ipam.find(({ subnet }) => subnet?.includes(':') === local?.includes(':'))
    const length = pool?.subnet?.split('/')[1]
    if (local !== undefined && length !== undefined) sketch.put('address', addressOn(link, `${local}/${length}`))
  }
  const routes = recordsOf(sketch.now(), 'route').some(({ netns, dst }) => netns === link.netns && dst === 'default')
  const via = network.ipam[0]?.gateway
  if (routes || network.internal || via === undefined) return
  const way = {
    netns: link.netns,
    dst: 'default',
    via,
    metric: undefined,
    table: 254,
    type: 'unicast',
    oif: link.index,
  }
  sketch.put('route', routeOf(way))
}

function nextEth(snapshot: HostSnapshot, netns: string): string {
  const taken = new Set(recordsOf(snapshot, 'link').flatMap((one) => (one.netns === netns ? [one.name] : [])))
  for (let n = 0; ; n++) if (!taken.has(`eth${n}`)) return `eth${n}`
}

/** Takes the links away by which a container is on a network. */
export function plugOut(sketch: Sketch, container: Container, at: Attachment): void {
  const now = sketch.now()
  const link = recordsOf(now, 'link').find(
    (one) =>
      one.netns === container.netns &&
      (at.mac === undefined
        ? recordsOf(now, 'address').some((a) => a.netns === one.netns && a.index === one.index && a.local === at.ip)
        : one.address === at.mac),
  )
  if (link) dropLink(sketch, link)
}
