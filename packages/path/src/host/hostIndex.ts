import {
  type Address,
  type Container,
  certainPeer,
  type Fdb,
  type HostSnapshot,
  type Link,
  type Neighbour,
  type PolicyRule,
  type Route,
  recordsOf,
  type Socket,
  type Source,
  type Sysctl,
} from '@hopscope/model'
import { type Prefix, toNumber, toPrefix } from '../ipv4.ts'
import { type Firewall, firewallOf } from './firewall.ts'
import { pushTo } from './pushTo.ts'

export type IndexedAddress = { record: Address; n: number; prefix: Prefix }
export type IndexedRoute = { record: Route; prefix: Prefix }

/** One namespace's tables, IPv4 only. */
export type NetnsIndex = {
  readonly id: string
  readonly links: ReadonlyMap<number, Link>
  readonly addresses: readonly IndexedAddress[]
  /** By table, the longest prefix first. */
  readonly routes: ReadonlyMap<number, readonly IndexedRoute[]>
  /** By priority. */
  readonly policyRules: readonly PolicyRule[]
  readonly neighbours: ReadonlyMap<string, Neighbour>
  readonly sockets: readonly Socket[]
  readonly sysctl: Sysctl | undefined
  firewall(): Firewall
}

export type HostIndex = {
  readonly snapshot: HostSnapshot
  netns(id: string): NetnsIndex | undefined
  link(netns: string, index: number | undefined): Link | undefined
  /** The other end of a veth, when it is certain: it points back. */
  peer(link: Link): Link | undefined
  /** The ports of a bridge. */
  ports(bridge: Link): readonly Link[]
  /** Entries of a bridge's CAM table by MAC address. */
  fdb(bridge: Link): ReadonlyMap<string, readonly Fdb[]>
  /** The macvlan links that stand on a link. */
  macvlans(parent: Link): readonly Link[]
  /** Namespaces that have an address. */
  owners(address: number): ReadonlySet<string>
  containerIn(netns: string): Container | undefined
  source(name: Source['name']): Source | undefined
}

const indexes = new WeakMap<HostSnapshot, HostIndex>()

/** The tables of a snapshot by what a packet looks them up by; made once for each snapshot. */
export function hostIndex(snapshot: HostSnapshot): HostIndex {
  const known = indexes.get(snapshot)
  if (known) return known
  const made = makeIndex(snapshot)
  indexes.set(snapshot, made)
  return made
}

export const neighbourKey = (index: number, address: string): string => `${index} ${address}`

type Draft = {
  id: string
  links: Map<number, Link>
  addresses: IndexedAddress[]
  routes: Map<number, IndexedRoute[]>
  policyRules: PolicyRule[]
  neighbours: Map<string, Neighbour>
  sockets: Socket[]
  sysctl: Sysctl | undefined
  firewall(): Firewall
}

function makeIndex(snapshot: HostSnapshot): HostIndex {
  const spaces = new Map<string, Draft>()
  const ofNetns = (id: string): Draft => {
    const known = spaces.get(id)
    if (known) return known
    const made = emptyDraft(snapshot, id)
    spaces.set(id, made)
    return made
  }
  for (const { id } of recordsOf(snapshot, 'netns')) ofNetns(id)
  fill(snapshot, ofNetns)
  const link = (netns: string, index: number | undefined) =>
    index === undefined ? undefined : spaces.get(netns)?.links.get(index)
  const owners = ownersOf(spaces.values())
  const containers = containersByNetns(snapshot)
  const wires = wiresOf(snapshot, link)
  return {
    snapshot,
    netns: (id) => spaces.get(id),
    link,
    ...wires,
    owners: (address) => owners.get(address) ?? NOBODY,
    containerIn: (netns) => containers.get(netns),
    source: (name) => snapshot.records.source[`source:${name}`],
  }
}

const NOBODY: ReadonlySet<string> = new Set()

function emptyDraft(snapshot: HostSnapshot, id: string): Draft {
  let firewall: Firewall | undefined
  return {
    id,
    links: new Map(),
    addresses: [],
    routes: new Map(),
    policyRules: [],
    neighbours: new Map(),
    sockets: [],
    sysctl: undefined,
    firewall() {
      firewall ??= firewallOf(snapshot, id)
      return firewall
    },
  }
}

