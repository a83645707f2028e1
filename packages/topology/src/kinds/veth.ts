import { type Link, peerIndex } from '@hopscope/model'
import { addEdge, addNode, type Draft, hostNodeId, nodeId, refTo, worst } from '../draft.ts'
import type { HostFacts } from '../facts.ts'
import { linkState } from '../state.ts'
import type { Badge } from '../topology.ts'
import { isBridge, isLoopback } from './role.ts'

/** A port for every link that is plugged into a switch or stands in the root namespace, and has no node yet. */
export function addPorts(d: Draft, f: HostFacts): void {
  for (const netns of f.namespaces) {
    if (f.foreign.has(netns)) continue
    for (const link of f.linksOf(netns)) {
      if (d.nodeOfLink.has(link) || isLoopback(link) || isBridge(link)) continue
      const address = f.chosenAddressesOf(link)[0]
      const node = addNode(d, f, {
        id: nodeId(f.id, link.id),
        kind: 'port',
        parent: hostNodeId(f),
        label: link.name,
        ...(address ? { detail: `${address.local}/${address.prefixLength}` } : {}),
        state: linkState(link),
        badges: portBadges(link),
        refs: [refTo(f, 'link', link), ...f.addressesOf(link).map((a) => refTo(f, 'address', a))],
      })
      d.nodeOfLink.set(link, node.id)
    }
  }
}

/** Both ends of every pair, and every link with the switch it is plugged into. */
export function addVethEdges(d: Draft, f: HostFacts): void {
  for (const netns of f.namespaces) {
    for (const link of f.linksOf(netns)) {
      const node = d.nodeOfLink.get(link)
      if (node === undefined || f.foreign.has(netns)) continue
      addPair(d, f, { link, node })
      const master = f.link(netns, link.master)
      const bridge = master && isBridge(master) ? d.nodeOfLink.get(master) : undefined
      if (bridge === undefined) continue
      addEdge(d, { kind: 'bridge-port', source: node, target: bridge, state: linkState(link) })
    }
  }
}

function addPair(d: Draft, f: HostFacts, { link, node }: { link: Link; node: string }): void {
  const peer = d.peers.get(link)
  const other = peer && d.nodeOfLink.get(peer.link)
  if (!peer || other === undefined) return
  const own = d.nodes.get(node)
  const label = `if${link.index} ↔ if${peer.link.index}`
  own?.badges.push({ kind: 'peer', value: label })
  // Drawn once, from the port to the interface: that is how a packet enters a box.
  const first = firstEnd(own?.kind, d.nodes.get(other)?.kind, node < other)
  if (!first) return
  const refs = [refTo(f, 'link', link), refTo(peer.facts, 'link', peer.link)]
  const state = worst(linkState(link), linkState(peer.link))
  addEdge(d, { kind: 'veth', source: node, target: other, state, label, refs })
}

function firstEnd(own: string | undefined, other: string | undefined, before: boolean): boolean {
  if (own === other) return before
  if (own === 'port' || other === 'port') return own === 'port'
  return before
}

function portBadges(link: Link): Badge[] {
  const badges: Badge[] = []
  if (link.port?.isolated) badges.push({ kind: 'flag', value: 'isolated' })
  if (link.port?.hairpin) badges.push({ kind: 'flag', value: 'hairpin' })
  if (link.info.kind === 'veth' && link.linkNetns === null) {
    const name = link.ghostPeer?.name
    const far = `if${peerIndex(link) ?? '?'}`
    badges.push({ kind: 'peer', value: `if${link.index} ↔ ${name === undefined ? far : `${name} (${far})`}` })
  }
  return badges
}
