import { type Container, type HostSnapshot, inSubnet, type Link, recordsOf } from '@hopscope/model'
import type { Handmade } from '@hopscope/protocol'
import { farLink, findNetns, linkNamed } from '../find.ts'
import { phrase } from '../plan/context.ts'
import { findContainer } from '../plan/docker.ts'
import { Refused } from '../plan.ts'
import type { Aim } from './aim.ts'
import { freeAddress, freeName, freeSubnet, hasLink, partsOf } from './free.ts'
import { outsideAims } from './outside.ts'
import {
  addressesAt,
  bridgeAims,
  dropsWithinBridges,
  handBridges,
  hasAddress,
  isDockers,
  passAim,
  plugAims,
  refOf,
  requireApart,
  requireUnused,
  segmentOf,
  upAim,
} from './segment.ts'

/** What Docker does for a container's network, one command at a time. Throws Refused. */
export function handmade(inputs: Handmade, snapshot: HostSnapshot): Aim[] {
  const { bridge, link, peer, name, gateway, address } = inputs
  const { prefixLength, subnet } = partsOf(address)
  const { inside, container } = findInside(snapshot, inputs.container)
  const root = snapshot.host.rootNetns
  const { near, far, inIt } = cable(snapshot, inputs, inside.id)
  requireSense(snapshot, inputs, inIt)
  const into = refOf(snapshot, inside)
  const onBridge = `${gateway}/${prefixLength}`
  const segment = { snapshot, bridge, link, subnet, at: { bridge: 'bridge', link: 'link' } }
  const own = linkNamed(snapshot, root, bridge)
  const end = inIt?.name === name ? inIt : undefined
  const gatewayAim: Aim = {
    command: { do: 'address.add', netns: 'root', link: bridge, address: onBridge },
    title: phrase('address.add', { link: bridge, address: onBridge }),
    why: phrase('why.gateway', { bridge, gateway, subnet }),
    done: hasAddress(snapshot, own, onBridge),
    inputs: { address: 'gateway' },
  }
  return [
    ...bridgeAims(segment),
    ...(inputs.gatewayHere ? [gatewayAim] : []),
    {
      command: { do: 'veth.create', netns: 'root', name: link, peer: { netns: 'root', name: peer } },
      title: phrase('veth.create', { link, peer }),
      why: phrase('why.veth', { link, peer, container }),
      done: far !== undefined,
      inputs: { name: 'link', 'peer.name': 'peer' },
    },
    ...plugAims(segment, far && near),
    {
      command: { do: 'link.move', netns: 'root', link: peer, to: into },
      title: phrase('link.move', { link: peer, to: into }),
      why: phrase('why.move', { link: peer, container }),
      done: inIt !== undefined,
      inputs: { link: 'peer', to: 'peer' },
    },
    {
      command: { do: 'link.rename', netns: into, link: peer, to: name },
      title: phrase('link.rename', { link: peer, to: name }),
      why: phrase('why.rename', { link: peer, to: name }),
      done: end !== undefined,
      inputs: { to: 'name' },
    },
    upAim({ netns: into, name, link: end, why: phrase('why.endUp', { link: name, peer: link }) }),
    {
      command: { do: 'address.add', netns: into, link: name, address },
      title: phrase('address.add', { link: name, address }),
      why: phrase('why.address', { link: name, subnet, container }),
      done: hasAddress(snapshot, end, address),
      inputs: { address: 'address' },
    },
    {
      command: { do: 'route.add', netns: into, dst: 'default', via: gateway, table: 254, type: 'unicast' },
      title: phrase('route.add', { dst: 'default' }),
      why: phrase('why.default', { gateway, subnet, container }),
      done: recordsOf(snapshot, 'route').some(
        (route) =>
          route.netns === inside.id && route.dst === 'default' && route.table === 254 && route.gateway === gateway,
      ),
      inputs: { via: 'gateway' },
    },
    ...(inputs.passes ? [passAim(snapshot)] : []),
    ...(inputs.outside ? outsideAims(snapshot, { container, bridge, subnet, gateway }) : []),
  ]
}

