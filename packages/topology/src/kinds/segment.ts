import type { Address, Link } from '@hopscope/model'
import { recordsOf } from '@hopscope/model'
import { addEdge, addNode, type Draft, refTo } from '../draft.ts'
import { compare, type HostFacts } from '../facts.ts'
import { linkState } from '../state.ts'
import { subnetOf } from '../subnet.ts'

type Nic = {
  facts: HostFacts
  link: Link
  node: string
  macs: string[]
  indexes: number[]
  subnets: Map<string, Address>
}

/** The wires outside: one segment per NIC with a subnet; NICs of several hosts share one when they are known to. */
export function addSegments(d: Draft): void {
  const nics = d.hosts.flatMap((f) => nicsOf(d, f))
  const leader = new Map(nics.map((n) => [n, n]))
  const find = (n: Nic): Nic => {
    const l = leader.get(n)
    return l === undefined || l === n ? n : find(l)
  }
  for (const [i, a] of nics.entries())
    for (const b of nics.slice(i + 1)) if (joined(d, a, b)) leader.set(find(b), find(a))
  for (const nic of nics) {
    const first = find(nic)
    const subnets = [...first.subnets.keys(), ...nic.subnets.keys()]
    const [label = '', ...others] = [...new Set(subnets)]
    const id = `segment/${first.node}`
    const segment = addNode(d, first.facts, {
      id,
      kind: 'segment',
      label,
      ...(others.length > 0 ? { detail: others.join(' · ') } : {}),
      state: 'up',
    })
    for (const address of nic.subnets.values()) segment.refs.push(refTo(nic.facts, 'address', address))
    addEdge(d, { kind: 'segment', source: nic.node, target: id, state: linkState(nic.link) })
  }
}

/** The same subnet alone proves nothing: every home has its 192.168.1.0/24. */
function joined(d: Draft, a: Nic, b: Nic): boolean {
  if (a.facts === b.facts || ![...a.subnets.keys()].some((s) => b.subnets.has(s))) return false
  return sameSandbox(a.facts, b.facts) || sees(a, b) || sees(b, a) || samePlug(d, a, b)
}

function sameSandbox(a: HostFacts, b: HostFacts): boolean {
  const [va, vb] = [a.host.vantage, b.host.vantage]
  return va.kind === 'sandbox' && vb.kind === 'sandbox' && va.sandbox === vb.sandbox && a.host.bootId === b.host.bootId
}

/** Whether a's neighbour table holds b's MAC on that NIC. */
const sees = (a: Nic, b: Nic): boolean =>
  recordsOf(a.facts.snapshot, 'neighbour').some(
    (n) =>
      n.netns === a.link.netns && a.indexes.includes(n.index) && n.lladdr !== undefined && b.macs.includes(n.lladdr),
  )

/** Both NICs' far ends are plugged into one switch of a third vantage. */
function samePlug(d: Draft, a: Nic, b: Nic): boolean {
  const [pa, pb] = [d.peers.get(a.link), d.peers.get(b.link)]
  if (!pa || !pb) return false
  if (pa.link === b.link) return true
  const same = pa.facts === pb.facts && pa.link.netns === pb.link.netns
  return same && pa.link.master !== undefined && pa.link.master === pb.link.master
}

function nicsOf(d: Draft, f: HostFacts): Nic[] {
  return f
    .linksOf(f.root)
    .flatMap((link) => {
      const node = d.nodeOfLink.get(link)
      if (node === undefined || d.nodes.get(node)?.kind !== 'nic') return []
      // A NIC in a bridge or bond has its address there.
      const master = f.link(link.netns, link.master)
      const owners = master ? [link, master] : [link]
      const subnets = new Map<string, Address>()
      for (const a of owners.flatMap((o) => f.addressesOf(o))) {
        const subnet = subnetOf(a.local, a.prefixLength)
        if (subnet !== undefined && !subnets.has(subnet)) subnets.set(subnet, a)
      }
      if (subnets.size === 0) return []
      const macs = owners.flatMap((o) => (o.address === undefined ? [] : [o.address]))
      return [{ facts: f, link, node, macs, indexes: owners.map((o) => o.index), subnets }]
    })
    .sort((a, b) => compare(a.node, b.node))
}
