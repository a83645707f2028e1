import { type HostSnapshot, type Link, type Netns, recordsOf } from '@hopscope/model'
import type { Router, RouterSide } from '@hopscope/protocol'
import { farLink, findNetns, linkNamed } from '../find.ts'
import { phrase } from '../plan/context.ts'
import { Refused } from '../plan.ts'
import type { Aim } from './aim.ts'
import { freeAddress, freeName, freeSubnet, hasLink, partsOf } from './free.ts'
import {
  addressesAt,
  bridgeAims,
  dropsWithinBridges,
  handBridges,
  hasAddress,
  passAim,
  plugAims,
  pluggedInto,
  refOf,
  requireUnused,
  switchesOf,
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
    forwardAim(snapshot, { router: name, found, isV6: left.address.includes(':') }),
    ...left.hosts.map((host) => wayAim(snapshot, { host, from: left, to: right, field: 'left.hosts' })),
    ...right.hosts.map((host) => wayAim(snapshot, { host, from: right, to: left, field: 'right.hosts' })),
    ...(inputs.passes ? [passAim(snapshot)] : []),
  ]
}

/** What this guide would ask for on a host as it is: two segments that somebody made, else new ones. */
export function routerDefaults(snapshot: HostSnapshot): Router {
  const segments = handBridges(snapshot).flatMap((bridge) => segmentOf(snapshot, bridge))
  const [one, two] = apart(segments)
  const taken = new Set<string>()
  const leg = (wanted: string, segment: Known | undefined, name: string): RouterSide => {
    const subnet = segment?.subnet ?? freeSubnet(snapshot, [...taken])
    taken.add(subnet)
    const bridge = segment?.bridge ?? freeName(wanted, hasLink(snapshot))
    return {
      ...{ bridge, name, address: freeAddress(snapshot, subnet), hosts: segment?.hosts ?? [] },
      link: freeName(`r-${bridge}`, hasLink(snapshot)),
    }
  }
  const isTaken = (name: string) =>
    [...recordsOf(snapshot, 'netns').flatMap(({ names }) => names), ...recordsOf(snapshot, 'container')].some(
      (one) => one.name === name,
    )
  return {
    ...{ guide: 'router', router: freeName('router', isTaken) },
    left: leg('seg-left', one, 'eth0'),
    right: leg('seg-right', two, 'eth1'),
    passes: dropsWithinBridges(snapshot),
  }
}

type Known = { bridge: string; subnet: string; hosts: string[]; inside: Set<string> }

/** A bridge with at least one host on it, and their subnet. */
function segmentOf(snapshot: HostSnapshot, bridge: Link): Known[] {
  const hosts = pluggedInto(snapshot, bridge).flatMap((link) =>
    addressesAt(snapshot, link).map(({ local, prefixLength }) => ({
      netns: link.netns,
      subnet: partsOf(`${local}/${prefixLength}`).subnet,
    })),
  )
  const subnet = hosts[0]?.subnet
  if (subnet === undefined) return []
  const inside = new Set(hosts.filter((one) => one.subnet === subnet).map(({ netns }) => netns))
  const refs = [...inside].map((id) => refOf(snapshot, { id })).sort()
  return [{ bridge: bridge.name, subnet, hosts: refs.slice(0, 20), inside }]
}

/** The first two of different subnets; who stands in both knows the way already. */
function apart(segments: readonly Known[]): (Known | undefined)[] {
  const [one] = segments
  const two = segments.find(({ subnet }) => subnet !== one?.subnet)
  if (one === undefined || two === undefined) return [one, two]
  const both = (ref: string) => one.hosts.includes(ref) && two.hosts.includes(ref)
  return [one, two].map((known) => ({ ...known, hosts: known.hosts.filter((ref) => !both(ref)) }))
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

type Forward = { router: string; found: Netns | undefined; isV6: boolean }

function forwardAim(snapshot: HostSnapshot, { router, found, isV6 }: Forward): Aim {
  const switches = found && switchesOf(snapshot, found.id)
  const [key, path] = isV6
    ? (['ipv6_forwarding', 'net.ipv6.conf.all.forwarding'] as const)
    : (['ip_forward', 'net.ipv4.ip_forward'] as const)
  return {
    command: { do: 'sysctl.set', netns: router, key, value: 1 },
    title: phrase('sysctl.set', { key: path, value: 1 }),
    why: phrase('why.forward', { router }),
    done: (isV6 ? switches?.ip6Forwarding : switches?.ipForward) === true,
  }
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