/** What this guide proposes on a host as it is: for the first container that lacks a network, at a bridge that has an address, unless they are known. */
export function handmadeDefaults(
  snapshot: HostSnapshot,
  known: { container?: string; bridge?: string } = {},
): Handmade {
  const container = known.container ?? firstAlone(snapshot)?.name ?? ''
  const bridge = known.bridge ?? addressed(snapshot)?.name ?? freeName('br-hand', hasLink(snapshot))
  const gateway = gatewayAt(snapshot, bridge)
  const { address, subnet } = partsOf(gateway)
  return {
    ...{ guide: 'handmade', container, bridge, gateway: address, gatewayHere: true, name: 'eth0' },
    address: freeAddress(snapshot, subnet, { not: [address], fromEnd: isDockers(snapshot, bridge) }),
    link: freeName(`veth-${container}`, hasLink(snapshot)),
    peer: freeName(`end-${container}`, hasLink(snapshot)),
    outside: false,
    passes: dropsWithinBridges(snapshot) && !isDockers(snapshot, bridge),
  }
}

const addressed = (snapshot: HostSnapshot): Link | undefined =>
  handBridges(snapshot).find((bridge) => addressesAt(snapshot, bridge).length > 0)

/** The address that a bridge has or could have, with its prefix length. */
function gatewayAt(snapshot: HostSnapshot, name: string): string {
  const bridge = linkNamed(snapshot, snapshot.host.rootNetns, name)
  const own = bridge && addressesAt(snapshot, bridge)[0]
  if (own) return `${own.local}/${own.prefixLength}`
  return freeAddress(snapshot, (bridge && segmentOf(snapshot, bridge)?.subnet) ?? freeSubnet(snapshot))
}

/** Containers that this guide is for. */
export const withoutNetwork = (snapshot: HostSnapshot): Container[] =>
  recordsOf(snapshot, 'container').filter(({ networkMode, netns }) => networkMode === 'none' && netns !== undefined)

/** The first that has nothing but its loopback. */
function firstAlone(snapshot: HostSnapshot): Container | undefined {
  const all = withoutNetwork(snapshot)
  const links = recordsOf(snapshot, 'link')
  return all.find((one) => !links.some(({ netns, type }) => netns === one.netns && type !== 'loopback')) ?? all[0]
}

function findInside(snapshot: HostSnapshot, ref: string) {
  const { name, networkMode, netns } = findContainer(snapshot, ref)
  if (netns === undefined) throw new Refused('CONTAINER_STOPPED', { container: name }, 'container')
  if (networkMode !== 'none') throw new Refused('NETWORK_GIVEN', { container: name, mode: networkMode }, 'container')
  return { container: name, inside: findNetns(snapshot, netns, 'container') }
}

/** The pair as far as it is there: the host's end, the other one wherever it is, and that one once it is in the container. */
function cable(
  snapshot: HostSnapshot,
  { link, peer }: Handmade,
  inside: string,
): { near?: Link | undefined; far?: Link | undefined; inIt?: Link | undefined } {
  const root = snapshot.host.rootNetns
  const near = linkNamed(snapshot, root, link)
  const far = near?.info.kind === 'veth' ? farLink(snapshot, near) : undefined
  if (far?.netns === inside) return { near, far, inIt: far }
  // A cable of that name which leads elsewhere is somebody else's.
  return far?.netns === root && far.name === peer ? { near, far } : {}
}

function requireSense(snapshot: HostSnapshot, inputs: Handmade, own: Link | undefined): void {
  const { bridge, link, peer, gateway, gatewayHere, outside } = inputs
  const { address, prefixLength, subnet } = partsOf(inputs.address)
  if (link === peer || link === bridge) throw new Refused('SAME_TWICE', { what: link }, 'link')
  if (peer === bridge) throw new Refused('SAME_TWICE', { what: peer }, 'peer')
  if (address === gateway) throw new Refused('SAME_TWICE', { what: gateway }, 'gateway')
  if (outside && !gatewayHere) throw new Refused('GATEWAY_ELSEWHERE', { gateway }, 'outside')
  if (!inSubnet(gateway, address, prefixLength)) {
    throw new Refused('OUTSIDE_SUBNET', { what: gateway, subnet }, 'gateway')
  }
  requireUnused(snapshot, { address, bridge, own, field: 'address' })
  if (gatewayHere) requireApart(snapshot, subnet, bridge, 'address')
}
