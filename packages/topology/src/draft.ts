import { type AnyRecord, type Link, type RecordKind, visible } from '@hopscope/model'
import type { HostFacts } from './facts.ts'
import type { Peers } from './peers.ts'
import type { Badge, NodeState, RecordRef, TopoEdge, Topology, TopoNode } from './topology.ts'

/** A topology while it is made; nothing is drawn twice. */
export type Draft = {
  readonly hosts: readonly HostFacts[]
  readonly peers: Peers
  readonly nodes: Map<string, TopoNode>
  readonly edges: Map<string, TopoEdge>
  /** The node that stands for a link. */
  readonly nodeOfLink: Map<Link, string>
  /** The box, bridge or stack that stands for a namespace: by `namespaceKey`. */
  readonly nodeOfNetns: Map<string, string>
  /** The namespace of a box. */
  readonly netnsOfBox: Map<string, string>
  /** The box or resident of a container, by node id of its record. */
  readonly nodeOfContainer: Map<string, string>
  /** What a Docker network's containers hang from, by node id of its record. */
  readonly nodeOfNetwork: Map<string, string>
  /** The bar that the children of a link hang from. */
  readonly barOfLink: Map<Link, string>
}

export function emptyDraft(hosts: readonly HostFacts[], peers: Peers): Draft {
  return {
    hosts,
    peers,
    nodes: new Map(),
    edges: new Map(),
    nodeOfLink: new Map(),
    nodeOfNetns: new Map(),
    netnsOfBox: new Map(),
    nodeOfContainer: new Map(),
    nodeOfNetwork: new Map(),
    barOfLink: new Map(),
  }
}

/** Node ids are made here only: a host's record or a role in it. */
export const nodeId = (hostId: string, recordOrRole: string): string => `${hostId}/${recordOrRole}`
export const hostNodeId = (f: HostFacts): string => nodeId(f.id, 'host')
export const stackNodeId = (f: HostFacts): string => nodeId(f.id, 'stack')
export const namespaceKey = (f: HostFacts, netns: string): string => `${f.id} ${netns}`

export function refTo(f: HostFacts, kind: RecordKind, record: AnyRecord): RecordRef {
  return { hostId: f.id, kind, id: record.id }
}

type NodeDraft = Omit<TopoNode, 'hostId' | 'badges' | 'refs' | 'state'> &
  Partial<Pick<TopoNode, 'badges' | 'refs' | 'state'>>

/** Adds a node of a host; the first one with an id stays. Nothing hidden is left in what it is called. */
export function addNode(d: Draft, f: HostFacts, n: NodeDraft): TopoNode {
  const known = d.nodes.get(n.id)
  if (known) return known
  const node: TopoNode = {
    state: 'unknown',
    refs: [],
    ...n,
    badges: (n.badges ?? []).map(shownBadge),
    label: visible(n.label),
    ...(n.detail !== undefined && { detail: visible(n.detail) }),
    hostId: f.id,
  }
  d.nodes.set(node.id, node)
  return node
}

function shownBadge(badge: Badge): Badge {
  if (badge.kind === 'attachment') return { ...badge, to: visible(badge.to) }
  return badge.kind === 'mode' || badge.kind === 'peer' ? { ...badge, value: visible(badge.value) } : badge
}

/** Adds an edge unless one end is missing: facts arrive out of order. */
export function addEdge(
  d: Draft,
  e: Omit<TopoEdge, 'id' | 'refs'> & Partial<Pick<TopoEdge, 'refs'>>,
): TopoEdge | undefined {
  if (e.source === e.target || !d.nodes.has(e.source) || !d.nodes.has(e.target)) return undefined
  const id = `${e.kind}:${e.source}>${e.target}`
  const known = d.edges.get(id)
  if (known) return known
  const edge: TopoEdge = { refs: [], ...e, ...(e.label !== undefined && { label: visible(e.label) }), id }
  d.edges.set(id, edge)
  return edge
}

const RANK: readonly NodeState[] = ['up', 'unknown', 'degraded', 'down']

/** The worse of states: what is known to be bad outweighs what is not known. */
export function worst(...states: readonly NodeState[]): NodeState {
  return states.reduce((a, b) => (RANK.indexOf(b) > RANK.indexOf(a) ? b : a), 'up')
}

export function finish(d: Draft): Topology {
  return { nodes: [...d.nodes.values()], edges: [...d.edges.values()] }
}
