import type { DockerNetwork, Link } from '@hopscope/model'
import { addNode, type Draft, hostNodeId, namespaceKey, nodeId, refTo, stackNodeId } from '../draft.ts'
import type { HostFacts } from '../facts.ts'
import { bridgeState } from '../state.ts'
import type { Badge } from '../topology.ts'
import { detailOf, hangingNames, isDefault, type Names, namesOf } from './networkNames.ts'
import { insideLinks, isBridge, isLoopback, overlayPrefix } from './role.ts'

/** Every bridge of every namespace, each with its Docker network; a namespace that is only a switch is its bridge. */
export function addBridges(d: Draft, f: HostFacts): void {
  for (const link of f.specialLinks) if (isBridge(link) && !f.foreign.has(link.netns)) addBridge(d, f, link)
}

/** Networks whose bridge or parent is not among the links (yet) are shown all the same: what Docker says exists. */
export function addBareNetworks(d: Draft, f: HostFacts): void {
  for (const network of f.networks) {
    const key = nodeId(f.id, network.id)
    if (d.nodeOfNetwork.has(key)) continue
    if (network.driver === 'host' || network.driver === 'null') {
      d.nodes.get(stackNodeId(f))?.refs.push(refTo(f, 'dockerNetwork', network))
      if (network.driver === 'host') d.nodeOfNetwork.set(key, stackNodeId(f))
      continue
    }
    const hangs = network.driver === 'macvlan' || network.driver === 'ipvlan'
    addNode(d, f, {
      id: key,
      kind: hangs ? 'macvlan' : 'bridge',
      parent: hostNodeId(f),
      ...(hangs ? hangingNames(network) : namesOf(network, network.bridge, network.ipam[0]?.subnet)),
      badges: [...(hangs ? [] : [{ kind: 'mode' as const, value: network.driver }]), ...networkBadges(f, network)],
      refs: [refTo(f, 'dockerNetwork', network)],
    })
    d.nodeOfNetwork.set(key, key)
  }
}

export function networkBadges(f: HostFacts, network: DockerNetwork): Badge[] {
  const badges: Badge[] = []
  if (network.internal) badges.push({ kind: 'flag', value: 'internal' })
  const engine = f.snapshot.records.dockerEngine.engine
  const icc =
    network.options['com.docker.network.bridge.enable_icc'] ??
    (isDefault(network) && engine?.icc === false ? 'false' : '')
  if (icc === 'false') badges.push({ kind: 'flag', value: 'no-icc' })
  if (network.ingress) badges.push({ kind: 'flag', value: 'system' })
  return badges
}

function addBridge(d: Draft, f: HostFacts, link: Link): void {
  const hidden = overlayPrefix(f, link.netns)
  const network = networkOf(f, link, hidden)
  const ports = f.linksOf(link.netns).filter((l) => l.master === link.index).length
  const address = f.chosenAddressesOf(link)[0]
  const subnet = address ? `${address.local}/${address.prefixLength}` : network?.ipam[0]?.subnet
  const node = addNode(d, f, {
    id: nodeId(f.id, link.id),
    kind: 'bridge',
    parent: hostNodeId(f),
    ...bridgeNames(f, { link, network, hidden, subnet }),
    state: bridgeState(link, ports),
    badges: network ? networkBadges(f, network) : [],
    refs: [refTo(f, 'link', link), ...f.addressesOf(link).map((a) => refTo(f, 'address', a))],
  })
  if (hidden !== undefined) node.badges.unshift({ kind: 'mode', value: network?.driver ?? 'overlay' })
  if (link.info.kind === 'bridge' && link.info.stp) node.badges.push({ kind: 'flag', value: 'stp' })
  if (link.flags.includes('PROMISC')) node.badges.push({ kind: 'flag', value: 'promisc' })
  if (network) {
    node.refs.push(refTo(f, 'dockerNetwork', network))
    d.nodeOfNetwork.set(nodeId(f.id, network.id), node.id)
  }
  d.nodeOfLink.set(link, node.id)
  if (link.netns !== f.root) standForNamespace(d, f, { link, node: node.id, hidden: hidden !== undefined })
}

function networkOf(f: HostFacts, link: Link, hidden: string | undefined): DockerNetwork | undefined {
  if (hidden !== undefined) return f.networks.find((n) => n.networkId.startsWith(hidden))
  return link.netns === f.root ? f.networks.find((n) => n.bridge === link.name) : undefined
}

type Named = { link: Link; network: DockerNetwork | undefined; hidden: string | undefined; subnet: string | undefined }

function bridgeNames(f: HostFacts, { link, network, hidden, subnet }: Named): Names {
  if (hidden !== undefined) return { label: network?.name ?? hidden, ...detailOf(subnet, link.name) }
  if (network) return namesOf(network, link.name, subnet)
  if (link.netns === f.root) return { label: link.name, ...detailOf(subnet) }
  const owner = f.netns(link.netns)?.names[0]?.name ?? f.containersIn(link.netns)[0]?.name
  return { label: link.name, ...detailOf(subnet, owner) }
}

/** A namespace with nothing but a switch in it needs no box. */
function standForNamespace(d: Draft, f: HostFacts, b: { link: Link; node: string; hidden: boolean }): void {
  const { netns } = b.link
  const key = namespaceKey(f, netns)
  const others = insideLinks(f, netns).filter((l) => !(b.hidden && l.info.kind === 'vxlan'))
  if (d.nodeOfNetns.has(key) || others.length > 0 || f.containersIn(netns).length > 0) return
  d.nodeOfNetns.set(key, b.node)
  const refs = d.nodes.get(b.node)?.refs
  const record = f.netns(netns)
  const lo = f.linksOf(netns).find(isLoopback)
  const sysctl = f.sysctl(netns)
  if (record) refs?.push(refTo(f, 'netns', record))
  if (lo) refs?.push(refTo(f, 'link', lo))
  if (lo) d.nodeOfLink.set(lo, b.node)
  if (sysctl) refs?.push(refTo(f, 'sysctl', sysctl))
}
