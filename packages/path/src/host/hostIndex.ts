import {
  type Container,
  certainPeer,
  type Fdb,
  type HostSnapshot,
  type Link,
  recordsOf,
  type Socket,
  type Source,
  type Sysctl,
} from '@hopscope/model'
import { type Family, familyOf, type Ip, toIp } from '../ip.ts'
import { type Firewall, firewallOf } from './firewall.ts'
import { pushTo } from './pushTo.ts'
import { type FamilyRecords, type Tables, tablesOf } from './tables.ts'

/** One namespace's tables. */
export type NetnsIndex = {
  readonly id: string
  readonly links: ReadonlyMap<number, Link>
  readonly sockets: readonly Socket[]
  readonly sysctl: Sysctl | undefined
  tables(family: Family): Tables
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
  owners(address: Ip): ReadonlySet<string>
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

type Draft = {
  id: string
  links: Map<number, Link>
  records: Record<Family, FamilyRecords>
  sockets: Socket[]
  sysctl: Sysctl | undefined
  tables(family: Family): Tables
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
  const owners: Partial<Record<Family, Map<Ip, Set<string>>>> = {}
  const containers = containersByNetns(snapshot)
  const wires = wiresOf(snapshot, link)
  return {
    snapshot,
    netns: (id) => spaces.get(id),
    link,
    ...wires,
    owners: (address) => {
      const family = familyOf(address)
      owners[family] ??= ownersOf(snapshot, family)
      return owners[family].get(address) ?? NOBODY
    },
    containerIn: (netns) => containers.get(netns),
    source: (name) => snapshot.records.source[`source:${name}`],
  }
}

const NOBODY: ReadonlySet<string> = new Set()

function emptyDraft(snapshot: HostSnapshot, id: string): Draft {
  let firewall: Firewall | undefined
  const records = { inet: noRecords(), inet6: noRecords() }
  const tables: Partial<Record<Family, Tables>> = {}
  return {
    id,
    links: new Map(),
    records,
    sockets: [],
    sysctl: undefined,
    tables(family) {
      const made = tables[family] ?? tablesOf(records[family], family)
      tables[family] = made
      return made
    },
    firewall() {
      firewall ??= firewallOf(snapshot, id)
      return firewall
    },
  }
}

function fill(snapshot: HostSnapshot, ofNetns: (id: string) => Draft): void {
  for (const link of recordsOf(snapshot, 'link')) ofNetns(link.netns).links.set(link.index, link)
  const kept = ({ netns, family }: { netns: string; family: Family }) => ofNetns(netns).records[family]
  for (const record of recordsOf(snapshot, 'address')) kept(record).addresses.push(record)
  for (const record of recordsOf(snapshot, 'route')) kept(record).routes.push(record)
  for (const record of recordsOf(snapshot, 'policyRule')) kept(record).policyRules.push(record)
  for (const record of recordsOf(snapshot, 'neighbour')) kept(record).neighbours.push(record)
  for (const record of recordsOf(snapshot, 'socket')) ofNetns(record.netns).sockets.push(record)
  for (const record of recordsOf(snapshot, 'sysctl')) ofNetns(record.netns).sysctl = record
}

const noRecords = (): FamilyRecords => ({ addresses: [], routes: [], policyRules: [], neighbours: [] })

function ownersOf(snapshot: HostSnapshot, family: Family): Map<Ip, Set<string>> {
  const owners = new Map<Ip, Set<string>>()
  for (const { netns, family: own, local } of recordsOf(snapshot, 'address')) {
    const ip = own === family ? toIp(local) : undefined
    if (ip === undefined) continue
    const there = owners.get(ip)
    if (there) there.add(netns)
    else owners.set(ip, new Set([netns]))
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
