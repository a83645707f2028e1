import type { Address, Container, FwChain, FwRule, HostSnapshot, Link, Samples, SampleTopic } from '@hopscope/model'
import { fwChainId, linkId, recordsOf } from '@hopscope/model'
import type { RecordRef, Topology, TopoNode } from '@hopscope/topology'

/** The latest sample of a topic and the one before it. */
export type Sample<T extends SampleTopic> = {
  at: number
  values: NonNullable<Samples[T]>
  previous?: { at: number; values: NonNullable<Samples[T]> }
}
export type SamplesOfHost = { [T in SampleTopic]?: Sample<T> }

/** One host as the tables see it, with the look-ups that cells ask for; each index is built when first asked for. */
export type Scope = {
  readonly hostId: string
  readonly host: string
  readonly snapshot: HostSnapshot
  readonly samples: SamplesOfHost
  link: (netns: string, index: number | undefined) => Link | undefined
  /** Ports of a bridge. */
  portsOf: (bridge: Link) => readonly Link[]
  linksIn: (netns: string) => readonly Link[]
  addressesOf: (link: Link) => readonly Address[]
  containersIn: (netns: string) => readonly Container[]
  /** The interface that has a MAC address, rather an end in a namespace than the bridge that borrows it. */
  linkByMac: (mac: string) => Link | undefined
  linkByIp: (ip: string) => Link | undefined
  rulesIn: (chain: FwChain) => readonly FwRule[]
  /** Rules that jump to a chain. */
  rulesTo: (chain: FwChain) => readonly FwRule[]
  /** The other end of a veth, also on another host of the same kernel. */
  peer: (link: Link) => { scope: Scope; link: Link } | undefined
  node: (ref: RecordRef) => TopoNode | undefined
}

/** A scope for each snapshot. */
export function scopesOf(snapshots: readonly HostSnapshot[], topology: Topology): Scope[] {
  const scopes = new Map<string, Scope>()
  const nodes = lazy(() => nodesByRef(topology))
  const peers = lazy(() => peersByRef(topology))
  for (const snapshot of snapshots) {
    const hostId = snapshot.host.id
    scopes.set(hostId, {
      hostId,
      host: snapshot.host.name,
      snapshot,
      samples: {},
      ...lookups(snapshot),
      node: (ref) => nodes().get(refKey(ref)),
      peer: (link) => {
        const ref = peers().get(refKey({ hostId, kind: 'link', id: link.id }))
        const scope = ref && scopes.get(ref.hostId)
        const other = ref && scope?.snapshot.records.link[ref.id]
        return scope && other ? { scope, link: other } : undefined
      },
    })
  }
  return [...scopes.values()]
}

export const refKey = (r: RecordRef): string => `${r.hostId} ${r.kind} ${r.id}`

function lookups(s: HostSnapshot) {
  const links = lazy(() => grouped(recordsOf(s, 'link'), (l) => l.netns))
  const ports = lazy(() => grouped(recordsOf(s, 'link'), (l) => `${l.netns} ${l.master}`))
  const addresses = lazy(() => grouped(recordsOf(s, 'address'), (a) => `${a.netns} ${a.index}`))
  const containers = lazy(() => grouped(recordsOf(s, 'container'), (c) => c.netns ?? ''))
  const macs = lazy(() => grouped(recordsOf(s, 'link'), (l) => l.address ?? ''))
  const rules = lazy(() => grouped(recordsOf(s, 'fwRule'), fwChainId))
  const jumps = lazy(() => grouped(recordsOf(s, 'fwRule'), (r) => fwChainId({ ...r, chain: r.target ?? '' })))
  const ips = lazy(() => new Map(recordsOf(s, 'address').map((a) => [a.local, a])))
  const link = (netns: string, index: number | undefined) =>
    index === undefined ? undefined : s.records.link[linkId(netns, index)]
  return {
    link,
    portsOf: (bridge: Link) => ports().get(`${bridge.netns} ${bridge.index}`) ?? [],
    linksIn: (netns: string) => links().get(netns) ?? [],
    addressesOf: (l: Link) => addresses().get(`${l.netns} ${l.index}`) ?? [],
    containersIn: (netns: string) => containers().get(netns) ?? [],
    rulesIn: (c: FwChain) => rules().get(c.id) ?? [],
    rulesTo: (c: FwChain) => jumps().get(c.id) ?? [],
    linkByMac: (mac: string) => {
      const owners = macs().get(mac) ?? []
      return owners.find((l) => l.netns !== s.host.rootNetns && l.master === undefined) ?? owners[0]
    },
    linkByIp: (ip: string) => {
      const a = ips().get(ip)
      return a && link(a.netns, a.index)
    },
  }
}

function nodesByRef({ nodes }: Topology): Map<string, TopoNode> {
  const found = new Map<string, TopoNode>()
  for (const node of nodes) for (const ref of node.refs) if (!found.has(refKey(ref))) found.set(refKey(ref), node)
  // The node whose main record it is knows best what it is.
  for (const node of nodes) {
    const [main] = node.refs
    if (main && found.get(refKey(main))?.refs[0] !== main) found.set(refKey(main), node)
  }
  return found
}

function peersByRef({ edges }: Topology): Map<string, RecordRef> {
  const peers = new Map<string, RecordRef>()
  for (const { kind, refs } of edges) {
    const [a, b] = refs
    if (kind === 'veth' && a && b) peers.set(refKey(a), b).set(refKey(b), a)
  }
  return peers
}

function grouped<R>(records: readonly R[], by: (r: R) => string): Map<string, R[]> {
  const groups = new Map<string, R[]>()
  for (const r of records) {
    const group = groups.get(by(r))
    if (group) group.push(r)
    else groups.set(by(r), [r])
  }
  return groups
}

function lazy<T>(make: () => T): () => T {
  let made: { value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
