import type { Link } from '@hopscope/model'
import { addEdge, addNode, type Draft, hostNodeId, namespaceKey, nodeId, refTo, stackNodeId } from '../draft.ts'
import type { HostFacts } from '../facts.ts'
import { linkState } from '../state.ts'
import type { Badge } from '../topology.ts'
import { isBridge, isLoopback, isTunnel, underBridge } from './role.ts'

/** The frame around a host and its IP stack, which stands for the root namespace. */
export function addHost(d: Draft, f: HostFacts): void {
  const badges: Badge[] = f.host.vantage.kind === 'sandbox' ? [{ kind: 'mode', value: 'sandbox' }] : []
  const detail = f.host.os ?? f.host.kernel
  addNode(d, f, { id: hostNodeId(f), kind: 'host', label: f.host.name, detail, state: 'up', badges })
  const netns = f.netns(f.root)
  const lo = f.linksOf(f.root).find(isLoopback)
  const sysctl = f.sysctl(f.root)
  const stack = addNode(d, f, {
    id: stackNodeId(f),
    kind: 'stack',
    parent: hostNodeId(f),
    label: f.host.name,
    state: lo ? linkState(lo) : 'unknown',
  })
  if (netns) stack.refs.push(refTo(f, 'netns', netns))
  if (sysctl) stack.refs.push(refTo(f, 'sysctl', sysctl))
  if (lo) {
    stack.refs.push(refTo(f, 'link', lo))
    d.nodeOfLink.set(lo, stack.id)
    if (!lo.flags.includes('UP')) stack.badges.push({ kind: 'flag', value: 'loopback-down' })
  }
  if (sysctl?.ipForward) stack.badges.push({ kind: 'flag', value: 'router' })
  d.nodeOfNetns.set(namespaceKey(f, f.root), stack.id)
}

/** The root namespace's links that are neither switches nor plugged into one by a veth of a known namespace. */
export function addRootLinks(d: Draft, f: HostFacts): void {
  for (const link of f.linksOf(f.root)) {
    if (isLoopback(link) || isBridge(link)) continue
    const kind = rootRole(d, f, link)
    if (kind === 'port') continue
    const node = addNode(d, f, {
      id: nodeId(f.id, link.id),
      kind,
      parent: hostNodeId(f),
      label: link.name,
      ...detailOf(f, link),
      state: linkState(link),
      refs: [refTo(f, 'link', link), ...f.addressesOf(link).map((a) => refTo(f, 'address', a))],
    })
    if (link.promiscuity > 0 || link.flags.includes('PROMISC')) node.badges.push({ kind: 'flag', value: 'promisc' })
    d.nodeOfLink.set(link, node.id)
  }
}

/** Where the stack has an address, and which links are made of which. */
export function addRootEdges(d: Draft, f: HostFacts): void {
  for (const link of f.linksOf(f.root)) {
    const node = d.nodeOfLink.get(link)
    if (node === undefined) continue
    const addresses = f.chosenAddressesOf(link)
    if (addresses.length > 0) {
      const refs = addresses.map((a) => refTo(f, 'address', a))
      addEdge(d, { kind: 'route', source: stackNodeId(f), target: node, state: linkState(link), refs })
    }
    addStacking(d, f, { link, node })
  }
}

/** What leads outside is a NIC; a veth whose peer this host can see is a port; the rest stands by itself. */
function rootRole(d: Draft, f: HostFacts, link: Link): 'tunnel' | 'nic' | 'port' | 'interface' {
  if (isTunnel(link)) return 'tunnel'
  if (link.info.kind === 'dummy' || (link.info.kind === 'other' && ['ifb', 'vrf', 'nlmon'].includes(link.info.name)))
    return 'interface'
  if (link.info.kind !== 'veth') return 'nic'
  const peer = d.peers.get(link)
  if (peer) return peer.facts === f && !f.foreign.has(peer.link.netns) ? 'port' : 'nic'
  // A named namespace whose records are late, or one that an agent without privileges may not look into.
  const hidden = link.linkNetns !== null || (!f.host.privileged && underBridge(f, link))
  return hidden ? 'port' : 'nic'
}

function addStacking(d: Draft, f: HostFacts, { link, node }: { link: Link; node: string }): void {
  const { kind } = link.info
  const state = linkState(link)
  if (kind === 'vlan' || (kind === 'other' && link.iflink !== undefined)) {
    const lower = link.linkNetns === null ? undefined : f.link(link.linkNetns ?? link.netns, link.iflink)
    const target = lower && d.nodeOfLink.get(lower)
    if (target !== undefined) addEdge(d, { kind: 'lower', source: node, target, state })
  }
  const master = f.link(link.netns, link.master)
  const above = master && !isBridge(master) ? d.nodeOfLink.get(master) : undefined
  if (above !== undefined) addEdge(d, { kind: 'lower', source: above, target: node, state })
}

function detailOf(f: HostFacts, link: Link): { detail?: string } {
  const address = f.chosenAddressesOf(link)[0]
  return address ? { detail: `${address.local}/${address.prefixLength}` } : {}
}
