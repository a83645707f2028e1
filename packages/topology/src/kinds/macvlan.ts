import type { DockerNetwork, Link } from '@hopscope/model'
import { addEdge, addNode, type Draft, hostNodeId, nodeId, refTo, worst } from '../draft.ts'
import type { HostFacts } from '../facts.ts'
import { linkState } from '../state.ts'
import { networkBadges } from './bridge.ts'
import { isChild, lowerLink } from './role.ts'

/** One bar per link that has macvlan (or ipvlan) children, or a Docker network that would put some there. */
export function addMacvlanBars(d: Draft, f: HostFacts): void {
  for (const network of f.networks) {
    if (network.driver !== 'macvlan' && network.driver !== 'ipvlan') continue
    const parent = network.parent === undefined ? undefined : f.linkByName(f.root, network.parent)
    if (parent) addNetwork(d, f, { parent, network })
  }
  for (const netns of f.namespaces) {
    if (f.foreign.has(netns)) continue
    for (const link of f.linksOf(netns)) {
      const parent = isChild(link) ? lowerLink(f, link) : undefined
      if (parent) bar(d, f, parent)
    }
  }
}

/** The children hang from their bar, the bar from its parent link. */
export function addMacvlanEdges(d: Draft, f: HostFacts): void {
  for (const netns of f.namespaces)
    for (const link of f.linksOf(netns)) {
      const child = d.nodeOfLink.get(link)
      const parent = isChild(link) ? lowerLink(f, link) : undefined
      const above = parent && d.barOfLink.get(parent)
      if (child === undefined || above === undefined || !parent) continue
      const state = worst(linkState(link), linkState(parent))
      addEdge(d, { kind: 'macvlan', source: child, target: above, state, refs: [refTo(f, 'link', link)] })
    }
  for (const [parent, above] of d.barOfLink) {
    const target = d.nodeOfLink.get(parent)
    if (target !== undefined && f.link(parent.netns, parent.index) === parent)
      addEdge(d, { kind: 'macvlan', source: above, target, state: linkState(parent) })
  }
}

function bar(d: Draft, f: HostFacts, parent: Link): string {
  const id = nodeId(f.id, `macvlan/${parent.id}`)
  addNode(d, f, {
    id,
    kind: 'macvlan',
    parent: hostNodeId(f),
    label: parent.name,
    state: linkState(parent),
    refs: [refTo(f, 'link', parent)],
  })
  d.barOfLink.set(parent, id)
  return id
}

function addNetwork(d: Draft, f: HostFacts, { parent, network }: { parent: Link; network: DockerNetwork }): void {
  const id = bar(d, f, parent)
  const node = d.nodes.get(id)
  if (!node) return
  const subnet = network.ipam[0]?.subnet
  const text = subnet === undefined ? network.name : `${subnet} · ${network.name}`
  node.detail = node.detail === undefined ? text : `${node.detail} · ${text}`
  // The network is what a click is about; the parent link has its own node.
  node.refs.unshift(refTo(f, 'dockerNetwork', network))
  node.badges.push({ kind: 'mode', value: network.driver }, ...networkBadges(f, network))
  d.nodeOfNetwork.set(nodeId(f.id, network.id), id)
}
