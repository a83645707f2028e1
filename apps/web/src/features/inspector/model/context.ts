import {
  type AnyRecord,
  type HostSnapshot,
  type Link,
  linkId,
  type RecordKind,
  type RecordOf,
  recordsOf,
} from '@hopscope/model'
import { indexRefs, type NodeKind, type NodeOf, type RecordRef, type Topology, type TopoNode } from '@hopscope/topology'
import { grouped } from './grouped.ts'
import type { Value } from './page.ts'

/** All that is known, with the look-ups that every page asks for. */
export type Context = {
  readonly snapshots: ReadonlyMap<string, HostSnapshot>
  readonly topology: Topology
  readonly mainNode: ReadonlyMap<string, TopoNode>
  readonly anyNode: ReadonlyMap<string, TopoNode>
  /** The node that stands for a record, or for what it belongs to. */
  readonly nodeOf: NodeOf
  /** Either end of a veth pair → the other. */
  readonly peers: ReadonlyMap<string, RecordRef>
}
/** The same, seen from one host. */
export type Scope = Context & { readonly hostId: string; readonly snapshot: HostSnapshot }

export function contextOf(snapshots: readonly HostSnapshot[], topology: Topology): Context {
  const mainNode = new Map<string, TopoNode>()
  const anyNode = new Map<string, TopoNode>()
  const peers = new Map<string, RecordRef>()
  for (const node of topology.nodes) {
    const [main] = node.refs
    if (main && !mainNode.has(refKey(main))) mainNode.set(refKey(main), node)
    for (const ref of node.refs) if (!anyNode.has(refKey(ref))) anyNode.set(refKey(ref), node)
  }
  for (const edge of topology.edges) {
    const [a, b] = edge.refs
    if (edge.kind === 'veth' && a && b) peers.set(refKey(a), b).set(refKey(b), a)
  }
  const nodeOf = indexRefs(topology, snapshots)
  return { snapshots: new Map(snapshots.map((s) => [s.host.id, s])), topology, mainNode, anyNode, nodeOf, peers }
}

/** The context as seen from a host; undefined while its snapshot is not there. */
export function scopeOf(context: Context, hostId: string): Scope | undefined {
  const snapshot = context.snapshots.get(hostId)
  return snapshot && { ...context, hostId, snapshot }
}

export const refKey = (r: RecordRef): string => `${r.hostId} ${r.kind} ${r.id}`
export const refTo = (s: Scope, kind: RecordKind, record: AnyRecord): RecordRef => ({
  hostId: s.hostId,
  kind,
  id: record.id,
})

export const linkAt = (s: Scope, netns: string, index: number | undefined): Link | undefined =>
  index === undefined ? undefined : s.snapshot.records.link[linkId(netns, index)]

/** The interfaces of a namespace, in the order of their numbers. */
export const linksIn = (s: Scope, netns: string): Link[] => inNetns(s, 'link', netns).sort((a, b) => a.index - b.index)

type InNetns =
  | 'link'
  | 'address'
  | 'route'
  | 'policyRule'
  | 'neighbour'
  | 'fdb'
  | 'socket'
  | 'conntrack'
  | 'fwChain'
  | 'fwRule'

/** The records of a kind that are in a namespace. */
export function inNetns<K extends InNetns>(s: Scope, kind: K, netns: string): RecordOf<K>[] {
  return [...(grouped(s.snapshot, kind, { name: 'netns', keyOf: (r) => r.netns }).get(netns) ?? [])]
}

/** What a namespace is called on the map: its host, its containers, its name, a process of it, or its number. */
export function placeName(s: Scope, netns: string): string {
  if (netns === s.snapshot.host.rootNetns) return s.snapshot.host.name
  const node = s.anyNode.get(refKey({ hostId: s.hostId, kind: 'netns', id: netns }))
  const inside = recordsOf(s.snapshot, 'container').filter((c) => c.netns === netns)
  return inside.map((c) => c.name).join(', ') || node?.label || `net:[${netns.slice(3)}]`
}

/** The icon of a record: that of its object on the map, else of what it belongs to. */
export function iconOf(s: Context, ref: RecordRef): NodeKind {
  const main = s.mainNode.get(refKey(ref))
  return main?.kind ?? ICONS[ref.kind] ?? 'stack'
}

export function linkValue(s: Scope, link: Link): Value {
  const to = refTo(s, 'link', link)
  return { to, text: link.name, icon: iconOf(s, to) }
}

/** A link by its ifindex: its name, or what is missing. */
export const linkValueAt = (s: Scope, netns: string, index: number): Value => {
  const link = linkAt(s, netns, index)
  return link ? linkValue(s, link) : { unknown: 'link' }
}

export function netnsValue(s: Scope, netns: string): Value {
  const record = s.snapshot.records.netns[netns]
  if (!record) return { unknown: 'netns' }
  return { to: refTo(s, 'netns', record), text: placeName(s, netns), icon: record.root ? 'stack' : 'box' }
}

/** Order of addresses, names and numbers as people expect it. */
export const natural = new Intl.Collator('en', { numeric: true }).compare

const ICONS: Partial<Record<RecordKind, NodeKind>> = {
  netns: 'box',
  link: 'interface',
  address: 'interface',
  neighbour: 'interface',
  fdb: 'bridge',
  container: 'box',
  dockerNetwork: 'bridge',
  dockerEngine: 'host',
  source: 'host',
  socket: 'box',
}
