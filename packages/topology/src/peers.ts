import { type Link, peerIndex, pointsBack } from '@hopscope/model'
import type { HostFacts } from './facts.ts'

/** The other end of a veth, verified: it points back. */
export type Peer = { facts: HostFacts; link: Link }
export type Peers = ReadonlyMap<Link, Peer>

/** Pairs the ends of all veths, also across vantages of one kernel; an end whose peer is not certain has no entry. */
export function pairVeths(hosts: readonly HostFacts[]): Peers {
  const pairs = new Map<Link, Peer>()
  const everyone = hosts.flatMap((facts) => veths(facts).map((link) => ({ facts, link })))
  // A peer that a host cannot see can only be another host's.
  const byIndexes = hosts.length > 1 ? indexed(everyone) : new Map<string, Peer[]>()
  for (const end of everyone) {
    if (pairs.has(end.link)) continue
    const peer = end.link.linkNetns === null ? certainGhost(end, byIndexes) : named(end, hosts)
    if (!peer) continue
    pairs.set(end.link, peer)
    pairs.set(peer.link, end)
  }
  return pairs
}

function indexed(everyone: readonly Peer[]): Map<string, Peer[]> {
  const byIndexes = new Map<string, Peer[]>()
  for (const p of everyone) {
    const key = indexesKey(p.facts, p.link.index, peerIndex(p.link))
    const list = byIndexes.get(key)
    if (list) list.push(p)
    else byIndexes.set(key, [p])
  }
  return byIndexes
}

const veths = (f: HostFacts): Link[] =>
  f.namespaces.flatMap((ns) => f.linksOf(ns).filter((l) => l.info.kind === 'veth' && peerIndex(l) !== undefined))

const indexesKey = (f: HostFacts, index: number, peer: number | undefined) => `${f.host.bootId} ${index} ${peer}`

/** The peer's namespace is known by id. */
function named({ facts, link }: Peer, hosts: readonly HostFacts[]): Peer | undefined {
  const netns = link.linkNetns ?? link.netns
  const own = facts.link(netns, peerIndex(link))
  if (own) return pointsBack(own, link) ? { facts, link: own } : undefined
  for (const other of hosts) {
    if (other === facts || other.host.bootId !== facts.host.bootId) continue
    const far = other.link(netns, peerIndex(link))
    if (far && pointsBack(far, link)) return { facts: other, link: far }
  }
  return undefined
}

/** The peer's namespace cannot be seen: another vantage's link fits by both ifindexes and by what the kernel tells of it. */
function certainGhost(end: Peer, byIndexes: ReadonlyMap<string, Peer[]>): Peer | undefined {
  const [found, ...more] = candidates(end, byIndexes)
  if (!found || more.length > 0) return undefined
  const back = candidates(found, byIndexes)
  return back.length === 1 && back[0]?.link === end.link ? found : undefined
}

function candidates({ facts, link }: Peer, byIndexes: ReadonlyMap<string, Peer[]>): Peer[] {
  const mirror = byIndexes.get(`${facts.host.bootId} ${peerIndex(link)} ${link.index}`) ?? []
  return mirror.filter((c) => c.facts !== facts && fits(link, c.link) && fits(c.link, link))
}

/** Whether all that `link` knows of its peer is true of `peer`, and it knows enough. */
function fits(link: Link, peer: Link): boolean {
  if (link.linkNetns !== null) return (link.linkNetns ?? link.netns) === peer.netns
  const ghost = link.ghostPeer
  return ghost !== undefined && ghost.name === peer.name && (ghost.address ?? peer.address) === peer.address
}
