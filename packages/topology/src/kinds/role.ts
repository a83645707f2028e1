import type { Link } from '@hopscope/model'
import type { HostFacts } from '../facts.ts'

const TUNNELS = [
  'gre',
  'gretap',
  'ip6gre',
  'ip6gretap',
  'ipip',
  'sit',
  'ip6tnl',
  'vti',
  'vti6',
  'geneve',
  'erspan',
  'xfrm',
  'l2tp',
]

export const isLoopback = (l: Link): boolean => l.type === 'loopback' || l.flags.includes('LOOPBACK')

export const isBridge = (l: Link): boolean =>
  l.info.kind === 'bridge' || (l.info.kind === 'other' && l.info.name === 'openvswitch')

export const isTunnel = (l: Link): boolean =>
  ['vxlan', 'wireguard', 'tun'].includes(l.info.kind) || (l.info.kind === 'other' && TUNNELS.includes(l.info.name))

/** A child that hangs from its parent link and shares its wire. */
export const isChild = (l: Link): boolean => ['macvlan', 'macvtap', 'ipvlan'].includes(l.info.kind)

export function underBridge(f: HostFacts, l: Link): boolean {
  const master = f.link(l.netns, l.master)
  return master !== undefined && isBridge(master)
}

/** The links of a namespace that are drawn inside its box: all but lo, its switches and their ports. */
export function insideLinks(f: HostFacts, netns: string): readonly Link[] {
  const known = inside.get(f) ?? new Map<string, readonly Link[]>()
  inside.set(f, known)
  const links = known.get(netns) ?? f.linksOf(netns).filter((l) => !isLoopback(l) && !isBridge(l) && !underBridge(f, l))
  known.set(netns, links)
  return links
}

/** Every box is asked for its links more than once. */
const inside = new WeakMap<HostFacts, Map<string, readonly Link[]>>()

/** The link that a macvlan child (or VLAN) stands on, when its namespace can be seen. */
export const lowerLink = (f: HostFacts, l: Link): Link | undefined =>
  l.linkNetns === null ? undefined : f.link(l.linkNetns ?? l.netns, l.iflink)

/** Docker keeps an overlay's switch in a namespace of its own, named `1-` and the start of the network's id. */
export function overlayPrefix(f: HostFacts, netns: string): string | undefined {
  for (const { name, by } of f.netns(netns)?.names ?? []) {
    const found = by === 'docker' ? /^\d+-([0-9a-z]{6,})$/.exec(name) : null
    if (found?.[1] !== undefined) return found[1]
  }
  return undefined
}
