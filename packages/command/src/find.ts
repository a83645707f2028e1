import { type HostSnapshot, type Link, linkId, type Netns, recordsOf } from '@hopscope/model'
import { Refused } from './plan.ts'

/** The namespace that a reference means: `root`, an id, a name of iproute2, a container's name. Throws Refused. */
export function findNetns(snapshot: HostSnapshot, ref: string, field = 'netns'): Netns {
  const { netns } = snapshot.records
  if (ref === 'root') {
    const root = netns[snapshot.host.rootNetns]
    if (root) return root
  }
  const byId = Object.hasOwn(netns, ref) ? netns[ref] : undefined
  if (byId) return byId
  const found = new Map<string, Netns>()
  for (const one of recordsOf(snapshot, 'netns')) {
    if (one.names.some(({ by, name }) => by === 'iproute2' && name === ref)) found.set(one.id, one)
  }
  for (const { name, netns: id } of recordsOf(snapshot, 'container')) {
    const one = id !== undefined && name === ref ? netns[id] : undefined
    if (one) found.set(one.id, one)
  }
  const [first, second] = found.values()
  if (first === undefined) throw new Refused('NETNS_MISSING', { netns: ref }, field)
  if (second) throw new Refused('NETNS_AMBIGUOUS', { netns: ref, id: first.id }, field)
  return first
}

/** What people call a namespace: `root`, its name, its container's, or its id. */
export function netnsName(snapshot: HostSnapshot, id: string): string {
  if (id === snapshot.host.rootNetns) return 'root'
  const named = snapshot.records.netns[id]?.names.find(({ by }) => by === 'iproute2')
  return named?.name ?? recordsOf(snapshot, 'container').find(({ netns }) => netns === id)?.name ?? id
}

export const linkNamed = (snapshot: HostSnapshot, netns: string, name: string): Link | undefined =>
  recordsOf(snapshot, 'link').find((link) => link.netns === netns && link.name === name)

/** A link by its name. Throws Refused. */
export function findLink(snapshot: HostSnapshot, netns: Netns, name: string, field = 'link'): Link {
  const link = linkNamed(snapshot, netns.id, name)
  if (link === undefined) {
    throw new Refused('LINK_MISSING', { link: name, netns: netnsName(snapshot, netns.id) }, field)
  }
  return link
}

/** Throws Refused when a link of that name is there. */
export function requireFreeName(snapshot: HostSnapshot, netns: string, name: string, field = 'name'): void {
  const taken = recordsOf(snapshot, 'link').some(
    (link) => link.netns === netns && (link.name === name || link.altNames.includes(name)),
  )
  if (taken) throw new Refused('NAME_TAKEN', { name, netns: netnsName(snapshot, netns) }, field)
}

/** The other end of a veth pair, or the link that a macvlan or vxlan stands on; undefined when it cannot be seen. */
export function farLink(snapshot: HostSnapshot, link: Link): Link | undefined {
  if (link.iflink === undefined || link.linkNetns === null) return undefined
  return snapshot.records.link[linkId(link.linkNetns ?? link.netns, link.iflink)]
}

export const isBridge = ({ info }: Link): boolean => info.kind === 'bridge'
export const isUp = ({ flags }: Link): boolean => flags.includes('UP')

export const portsOf = (snapshot: HostSnapshot, bridge: Link): Link[] =>
  recordsOf(snapshot, 'link').filter((link) => link.netns === bridge.netns && link.master === bridge.index)

export const masterOf = (snapshot: HostSnapshot, { netns, master }: Link): Link | undefined =>
  master === undefined
    ? undefined
    : recordsOf(snapshot, 'link').find((link) => link.netns === netns && link.index === master)

/** The records of a kind that are of this link. */
export function recordsAt<K extends 'address' | 'neighbour' | 'fdb'>(
  snapshot: HostSnapshot,
  kind: K,
  { netns, index }: Link,
) {
  return recordsOf(snapshot, kind).filter((one) => one.netns === netns && one.index === index)
}
