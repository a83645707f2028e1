import { type HostSnapshot, type Netns, recordsOf } from '@hopscope/model'
import type { Router, RouterSide } from '@hopscope/protocol'
import { farLink, findNetns, linkNamed } from '../find.ts'
import { phrase } from '../plan/context.ts'
import { Refused } from '../plan.ts'
import type { Aim } from './aim.ts'
import { freeAddress, freeName, freeSubnet, hasLink, partsOf } from './free.ts'
import {
  bridgeAims,
  dropsWithinBridges,
  forwardAim,
  handBridges,
  hasAddress,
  passAim,
  plugAims,
  refOf,
  requireUnused,
  type Segment,
  segmentOf,
  upAim,
} from './segment.ts'

/** Two segments and the router between them, one command at a time. Throws Refused. */
export function router(inputs: Router, snapshot: HostSnapshot): Aim[] {
  const { left, right } = inputs
  requireSense(inputs)
  const found = findRouter(snapshot, inputs.router)
  if (found?.root) throw new Refused('ROUTER_IS_HOST', {}, 'router')
  const name = found ? refOf(snapshot, found) : inputs.router
  const made: Aim = {
    command: { do: 'netns.add', name: inputs.router },
    title: phrase('netns.add', { name: inputs.router }),
    why: phrase('why.router', { router: inputs.router }),
    done: found !== undefined,
    inputs: { name: 'router' },
  }
  const at = (side: 'left' | 'right') => ({ snapshot, router: name, found, side, leg: inputs[side] })
  return [
    made,
    ...legAims(at('left')),
    ...legAims(at('right')),
    forwardAim(snapshot, {
      place: name,
      found,
      isV6: left.address.includes(':'),
      why: phrase('why.forward', { router: name }),
    }),
    ...left.hosts.map((host) => wayAim(snapshot, { host, from: left, to: right, field: 'left.hosts' })),
    ...right.hosts.map((host) => wayAim(snapshot, { host, from: right, to: left, field: 'right.hosts' })),
    ...(inputs.passes ? [passAim(snapshot)] : []),
  ]
}

/** What this guide proposes on a host as it is: between two segments that somebody made, else new ones, unless they are known. */
export function routerDefaults(snapshot: HostSnapshot, known: { left?: string; right?: string } = {}): Router {
  const segments = handBridges(snapshot).flatMap((bridge) => segmentOf(snapshot, bridge) ?? [])
  const named = (name: string | undefined) => segments.find(({ bridge }) => bridge === name)
  const [one, two] = apart(segments.filter(({ bridge }) => !Object.values(known).includes(bridge)))
  const left = known.left === undefined ? one : named(known.left)
  const right = known.right === undefined ? (one === left ? two : one) : named(known.right)
  const given = new Set<string>()
  const leg = (segment: Segment | undefined, bridge: string, name: string): RouterSide => {
    const subnet = segment?.subnet ?? freeSubnet(snapshot, [...given])
    given.add(subnet)
    const hosts = (segment?.hosts ?? []).filter((ref) => !(left?.hosts.includes(ref) && right?.hosts.includes(ref)))
    const link = freeName(`r-${bridge}`, hasLink(snapshot))
    return { bridge, name, address: freeAddress(snapshot, subnet), link, hosts }
  }
  const fresh = (wanted: string) => freeName(wanted, hasLink(snapshot))
  return {
    ...{ guide: 'router', router: freeName('router', isPlace(snapshot)) },
    left: leg(left, known.left ?? left?.bridge ?? fresh('seg-left'), 'eth0'),
    right: leg(right, known.right ?? right?.bridge ?? fresh('seg-right'), 'eth1'),
    passes: dropsWithinBridges(snapshot),
  }
}

/** The first two of different subnets. */
function apart(segments: readonly Segment[]): [Segment | undefined, Segment | undefined] {
  const [one] = segments
  return [one, segments.find(({ subnet }) => subnet !== one?.subnet)]
}

/** Whether a namespace or a container has this name. */
const isPlace = (snapshot: HostSnapshot) => {
  const names = recordsOf(snapshot, 'netns').flatMap((one) => one.names)
  const all = new Set([...names, ...recordsOf(snapshot, 'container')].map(({ name }) => name))
  return (name: string) => all.has(name)
}

