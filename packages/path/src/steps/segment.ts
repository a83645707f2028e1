import type { Link } from '@hopscope/model'
import type { HostIndex } from '../host/hostIndex.ts'

/** One step of a frame from link to link; `bridge` has the port it comes in by (absent: the host's own) and the one it leaves by. */
export type Crossing =
  | { kind: 'veth'; from: Link; to: Link }
  | { kind: 'bridge'; bridge: Link; inPort?: Link; outPort?: Link }
  | { kind: 'macvlan'; from: Link; to: Link }

/** Who is on the wire that a link leads to. */
export type Segment = {
  /** Links with an IP stack behind them, each with the way there. */
  stations: ReadonlyMap<Link, readonly Crossing[]>
  /** Where the wire leaves what can be seen, each with the way there. */
  open: ReadonlyMap<Link, readonly Crossing[]>
  /** Links of kinds that are not followed. */
  strange: readonly Link[]
}

type Draft = {
  stations: Map<Link, readonly Crossing[]>
  open: Map<Link, readonly Crossing[]>
  strange: Link[]
  seen: Set<Link>
}

const memory = new WeakMap<HostIndex, Map<Link, Segment>>()
/** A few senders at a time are asked about; a host of thousands would otherwise be kept as many times. */
const MOST_KEPT = 64

/** Everything that a frame which leaves by a link can physically come to, whatever is down, blocked or isolated on the way. */
export function segmentFrom(host: HostIndex, link: Link): Segment {
  const known = memory.get(host) ?? new Map<Link, Segment>()
  memory.set(host, known)
  const there = known.get(link)
  if (there) return there
  const draft: Draft = { stations: new Map(), open: new Map(), strange: [], seen: new Set([link]) }
  leave(host, draft, link, [])
  if (known.size >= MOST_KEPT) known.clear()
  known.set(link, draft)
  return draft
}

function leave(host: HostIndex, draft: Draft, link: Link, way: readonly Crossing[]): void {
  switch (link.info.kind) {
    case 'veth': {
      const to = host.peer(link)
      if (to) arrive(host, draft, to, [...way, { kind: 'veth', from: link, to }])
      else draft.open.set(link, way)
      return
    }
    case 'bridge':
      for (const outPort of host.ports(link)) {
        if (!enter(draft, outPort)) continue
        leave(host, draft, outPort, [...way, { kind: 'bridge', bridge: link, outPort }])
      }
      return
    case 'macvlan':
      leaveMacvlan(host, draft, link, way)
      return
    case 'device':
      draft.open.set(link, way)
      return
    default:
      draft.strange.push(link)
  }
}

function leaveMacvlan(host: HostIndex, draft: Draft, link: Link, way: readonly Crossing[]): void {
  const parent = link.linkNetns === null ? undefined : host.link(link.linkNetns ?? link.netns, link.iflink)
  if (!parent) {
    draft.strange.push(link)
    return
  }
  if (link.info.kind === 'macvlan' && link.info.mode === 'bridge') {
    for (const to of host.macvlans(parent)) {
      if (to.info.kind !== 'macvlan' || to.info.mode !== 'bridge' || !enter(draft, to)) continue
      draft.stations.set(to, [...way, { kind: 'macvlan', from: link, to }])
    }
  }
  if (enter(draft, parent)) leave(host, draft, parent, [...way, { kind: 'macvlan', from: link, to: parent }])
}

function arrive(host: HostIndex, draft: Draft, link: Link, way: readonly Crossing[]): void {
  if (!enter(draft, link)) return
  const bridge = host.link(link.netns, link.master)
  if (bridge?.info.kind === 'bridge') {
    if (enter(draft, bridge)) draft.stations.set(bridge, [...way, { kind: 'bridge', bridge, inPort: link }])
    for (const outPort of host.ports(bridge)) {
      if (!enter(draft, outPort)) continue
      leave(host, draft, outPort, [...way, { kind: 'bridge', bridge, inPort: link, outPort }])
    }
    return
  }
  if (bridge) draft.strange.push(bridge)
  else draft.stations.set(link, way)
  for (const to of host.macvlans(link)) {
    if (enter(draft, to)) draft.stations.set(to, [...way, { kind: 'macvlan', from: link, to }])
  }
}

function enter(draft: Draft, link: Link): boolean {
  if (draft.seen.has(link)) return false
  draft.seen.add(link)
  return true
}

/** The way of a frame that comes in from outside at an open end, to everything behind it. */
export function segmentInto(host: HostIndex, link: Link): Segment {
  const draft: Draft = { stations: new Map(), open: new Map(), strange: [], seen: new Set() }
  arrive(host, draft, link, [])
  return draft
}
