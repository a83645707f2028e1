import { type HostSnapshot, type Link, type Netns, recordsOf, sysctlId } from '@hopscope/model'
import { farLink, findNetns, isBridge, isUp, linkNamed, netnsName, portsOf } from '../find.ts'
import { phrase } from '../plan/context.ts'
import { type Phrase, Refused } from '../plan.ts'
import { overlap } from '../subnet.ts'
import type { Aim } from './aim.ts'
import { partsOf } from './free.ts'

type Plugged = {
  snapshot: HostSnapshot
  bridge: string
  /** The cable's end on the host. */
  link: string
  /** Where the guide's inputs of these two stand. */
  at: { bridge: string; link: string }
  subnet: string
}

/** A bridge that is there and on. */
export function bridgeAims({ snapshot, bridge, at, subnet }: Plugged): Aim[] {
  const root = snapshot.host.rootNetns
  const found = linkNamed(snapshot, root, bridge)
  const there = found !== undefined && isBridge(found)
  return [
    {
      command: { do: 'bridge.create', netns: 'root', name: bridge },
      title: phrase('bridge.create', { link: bridge }),
      why: phrase('why.bridge', { bridge, subnet }),
      done: there,
      inputs: { name: at.bridge },
    },
    upAim({
      netns: 'root',
      name: bridge,
      link: there ? found : undefined,
      why: phrase('why.bridgeUp', { bridge }),
    }),
  ]
}

/** The host's end of a cable, plugged in and on. */
export function plugAims({ snapshot, bridge, link, at }: Plugged, end: Link | undefined): Aim[] {
  const into = linkNamed(snapshot, snapshot.host.rootNetns, bridge)
  return [
    {
      command: { do: 'link.attach', netns: 'root', link, bridge },
      title: phrase('link.attach', { link, bridge }),
      why: phrase('why.attach', { link, bridge }),
      done: end !== undefined && into !== undefined && end.master === into.index,
      inputs: { bridge: at.bridge, link: at.link },
    },
    upAim({ netns: 'root', name: link, link: end, why: phrase('why.linkUp', { link, bridge }) }),
  ]
}

type Up = { netns: string; name: string; link: Link | undefined; why: Phrase }

export function upAim({ netns, name, link, why }: Up): Aim {
  const title = phrase('link.up', { link: name })
  return { command: { do: 'link.up', netns, link: name }, title, why, done: link !== undefined && isUp(link) }
}

/** Frames within a bridge pass, where the host would hand them to its firewall. */
export function passAim(snapshot: HostSnapshot): Aim {
  const key = 'bridge-nf-call-iptables'
  return {
    command: { do: 'sysctl.set', netns: 'root', key, value: 0 },
    title: phrase('sysctl.set', { key: `net.bridge.${key}`, value: 0 }),
    why: phrase('why.passes', {}),
    done: !switchesOf(snapshot, snapshot.host.rootNetns)?.bridgeNfCallIptables,
  }
}

type Forward = {
  /** How commands name the namespace; `found` once it is there. */
  place: string
  found: Pick<Netns, 'id'> | undefined
  isV6: boolean
  why: Phrase
}

/** A namespace passes on what is for others. */
export function forwardAim(snapshot: HostSnapshot, { place, found, isV6, why }: Forward): Aim {
  const switches = found && switchesOf(snapshot, found.id)
  const [key, path] = isV6
    ? (['ipv6_forwarding', 'net.ipv6.conf.all.forwarding'] as const)
    : (['ip_forward', 'net.ipv4.ip_forward'] as const)
  return {
    command: { do: 'sysctl.set', netns: place, key, value: 1 },
    title: phrase('sysctl.set', { key: path, value: 1 }),
    why,
    done: (isV6 ? switches?.ip6Forwarding : switches?.ipForward) === true,
  }
}

const switchesOf = (snapshot: HostSnapshot, netns: string) => snapshot.records.sysctl[sysctlId(netns)]

/** Whether the host drops what goes from one port of a bridge of nobody's to another. */
export const dropsWithinBridges = (snapshot: HostSnapshot): boolean =>
  dropsForwarded(snapshot) && switchesOf(snapshot, snapshot.host.rootNetns)?.bridgeNfCallIptables === true

/** Whether the host drops what it passes on unless a rule lets it through, as with Docker. */
export const dropsForwarded = (snapshot: HostSnapshot): boolean =>
  recordsOf(snapshot, 'fwChain').some(
    ({ netns, hook, policy, type }) =>
      netns === snapshot.host.rootNetns && type === 'filter' && hook === 'forward' && policy === 'drop',
  )