type Leg = {
  snapshot: HostSnapshot
  router: string
  found: Netns | undefined
  side: 'left' | 'right'
  leg: RouterSide
}

/** The router's leg in a segment. */
function legAims({ snapshot, router, found, side, leg }: Leg): Aim[] {
  const { bridge, link, name, address } = leg
  const { subnet } = partsOf(address)
  const segment = { snapshot, bridge, link, subnet, at: { bridge: `${side}.bridge`, link: `${side}.link` } }
  const near = linkNamed(snapshot, snapshot.host.rootNetns, link)
  const far = near?.info.kind === 'veth' ? farLink(snapshot, near) : undefined
  const end = found && far?.netns === found.id && far.name === name ? far : undefined
  requireUnused(snapshot, { address: partsOf(address).address, bridge, own: end, field: `${side}.address` })
  return [
    ...bridgeAims(segment),
    {
      command: { do: 'veth.create', netns: 'root', name: link, peer: { netns: router, name } },
      title: phrase('veth.create', { link, peer: name }),
      why: phrase('why.leg', { link, end: name, bridge, router }),
      done: end !== undefined,
      inputs: { name: `${side}.link`, 'peer.name': `${side}.name`, 'peer.netns': 'router' },
    },
    ...plugAims(segment, end && near),
    upAim({ netns: router, name, link: end, why: phrase('why.legUp', { link: name, router }) }),
    {
      command: { do: 'address.add', netns: router, link: name, address },
      title: phrase('address.add', { link: name, address }),
      why: phrase('why.legAddress', { address, subnet, router }),
      done: hasAddress(snapshot, end, address),
      inputs: { address: `${side}.address` },
    },
  ]
}

type Way = { host: string; from: RouterSide; to: RouterSide; field: string }

/** A host of one segment is told the way to the other one. */
function wayAim(snapshot: HostSnapshot, { host, from, to, field }: Way): Aim {
  const netns = findNetns(snapshot, host, field)
  const dst = partsOf(to.address).subnet
  const via = partsOf(from.address).address
  return {
    command: { do: 'route.add', netns: refOf(snapshot, netns), dst, via, table: 254, type: 'unicast' },
    title: phrase('route.add', { dst }),
    why: phrase('why.way', { host, dst, via }),
    done: recordsOf(snapshot, 'route').some(
      (route) => route.netns === netns.id && route.dst === dst && route.table === 254 && route.gateway === via,
    ),
    inputs: { netns: field, via: field, dst: field },
  }
}

/** The namespace or container of that name; undefined where it is yet to be made. */
function findRouter(snapshot: HostSnapshot, ref: string): Netns | undefined {
  const stopped = recordsOf(snapshot, 'container').some(({ name, netns }) => name === ref && netns === undefined)
  if (stopped) throw new Refused('CONTAINER_STOPPED', { container: ref }, 'router')
  try {
    return findNetns(snapshot, ref, 'router')
  } catch (error) {
    if (error instanceof Refused && error.refusal.code === 'NETNS_MISSING') return undefined
    throw error
  }
}

function requireSense({ left, right }: Router): void {
  const same = (['bridge', 'link', 'name', 'address'] as const).find((key) => left[key] === right[key])
  if (same !== undefined) throw new Refused('SAME_TWICE', { what: right[same] }, `right.${same}`)
  for (const [side, { link }] of Object.entries({ left, right })) {
    if (link === left.bridge || link === right.bridge) throw new Refused('SAME_TWICE', { what: link }, `${side}.link`)
  }
  const [one, two] = [partsOf(left.address), partsOf(right.address)]
  if (one.address.includes(':') !== two.address.includes(':')) {
    throw new Refused('FAMILY_MIXED', { a: left.address, b: right.address }, 'right.address')
  }
  if (one.subnet === two.subnet) {
    throw new Refused('SUBNET_TAKEN', { subnet: two.subnet, other: one.subnet, by: left.bridge }, 'right.address')
  }
}
