import type { HostSnapshot } from '@hopscope/model'
import { type Draft, emptyDraft, finish, namespaceKey, nodeId, refTo, stackNodeId } from './draft.ts'
import { factsOf, type HostFacts } from './facts.ts'
import { addBareNetworks, addBridges } from './kinds/bridge.ts'
import { addBoxes } from './kinds/container.ts'
import { addHost, addRootEdges, addRootLinks } from './kinds/host.ts'
import { addLinkOptions } from './kinds/linkOption.ts'
import { addMacvlanBars, addMacvlanEdges } from './kinds/macvlan.ts'
import { addEntrances } from './kinds/published.ts'
import { addRacks } from './kinds/rack.ts'
import { addSegments } from './kinds/segment.ts'
import { addPorts, addVethEdges } from './kinds/veth.ts'
import { addHiddenTunnels, addTunnelEdges } from './kinds/vxlan.ts'
import { pairVeths } from './peers.ts'
import type { Topology } from './topology.ts'

/**
 * The map of all hosts: what is drawn, of which records, and how it hangs together. Pure; equal snapshots give an equal
 * topology in the same order. Facts may be missing: what is not known is `unknown` or left out, and nothing throws.
 * Same facts as `ip -d link show` and `ip addr` in every namespace, with `docker ps` and `docker network ls`.
 */
export function deriveTopology(hosts: readonly HostSnapshot[]): Topology {
  const facts = factsOf(hosts)
  const d = emptyDraft(facts, pairVeths(facts))
  for (const f of facts) addNodes(d, f)
  for (const f of facts) {
    addRootEdges(d, f)
    addVethEdges(d, f)
    addMacvlanEdges(d, f)
    addTunnelEdges(d, f)
  }
  addSegments(d)
  for (const f of facts) {
    addRacks(d, f)
    addEntrances(d, f)
    addLinkOptions(d, f)
    addForeign(d, f)
  }
  return finish(d)
}

function addNodes(d: Draft, f: HostFacts): void {
  addHost(d, f)
  addRootLinks(d, f)
  addBridges(d, f)
  addMacvlanBars(d, f)
  addBareNetworks(d, f)
  addHiddenTunnels(d, f)
  addBoxes(d, f)
  addPorts(d, f)
}

/** A namespace that another vantage draws: this host's records of it open the same node. */
function addForeign(d: Draft, f: HostFacts): void {
  for (const netns of f.foreign) {
    const owner = d.hosts.find(
      (h) => h !== f && h.host.bootId === f.host.bootId && d.nodeOfNetns.has(namespaceKey(h, netns)),
    )
    const node = d.nodes.get(owner ? (d.nodeOfNetns.get(namespaceKey(owner, netns)) ?? '') : stackNodeId(f))
    const record = f.netns(netns)
    if (record) node?.refs.push(refTo(f, 'netns', record))
    for (const link of f.linksOf(netns)) {
      const twin = owner?.link(netns, link.index)
      const home = (twin && d.nodes.get(d.nodeOfLink.get(twin) ?? '')) ?? node
      home?.refs.push(refTo(f, 'link', link))
    }
    for (const c of f.containersIn(netns)) {
      if (!d.nodeOfContainer.has(nodeId(f.id, c.id))) node?.refs.push(refTo(f, 'container', c))
    }
  }
}
