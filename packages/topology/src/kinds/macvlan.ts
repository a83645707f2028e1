import type { DockerNetwork, Link } from '@hopscope/model'
import { addEdge, addNode, type Draft, hostNodeId, nodeId, refTo, worst } from '../draft.ts'
import type { HostFacts } from '../facts.ts'
import { linkState } from '../state.ts'
import type { TopoNode } from '../topology.ts'
import { networkBadges } from './bridge.ts'
import { detailOf, hangingNames, type Names } from './networkNames.ts'
import { isChild, lowerLink } from './role.ts'

/** One bar per link that has macvlan (or ipvlan) children, or a Docker network that would put some there. */
export function addMacvlanBars(d: Draft, f: HostFacts): void {
  for (const network of f.networks) {
    if (network.driver !== 'macvlan' && network.driver !== 'ipvlan') continue
    const parent = network.parent === undefined ? undefined : f.linkByName(f.root, network.parent)
    if (parent) addNetwork(d, f, { parent, network })
  }
  for (const link of f.specialLinks) {
    const parent = isChild(link) && !f.foreign.has(link.netns) ? lowerLink(f, link) : undefined
    if (parent) bar(d, f, parent, link)
  }
}

/** The children hang from their bar, the bar from its parent link. */
export function addMacvlanEdges(d: Draft, f: HostFacts): void {
  for (const link of f.specialLinks) {
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

/** Children made by hand have no name in common but what they are. */
function bar(d: Draft, f: HostFacts, parent: Link, child?: Link): string {
  const id = nodeId(f.id, `macvlan/${parent.id}`)
  addNode(d, f, {
    id,
    kind: 'macvlan',
    parent: hostNodeId(f),
    label: child?.info.kind ?? 'macvlan',
    detail: parent.name,
    state: linkState(parent),
    refs: [refTo(f, 'link', parent)],
  })
  d.barOfLink.set(parent, id)
  return id
}

function addNetwork(d: Draft, f: HostFacts, { parent, network }: { parent: Link; network: DockerNetwork }): void {
  const node = d.nodes.get(bar(d, f, parent))
  if (!node) return
  // Several may share a parent; the first one says what the bar is.
  const shared = node.refs.some((r) => r.kind === 'dockerNetwork')
  Object.assign(node, shared ? joined(node, network) : hangingNames(network))
  // The network is what a click is about; the parent link has its own node.
  node.refs.unshift(refTo(f, 'dockerNetwork', network))
  node.badges.push(...networkBadges(f, network))
  d.nodeOfNetwork.set(nodeId(f.id, network.id), node.id)
}

const joined = (bar: TopoNode, network: DockerNetwork): Names => ({
  label: `${bar.label}, ${network.name}`,
  ...detailOf(bar.detail, network.ipam[0]?.subnet),
})
