import type { FwRule, HostSnapshot, Link, RecordKind, Records } from '@hopscope/model'
import { changesOf, listOf, tableOf } from './again/lists.ts'
import { deriveTopology } from './derive.ts'
import { isOwnRule, readOwnPort } from './ownPorts.ts'
import type { TopoEdge, Topology, TopoNode } from './topology.ts'

/** What of a map another state of a host changes. */
export type Comparison = {
  appear: Topology
  /** What looks or stands different, as it will be. */
  change: Map<string, TopoNode>
  /** Lines whose state is another one, or that will be shown or hidden. */
  lines: Map<string, TopoEdge>
  /** Nodes and edges that are no more, by id. */
  leave: Map<string, TopoNode | TopoEdge>
}

/**
 * How the map of `after` differs from that of `before`, two states of one host. Only what stands near the change is derived: a
 * change is shown while one types, and a large host takes longer than a frame.
 */
export function compareStates(before: HostSnapshot, after: HostSnapshot): Comparison {
  const near = namespacesNear(before, after)
  const [was, will] = [deriveTopology([partOf(before, near)]), deriveTopology([partOf(after, near)])]
  const [oldNodes, oldEdges] = [new Map(was.nodes.map((n) => [n.id, n])), new Map(was.edges.map((e) => [e.id, e]))]
  const isOther = (e: TopoEdge): boolean => {
    const old = oldEdges.get(e.id)
    return old !== undefined && (old.state !== e.state || old.secondary !== e.secondary)
  }
  const ids = new Set([...will.nodes, ...will.edges].map(({ id }) => id))
  return {
    appear: {
      nodes: will.nodes.filter((n) => !oldNodes.has(n.id)),
      edges: will.edges.filter((e) => !oldEdges.has(e.id)),
    },
    change: new Map(will.nodes.flatMap((n) => (isAnother(oldNodes.get(n.id), n) ? [[n.id, n] as const] : []))),
    lines: new Map(will.edges.flatMap((e) => (isOther(e) ? [[e.id, e] as const] : []))),
    leave: new Map([...was.nodes, ...was.edges].flatMap((one) => (ids.has(one.id) ? [] : [[one.id, one] as const]))),
  }
}

/** The whole map of a host and others, with what a comparison says of it. */
export function afterComparison({ nodes, edges }: Topology, { appear, change, lines, leave }: Comparison): Topology {
  const stays = ({ id }: TopoNode | TopoEdge): boolean => !leave.has(id)
  const kept = nodes.filter(stays).map((n) => change.get(n.id) ?? n)
  const known = new Set(kept.map(({ id }) => id))
  return {
    nodes: [...kept, ...appear.nodes.filter(({ id }) => !known.has(id))],
    edges: [...edges.filter(stays).map((e) => lines.get(e.id) ?? e), ...appear.edges],
  }
}

/** What a person would see; ifindexes are not known beforehand. */
function isAnother(was: TopoNode | undefined, will: TopoNode): boolean {
  if (was === undefined) return false
  const seen = ({ label, detail, state, badges, parent, rack }: TopoNode): string =>
    JSON.stringify([label, detail, state, badges.filter(({ kind }) => kind !== 'peer'), parent, rack])
  return seen(was) !== seen(will)
}

const KINDS = ['link', 'address', 'route', 'sysctl'] as const satisfies readonly RecordKind[]

/** Namespaces whose boxes may look different: those in which something changed, and those at the other ends of their links. */
function namespacesNear(before: HostSnapshot, after: HostSnapshot): Set<string> {
  const near = new Set([before.host.rootNetns])
  const add = (netns: string | null | undefined) => typeof netns === 'string' && near.add(netns)
  for (const kind of KINDS)
    for (const { was, now } of changesOf(before, after, kind)) for (const one of [was, now]) add(one?.netns)
  for (const { was, now } of changesOf(before, after, 'netns')) add((now ?? was)?.id)
  const containers = changesOf(before, after, 'container')
  for (const { was, now } of containers) for (const one of [was, now]) add(one?.netns)
  // A door of our rules leads to a container by its name.
  const doors = changesOf(before, after, 'fwRule').flatMap(({ was, now }) => doorOf(now ?? was) ?? [])
  if (doors.length > 0) for (const { name, netns } of listOf(before, 'container')) if (doors.includes(name)) add(netns)
  // Who shares a namespace stands in the same box.
  if (containers.length > 0)
    for (const { netns, networkMode } of listOf(after, 'container'))
      if (networkMode.startsWith('container:')) add(netns)
  const links = changesOf(before, after, 'link').flatMap(({ was, now }) => [was, now].flatMap((one) => one ?? []))
  for (const { linkNetns } of links) add(linkNetns)
  const inside = new Set([...near].filter((netns) => netns !== before.host.rootNetns))
  const changed = new Set(links.map(({ netns, index }) => `${netns} ${index}`))
  const addressed = changesOf(before, after, 'address').flatMap(({ was, now }) =>
    [was, now].flatMap((one) => one ?? []),
  )
  const given = new Set(addressed.map(({ netns, index }) => `${netns} ${index}`))
  for (const state of [before, after])
    for (const link of listOf(state, 'link')) {
      // Whose bridge changes stands elsewhere afterwards, and so does what hangs from a link.
      const moves = inside.has(link.netns) || changed.has(`${link.netns} ${link.master}`)
      if (moves || given.has(`${link.netns} ${link.index}`)) add(link.linkNetns)
      if (changed.has(`${link.linkNetns ?? link.netns} ${link.iflink}`)) add(link.netns)
    }
  return near
}

/** The container that a rule of ours publishes a port of. */
const doorOf = (rule: FwRule | undefined): string | undefined =>
  rule && isOwnRule(rule) ? readOwnPort(rule.comment ?? '')?.container : undefined

/** The host as if it had only these namespaces, and the containers in them or without one. */
function partOf(host: HostSnapshot, near: ReadonlySet<string>): HostSnapshot {
  const { rootNetns } = host.host
  const here = ({ netns }: { netns?: string | undefined }): boolean => netns === undefined || near.has(netns)
  const leadsAway = ({ netns, linkNetns, info }: Link): boolean =>
    netns === rootNetns && info.kind === 'veth' && typeof linkNetns === 'string' && !near.has(linkNetns)
  const records: Partial<Records> = {
    netns: tableOf(listOf(host, 'netns').filter(({ id }) => near.has(id))),
    link: tableOf(listOf(host, 'link').filter((link) => here(link) && !leadsAway(link))),
    address: tableOf(listOf(host, 'address').filter(here)),
    route: tableOf(listOf(host, 'route').filter(here)),
    sysctl: tableOf(listOf(host, 'sysctl').filter(here)),
    container: tableOf(listOf(host, 'container').filter(here)),
  }
  return { host: host.host, records: { ...host.records, ...records } }
}