export const isDockers = (snapshot: HostSnapshot, bridge: string): boolean =>
  recordsOf(snapshot, 'dockerNetwork').some((one) => one.bridge === bridge)

/** Bridges of the host that somebody made by hand. */
export const handBridges = (snapshot: HostSnapshot): Link[] =>
  recordsOf(snapshot, 'link')
    .filter((link) => link.netns === snapshot.host.rootNetns && isBridge(link) && !isDockers(snapshot, link.name))
    .sort((a, b) => (a.name < b.name ? -1 : 1))

/** Links of other namespaces that a cable joins to a bridge. */
export const pluggedInto = (snapshot: HostSnapshot, bridge: Link): Link[] =>
  portsOf(snapshot, bridge).flatMap((port) => {
    const far = port.info.kind === 'veth' ? farLink(snapshot, port) : undefined
    return far && far.netns !== bridge.netns ? [far] : []
  })

/** A bridge with hosts on it: their subnet, and how commands name their namespaces. */
export type Segment = { bridge: string; subnet: string; hosts: string[] }

/** What stands at a bridge; undefined where nobody there has an address. */
export function segmentOf(snapshot: HostSnapshot, bridge: Link): Segment | undefined {
  const hosts = pluggedInto(snapshot, bridge).flatMap((link) =>
    addressesAt(snapshot, link).map(({ local, prefixLength }) => ({
      netns: link.netns,
      subnet: partsOf(`${local}/${prefixLength}`).subnet,
    })),
  )
  const subnet = hosts[0]?.subnet
  if (subnet === undefined) return undefined
  const inside = new Set(hosts.filter((one) => one.subnet === subnet).map(({ netns }) => netns))
  const refs = [...inside].map((id) => refOf(snapshot, { id })).sort()
  return { bridge: bridge.name, subnet, hosts: refs.slice(0, 20) }
}

/** IPv4 addresses of a link, with their prefix length. */
export const addressesAt = (snapshot: HostSnapshot, { netns, index }: Link) =>
  recordsOf(snapshot, 'address').filter(
    (one) => one.netns === netns && one.index === index && one.family === 'inet' && one.prefixLength < 31,
  )

export function hasAddress(snapshot: HostSnapshot, link: Link | undefined, cidr: string): boolean {
  const { address, prefixLength } = partsOf(cidr)
  return recordsOf(snapshot, 'address').some(
    (one) =>
      one.netns === link?.netns &&
      one.index === link.index &&
      one.local === address &&
      one.prefixLength === prefixLength,
  )
}

/** How commands name a namespace: as people call it, unless several are called so. */
export function refOf(snapshot: HostSnapshot, { id }: Pick<Netns, 'id'>): string {
  const name = netnsName(snapshot, id)
  try {
    return findNetns(snapshot, name).id === id ? name : id
  } catch (error) {
    if (error instanceof Refused) return id
    throw error
  }
}

/** Throws Refused when somebody on this bridge has the address already, other than the link that is to have it. */
export function requireUnused(
  snapshot: HostSnapshot,
  wish: { address: string; bridge: string; own: Link | undefined; field: string },
): void {
  const bridge = linkNamed(snapshot, snapshot.host.rootNetns, wish.bridge)
  if (bridge === undefined) return
  const others = [bridge, ...pluggedInto(snapshot, bridge)].filter(({ id }) => id !== wish.own?.id)
  const owner = others.find(({ netns, index }) =>
    recordsOf(snapshot, 'address').some(
      (one) => one.netns === netns && one.index === index && one.local === wish.address,
    ),
  )
  if (owner === undefined) return
  const params = { address: wish.address, owner: netnsName(snapshot, owner.netns), link: owner.name }
  throw new Refused('ADDRESS_IN_USE', params, wish.field)
}

/** Throws Refused when a subnet lies over one that the host knows elsewhere than on this bridge. */
export function requireApart(snapshot: HostSnapshot, subnet: string, bridge: string, field: string): void {
  const root = snapshot.host.rootNetns
  const own = linkNamed(snapshot, root, bridge)
  const taken = recordsOf(snapshot, 'address').find(
    (one) => one.netns === root && one.index !== own?.index && overlap(`${one.local}/${one.prefixLength}`, subnet),
  )
  if (taken === undefined) return
  const by = recordsOf(snapshot, 'link').find(({ netns, index }) => netns === root && index === taken.index)?.name ?? ''
  throw new Refused(
    'SUBNET_TAKEN',
    { subnet, other: partsOf(`${taken.local}/${taken.prefixLength}`).subnet, by },
    field,
  )
}
