import type { Link } from '@hopscope/model'
import {
  changedLinks,
  type DumpMemory,
  type Ghost,
  getNsid,
  type Link as KernelLink,
  NetlinkError,
  type NetlinkSocket,
} from '@hopscope/netlink'
import type { NetnsEntry } from './contract.ts'
import { inNetns, type Namespaces } from './namespaces.ts'

type Far = Pick<Link, 'linkNetns' | 'ghostPeer'>

/** Finds the namespace that a link's other end is in. */
export type PeerFinder = {
  /** Looks from one namespace, over a socket in it. `ghosts` are those that it met. */
  open(entry: NetnsEntry, socket: NetlinkSocket): { of(link: KernelLink): Far; ghosts(): readonly Ghost[] }
  /** True when all ids that were looked up in the namespace still mean what they meant. */
  holds(entry: NetnsEntry, socket: NetlinkSocket): boolean
  /** The same, where the namespaces themselves are known to be the ones before: an id lasts as long as these two. */
  trust(netns: string): boolean
  /** True when the root namespace still knows nobody by these ids, which it need not be asked for. */
  lost(ghosts: readonly Ghost[]): boolean
  /** A namespace took an id back, which the kernel may give to another one. */
  idGone(netns: string, nsid: number): void
  /** A namespace ended: what pointed to it points to nobody. */
  netnsGone(netns: string): void
  /** Trusts nothing of what was learned any more (messages were lost). */
  clear(): void
}

/** What one namespace's ids mean, and whom it was asked about; `changed`: since its links were last resolved. */
type Ids = { names: Map<number, string>; asked: Set<string>; generation: number; changed: boolean }

/** Resolves (namespace, id) to a namespace, and remembers. An id means something only in the namespace that gave it. */
export function createPeerFinder(namespaces: Namespaces): PeerFinder {
  const known = new Map<string, Ids>()
  /** Grows when messages were lost. */
  let generation = 0

  const idsOf = (netns: string): Ids => {
    let ids = known.get(netns)
    if (ids === undefined) {
      ids = { names: new Map(), asked: new Set(), generation, changed: false }
      known.set(netns, ids)
    }
    return ids
  }

  /** Most links lead to the root namespace: ask about it first. */
  function* candidates(): Generator<NetnsEntry> {
    const root = namespaces.get(namespaces.byNsid(-1) ?? '')
    if (root) yield root
    for (const entry of namespaces.all()) if (!entry.root) yield entry
  }

  const resolve = (entry: NetnsEntry, socket: NetlinkSocket, nsid: number): string | undefined => {
    // The root namespace's ids were given by ourselves.
    if (entry.root) return namespaces.byNsid(nsid)
    const ids = idsOf(entry.id)
    const name = ids.names.get(nsid)
    if (name !== undefined) return name
    for (const candidate of candidates()) {
      if (ids.asked.has(candidate.id)) continue
      const answer = inNetns(candidate, (fd) => getNsid(socket, fd))
      if (answer === 'gone') continue
      ids.asked.add(candidate.id)
      if (answer === undefined) continue
      ids.names.set(answer, candidate.id)
      if (answer === nsid) return candidate.id
    }
    return undefined
  }

  return {
    open(entry, socket) {
      if (known.get(entry.id)?.generation !== generation) known.delete(entry.id)
      idsOf(entry.id).changed = false
      const ghosts = new Map<number, Ghost & { links: ReadonlyMap<number, KernelLink> }>()
      // A namespace may have got its id here since it was asked about, so a miss is asked once per dump, not once ever.
      const retried = new Set<number>()
      return {
        of(link) {
          const { linkNetnsid } = link
          if (linkNetnsid === undefined || linkNetnsid < 0) return {}
          let netns = resolve(entry, socket, linkNetnsid)
          if (netns === undefined && !entry.root && !retried.has(linkNetnsid)) {
            retried.add(linkNetnsid)
            idsOf(entry.id).asked.clear()
            netns = resolve(entry, socket, linkNetnsid)
          }
          if (netns !== undefined) return netns === entry.id ? {} : { linkNetns: netns }
          let there = ghosts.get(linkNetnsid)
          if (there === undefined) {
            const memory = {}
            there = { nsid: linkNetnsid, memory, links: ghostLinks(socket, linkNetnsid, memory) }
            ghosts.set(linkNetnsid, there)
          }
          const peer = there.links.get(peerIndex(link) ?? -1)
          return { linkNetns: null, ...(peer && { ghostPeer: { name: peer.name, address: peer.address } }) }
        },
        ghosts: () => [...ghosts.values()].map(({ nsid, memory }) => ({ nsid, memory })),
      }
    },
    holds(entry, socket) {
      const ids = known.get(entry.id)
      if (ids === undefined || ids.changed) return false
      if (ids.generation === generation) return true
      // The root namespace's ids are not asked for one by one.
      if (entry.root) return false
      for (const [nsid, name] of ids.names) {
        const there = namespaces.get(name)
        if (there === undefined || inNetns(there, (fd) => getNsid(socket, fd)) !== nsid) return false
      }
      ids.generation = generation
      ids.asked = new Set(ids.names.values())
      return true
    },
    trust(netns) {
      const ids = known.get(netns)
      if (ids === undefined || ids.changed) return false
      // Whoever has an id was asked: as many as have one are these.
      if (ids.generation !== generation && ids.asked.size > ids.names.size) ids.asked = new Set(ids.names.values())
      ids.generation = generation
      return true
    },
    lost: (ghosts) => ghosts.every(({ nsid }) => namespaces.byNsid(nsid) === undefined),
    idGone(netns, nsid) {
      const ids = known.get(netns)
      if (ids === undefined) return
      ids.changed = true
      ids.names.delete(nsid)
      ids.asked.clear()
    },
    netnsGone(netns) {
      known.delete(netns)
      for (const [where, ids] of known) {
        ids.asked.delete(netns)
        for (const [nsid, name] of ids.names) {
          if (name !== netns) continue
          ids.names.delete(nsid)
          ids.changed = true
        }
        if (where === namespaces.byNsid(-1)) ids.changed = true
      }
    },
    clear() {
      generation++
    },
  }
}

/** Kinds that have neither peer nor lower link. */
const ALONE: ReadonlySet<string> = new Set(['', 'vxlan', 'bridge', 'tun', 'dummy', 'wireguard', 'geneve', 'ifb'])

/** The index behind the `@`: of a peer or a lower link. */
export function peerIndex(link: KernelLink): number | undefined {
  // A veth whose peer has our own ifindex arrives without IFLA_LINK; the peer's index is then ours.
  if (link.iflink === undefined) return link.linkNetnsid === undefined ? undefined : link.index
  // With a foreign namespace the kernel names an index in any case; of a link without a lower one it is the link's own.
  if (link.iflink === link.index && ALONE.has(link.linkinfo?.kind ?? '')) return undefined
  return link.iflink === 0 ? undefined : link.iflink
}

/** Links of a namespace that has neither file nor process in sight, by the only way into it. */
function ghostLinks(socket: NetlinkSocket, targetNsid: number, memory: DumpMemory): ReadonlyMap<number, KernelLink> {
  try {
    const links = changedLinks(socket, memory, { targetNsid })?.records() ?? []
    return new Map(links.map((link) => [link.index, link]))
  } catch (error) {
    // The namespace ended meanwhile, or we may not look into it: then there is nothing to tell of it.
    if (error instanceof NetlinkError && ['EINVAL', 'EPERM', 'EACCES', 'ENOENT'].includes(error.code)) return new Map()
    throw error
  }
}