function fill(snapshot: HostSnapshot, ofNetns: (id: string) => Draft): void {
  for (const link of recordsOf(snapshot, 'link')) ofNetns(link.netns).links.set(link.index, link)
  for (const record of recordsOf(snapshot, 'address')) {
    const n = toNumber(record.local)
    const prefix = toPrefix(`${record.local}/${record.prefixLength}`)
    if (n !== undefined && prefix) ofNetns(record.netns).addresses.push({ record, n, prefix })
  }
  for (const record of recordsOf(snapshot, 'route')) {
    const prefix = record.family === 'inet' ? toPrefix(record.dst) : undefined
    if (prefix) pushTo(ofNetns(record.netns).routes, record.table, { record, prefix })
  }
  for (const record of recordsOf(snapshot, 'policyRule')) {
    if (record.family === 'inet') ofNetns(record.netns).policyRules.push(record)
  }
  for (const record of recordsOf(snapshot, 'neighbour')) {
    const key = neighbourKey(record.index, record.address)
    if (record.family === 'inet' && !record.proxy) ofNetns(record.netns).neighbours.set(key, record)
  }
  for (const record of recordsOf(snapshot, 'socket')) ofNetns(record.netns).sockets.push(record)
  for (const record of recordsOf(snapshot, 'sysctl')) ofNetns(record.netns).sysctl = record
  for (const { id } of recordsOf(snapshot, 'netns')) {
    const space = ofNetns(id)
    space.policyRules.sort((a, b) => a.priority - b.priority)
    for (const table of space.routes.values()) table.sort(byPrefixAndMetric)
  }
}

const byPrefixAndMetric = (a: IndexedRoute, b: IndexedRoute): number =>
  b.prefix.length - a.prefix.length || (a.record.metric ?? 0) - (b.record.metric ?? 0)

function ownersOf(spaces: Iterable<Draft>): Map<number, Set<string>> {
  const owners = new Map<number, Set<string>>()
  for (const { id, addresses } of spaces) {
    for (const { n } of addresses) {
      const there = owners.get(n)
      if (there) there.add(id)
      else owners.set(n, new Set([id]))
    }
  }
  return owners
}

function containersByNetns(snapshot: HostSnapshot): Map<string, Container> {
  const containers = new Map<string, Container>()
  for (const container of recordsOf(snapshot, 'container')) {
    const { netns, networkMode } = container
    if (netns === undefined || netns === snapshot.host.rootNetns) continue
    // Of those that share a namespace, the one that it was made for.
    if (!networkMode.startsWith('container:') || !containers.has(netns)) containers.set(netns, container)
  }
  return containers
}

function wiresOf(
  snapshot: HostSnapshot,
  link: HostIndex['link'],
): Pick<HostIndex, 'peer' | 'ports' | 'fdb' | 'macvlans'> {
  const ports = new Map<string, Link[]>()
  const macvlans = new Map<string, Link[]>()
  const cam = new Map<string, Map<string, Fdb[]>>()
  for (const l of recordsOf(snapshot, 'link')) {
    const master = link(l.netns, l.master)
    if (master?.info.kind === 'bridge') pushTo(ports, master.id, l)
    const parent =
      l.info.kind === 'macvlan' && l.linkNetns !== null ? link(l.linkNetns ?? l.netns, l.iflink) : undefined
    if (parent) pushTo(macvlans, parent.id, l)
  }
  for (const entry of recordsOf(snapshot, 'fdb')) {
    const bridge = link(entry.netns, entry.master)
    if (!bridge || entry.self) continue
    const table = cam.get(bridge.id) ?? new Map<string, Fdb[]>()
    cam.set(bridge.id, table)
    pushTo(table, entry.mac, entry)
  }
  const empty: ReadonlyMap<string, readonly Fdb[]> = new Map()
  return {
    peer: (l) => certainPeer(l, link),
    ports: (bridge) => ports.get(bridge.id) ?? [],
    fdb: (bridge) => cam.get(bridge.id) ?? empty,
    macvlans: (parent) => macvlans.get(parent.id) ?? [],
  }
}
