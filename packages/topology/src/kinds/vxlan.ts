import type { Link } from '@hopscope/model'
import { recordsOf } from '@hopscope/model'
import { addEdge, addNode, type Draft, hostNodeId, nodeId, refTo, worst } from '../draft.ts'
import { compare, type HostFacts } from '../facts.ts'
import { linkState } from '../state.ts'
import { overlayPrefix } from './role.ts'

/** An overlay's vxlan device, in the namespace that Docker hides; those of the root namespace are there already. */
export function addHiddenTunnels(d: Draft, f: HostFacts): void {
  for (const link of f.specialLinks) {
    const { netns, info } = link
    if (info.kind !== 'vxlan' || netns === f.root || f.foreign.has(netns)) continue
    if (overlayPrefix(f, netns) === undefined && link.master === undefined) continue
    const node = addNode(d, f, {
      id: nodeId(f.id, link.id),
      kind: 'tunnel',
      parent: hostNodeId(f),
      label: link.name,
      detail: `vni ${info.vni}`,
      state: linkState(link),
      refs: [refTo(f, 'link', link)],
    })
    d.nodeOfLink.set(link, node.id)
  }
}

/** A tunnel's switch, its underlay link, and the remote ends: another host on the map, or a peer outside. */
export function addTunnelEdges(d: Draft, f: HostFacts): void {
  const remotes = remoteEnds(f)
  for (const link of f.specialLinks) {
    const source = d.nodeOfLink.get(link)
    if (source === undefined || link.info.kind !== 'vxlan' || d.nodes.get(source)?.kind !== 'tunnel') continue
    const state = linkState(link)
    const label = `vni ${link.info.vni}`
    const underlay = f.link(link.linkNetns ?? link.netns, link.info.underlay) ?? ownerOf(f, link.info.local)
    const lower = underlay && d.nodeOfLink.get(underlay)
    if (lower !== undefined) addEdge(d, { kind: 'lower', source, target: lower, state })
    const ends = new Set([...(remotes.get(link) ?? []), ...(link.info.remote === undefined ? [] : [link.info.remote])])
    for (const end of [...ends].sort(compare)) addRemote(d, f, { link, vni: link.info.vni, source, end, label })
  }
}

/** Remote tunnel ends by vxlan link, from its forwarding table. */
function remoteEnds(f: HostFacts): Map<Link, Set<string>> {
  const ends = new Map<Link, Set<string>>()
  for (const entry of recordsOf(f.snapshot, 'fdb')) {
    const link = entry.dst === undefined ? undefined : f.link(entry.netns, entry.index)
    if (!link || entry.dst === undefined) continue
    ends.set(link, (ends.get(link) ?? new Set()).add(entry.dst))
  }
  return ends
}

type Remote = { link: Link; vni: number; source: string; end: string; label: string }

function addRemote(d: Draft, f: HostFacts, { link, vni, source, end, label }: Remote): void {
  const state = linkState(link)
  const far = tunnelsAt(d, f, { vni, end })
  const [target, ...more] = far
  if (target && more.length === 0) {
    const node = d.nodeOfLink.get(target.link)
    if (node === undefined) return
    // Both hosts know the tunnel; one line is drawn.
    const [a, b] = compare(source, node) < 0 ? [source, node] : [node, source]
    addEdge(d, { kind: 'tunnel', source: a, target: b, state: worst(state, linkState(target.link)), label })
    return
  }
  const peer = addNode(d, f, { id: nodeId(f.id, `peer/${end}`), kind: 'peer', label: end, state: 'unknown' })
  if (!peer.refs.some((r) => r.id === link.id)) peer.refs.push(refTo(f, 'link', link))
  addEdge(d, { kind: 'tunnel', source, target: peer.id, state, label })
}

/** Tunnels of the same VNI on hosts that own the address: addresses repeat, so the VNI must fit too. */
function tunnelsAt(d: Draft, f: HostFacts, { vni, end }: { vni: number; end: string }): { link: Link }[] {
  return d.hosts
    .filter((h) => h !== f && ownerOf(h, end) !== undefined)
    .flatMap((h) => h.specialLinks)
    .filter((link) => link.info.kind === 'vxlan' && link.info.vni === vni && d.nodeOfLink.has(link))
    .map((link) => ({ link }))
}

const ownerOf = (f: HostFacts, address: string | undefined): Link | undefined =>
  address === undefined ? undefined : f.linksOf(f.root).find((l) => f.addressesOf(l).some((a) => a.local === address))
