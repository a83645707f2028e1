import type { Address, Container, DockerNetwork, HostInfo, HostSnapshot, Link, Netns, Sysctl } from '@hopscope/model'
import { recordsOf } from '@hopscope/model'

/** One host's records, indexed the way the map asks for them. Any of them may be missing. */
export type HostFacts = {
  readonly host: HostInfo
  readonly id: string
  readonly root: string
  readonly snapshot: HostSnapshot
  /** Every namespace that any record speaks of, in a stable order. */
  readonly namespaces: string[]
  /** Namespaces that another vantage of the same kernel shows as its own: not drawn here. */
  readonly foreign: ReadonlySet<string>
  netns(id: string): Netns | undefined
  /** Links of all namespaces but veths and devices, of which there are thousands: switches, tunnels, children of others. */
  readonly specialLinks: readonly Link[]
  /** By ifindex. */
  linksOf(netns: string): readonly Link[]
  link(netns: string, index: number | undefined): Link | undefined
  linkByName(netns: string, name: string): Link | undefined
  addressesOf(link: Link): readonly Address[]
  /** Without those that IPv6 gives to every link by itself: they say nothing about it. */
  chosenAddressesOf(link: Link): readonly Address[]
  containersIn(netns: string): readonly Container[]
  sysctl(netns: string): Sysctl | undefined
  readonly containers: readonly Container[]
  readonly networks: readonly DockerNetwork[]
}

/** Indexes of all hosts, in the order of their ids. */
export function factsOf(hosts: readonly HostSnapshot[]): HostFacts[] {
  const sorted = [...hosts].sort((a, b) => compare(a.host.id, b.host.id))
  const plain = sorted.map((h) => hostFacts(h, new Set()))
  return plain.map((f) => {
    const foreign = foreignNamespaces(f, plain)
    return foreign.size === 0 ? f : hostFacts(f.snapshot, foreign)
  })
}

/** Order of strings by code unit: the same everywhere, whatever the locale. */
export const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

function hostFacts(snapshot: HostSnapshot, foreign: ReadonlySet<string>): HostFacts {
  const links = new Map<string, Link[]>()
  for (const l of recordsOf(snapshot, 'link')) push(links, l.netns, l)
  for (const list of links.values()) list.sort((a, b) => a.index - b.index)
  // Asked tens of thousands of times for a large host: no keys are put together for it.
  const byIndex = new Map([...links].map(([id, list]) => [id, new Map(list.map((l) => [l.index, l]))]))
  const addresses = new Map<Link, Address[]>()
  for (const a of recordsOf(snapshot, 'address')) {
    const link = byIndex.get(a.netns)?.get(a.index)
    if (link) push(addresses, link, a)
  }
  // IPv4 first, then as the kernel lists them: the first is the one to show.
  for (const list of addresses.values()) list.sort((a, b) => compare(a.family, b.family) || compare(a.id, b.id))
  const containers = recordsOf(snapshot, 'container').sort((a, b) => compare(a.id, b.id))
  const inside = new Map<string, Container[]>()
  for (const c of containers) if (c.netns !== undefined) push(inside, c.netns, c)
  const netns = new Map(recordsOf(snapshot, 'netns').map((n) => [n.id, n]))
  const sysctls = new Map(recordsOf(snapshot, 'sysctl').map((s) => [s.netns, s]))
  const namespaces = [...new Set([...netns.keys(), ...links.keys(), ...inside.keys()])].sort(byInode)
  return {
    host: snapshot.host,
    id: snapshot.host.id,
    root: snapshot.host.rootNetns,
    snapshot,
    namespaces,
    foreign,
    specialLinks: namespaces.flatMap((id) => links.get(id)?.filter(isSpecial) ?? []),
    netns: (id) => netns.get(id),
    linksOf: (id) => links.get(id) ?? [],
    link: (id, index) => (index === undefined ? undefined : byIndex.get(id)?.get(index)),
    linkByName: (id, name) => links.get(id)?.find((l) => l.name === name),
    addressesOf: (l) => addresses.get(l) ?? [],
    chosenAddressesOf: (l) => (addresses.get(l) ?? []).filter((a) => !isAutomatic(a)),
    containersIn: (id) => inside.get(id) ?? [],
    sysctl: (id) => sysctls.get(id),
    containers,
    networks: recordsOf(snapshot, 'dockerNetwork').sort((a, b) => compare(a.id, b.id)),
  }
}

/**
 * A sandbox's namespaces are seen twice when the machine itself is observed too: by the sandbox's vantage, which knows
 * its containers' names, and by the machine's, to which they are plain processes. The first one draws them.
 */
function foreignNamespaces(f: HostFacts, all: readonly HostFacts[]): Set<string> {
  const foreign = new Set<string>()
  for (const other of all) {
    if (other === f || other.host.bootId !== f.host.bootId) continue
    const inner = other.host.vantage.kind === 'sandbox' && f.host.vantage.kind === 'host'
    for (const id of f.namespaces)
      if (id !== f.root && (id === other.root || (inner && other.namespaces.includes(id)))) foreign.add(id)
  }
  return foreign
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key)
  if (list) list.push(value)
  else map.set(key, [value])
}

const isSpecial = ({ info }: Link): boolean => info.kind !== 'veth' && info.kind !== 'device'

const isAutomatic = (a: Address): boolean => a.family === 'inet6' && a.local.toLowerCase().startsWith('fe80')

/** Order of namespaces, by id. */
export const byInode = (a: string, b: string): number => a.length - b.length || compare(a, b)
