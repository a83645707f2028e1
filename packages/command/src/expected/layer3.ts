import {
  type Address,
  addressId,
  type HostSnapshot,
  inSubnet,
  type Link,
  type Netns,
  type Route,
  recordsOf,
  routeId,
  type Sysctl,
  sysctlId,
} from '@hopscope/model'
import type { CommandOf } from '@hopscope/protocol'
import { findLink, findNetns } from '../find.ts'
import { secondariesOf } from '../plan/layer3.ts'
import type { Drawn } from './sketch.ts'

type Names = 'address.add' | 'address.delete' | 'route.add' | 'route.delete' | 'route.replaceDefault' | 'sysctl.set'

const MAIN = 254

export const expectedLayer3: Drawn<Names> = {
  'address.add'(command, sketch) {
    sketch.put('address', addressOn(at(sketch.now(), command), command.address))
  },
  'address.delete'(command, sketch) {
    const link = at(sketch.now(), command)
    const address = sketch.now().records.address[addressOn(link, command.address).id]
    if (address === undefined) return
    for (const one of [address, ...secondariesOf(sketch.now(), address)]) sketch.drop('address', one.id)
  },
  'route.add'({ netns, dst, via, link, metric, table, type }, sketch) {
    const place = findNetns(sketch.now(), netns)
    const oif = type === 'unicast' ? wayOut(sketch.now(), { netns: place, via, link }) : undefined
    sketch.put('route', routeOf({ netns: place.id, dst, via, metric, table, type, oif }))
  },
  'route.delete'({ netns, dst, via, table, metric }, sketch) {
    const place = findNetns(sketch.now(), netns).id
    const route = recordsOf(sketch.now(), 'route').find(
      (one) =>
        one.netns === place &&
        one.dst === dst &&
        one.table === table &&
        (via === undefined || one.gateway === via) &&
        (metric === undefined || one.metric === metric),
    )
    if (route) sketch.drop('route', route.id)
  },
  'route.replaceDefault'({ netns, via, link }, sketch) {
    const place = findNetns(sketch.now(), netns)
    const family = via.includes(':') ? 'inet6' : 'inet'
    const [first] = recordsOf(sketch.now(), 'route')
      .filter((one) => one.netns === place.id && one.family === family && one.dst === 'default' && one.table === MAIN)
      .sort((a, b) => (a.metric ?? 0) - (b.metric ?? 0))
    if (first) sketch.drop('route', first.id)
    const oif = wayOut(sketch.now(), { netns: place, via, link })
    const metric = first?.metric
    sketch.put('route', routeOf({ netns: place.id, dst: 'default', via, metric, table: MAIN, type: 'unicast', oif }))
  },
  'sysctl.set'({ netns, key, link, value }, sketch) {
    const id = findNetns(sketch.now(), netns).id
    const switches: Sysctl = sketch.now().records.sysctl[sysctlId(id)] ?? { id: sysctlId(id), netns: id, links: {} }
    // What is set for a single link is not drawn.
    if (link === undefined) sketch.put('sysctl', { ...switches, ...switched(key, value) })
  },
}

function switched(key: CommandOf<'sysctl.set'>['key'], value: number): Partial<Sysctl> {
  const on = value !== 0
  switch (key) {
    case 'ip_forward':
      return { ipForward: on }
    case 'ipv6_forwarding':
      return { ip6Forwarding: on }
    case 'bridge-nf-call-iptables':
      return { bridgeNfCallIptables: on }
    case 'rp_filter':
      return { rpFilterAll: value }
    case 'proxy_arp':
      return {}
  }
}

export function addressOn({ netns, index }: Pick<Link, 'netns' | 'index'>, cidr: string): Address {
  const [local = '', length = ''] = cidr.split('/')
  const prefixLength = Number(length)
  const family = local.includes(':') ? 'inet6' : 'inet'
  const id = addressId({ netns, index, local, prefixLength })
  return { id, netns, index, family, local, prefixLength, scope: 'global', flags: ['permanent'] }
}

function at(snapshot: HostSnapshot, { netns, link }: { netns: string; link: string }): Link {
  return findLink(snapshot, findNetns(snapshot, netns), link)
}

type Way = { netns: Netns; via: string | undefined; link: string | undefined }

/** The ifindex that a route leaves by: its link's, else that of the link in whose subnet its gateway is. */
function wayOut(snapshot: HostSnapshot, { netns, via, link }: Way): number | undefined {
  if (link !== undefined) return findLink(snapshot, netns, link).index
  return recordsOf(snapshot, 'address').find(
    (one) => one.netns === netns.id && via !== undefined && inSubnet(via, one.local, one.prefixLength),
  )?.index
}

type NewRoute = Pick<Route, 'netns' | 'dst' | 'table' | 'type'> & {
  via: string | undefined
  metric: number | undefined
  oif: number | undefined
}

export function routeOf({ via, metric, oif, ...rest }: NewRoute): Route {
  const v6 = rest.dst.includes(':') || via?.includes(':')
  const route: Omit<Route, 'id'> = {
    ...rest,
    family: v6 ? 'inet6' : 'inet',
    protocol: 'boot',
    scope: via === undefined ? 'link' : 'global',
    flags: [],
    ...(via !== undefined && { gateway: via }),
    ...(metric !== undefined && { metric }),
    ...(oif !== undefined && { oif }),
  }
  return { ...route, id: routeId(route) }
}
