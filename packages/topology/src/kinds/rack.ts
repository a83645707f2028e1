import type { Container, Link } from '@hopscope/model'
import { recordsOf } from '@hopscope/model'
import { addNode, type Draft, hostNodeId, nodeId } from '../draft.ts'
import type { HostFacts } from '../facts.ts'
import type { BayRole, TopoEdge, TopoNode } from '../topology.ts'
import { bayOf, isDockersOwn } from './container.ts'
import { insideLinks, isBridge, isChild, lowerLink } from './role.ts'

/** Decides for every box in which rack or bay it stands, and marks what it is attached to beside that. */
export function addRacks(d: Draft, f: HostFacts): void {
  const defaults = defaultInterfaces(f)
  const edges = edgesBySource(d)
  const bays = new Map<BayRole, TopoNode>()
  for (const box of [...d.nodes.values()]) {
    if (box.kind !== 'box' || box.hostId !== f.id) continue
    const netns = d.netnsOfBox.get(box.id)
    const attachments = netns === undefined ? [] : attachmentsOf(d, f, netns)
    const record = netns === undefined ? undefined : f.netns(netns)
    const system = record !== undefined && isDockersOwn(record)
    const rack = system ? undefined : (mainOf(attachments, defaults.get(netns ?? ''))?.to ?? dockersWord(d, f, box))
    if (rack !== undefined) box.rack = rack
    for (const a of attachments) if (a.to !== rack) markSecond(d, { box, attachment: a, edges })
    const role = bayOf(d, f, box)
    if (role !== undefined) box.parent = bay(d, f, { role, bays }).id
  }
}

type Attachment = { link: Link; to: string; carrier: string; gateway: boolean }

/** The attachment with the default route. Docker's way out for overlay networks is not where one looks for a container. */
function mainOf(all: Attachment[], index: number | undefined): Attachment | undefined {
  const chosen = all.filter((a) => !a.gateway)
  return chosen.find((a) => a.link.index === index) ?? chosen[0] ?? all[0]
}

/** Switches and bars that the links of a namespace reach, in ifindex order; `carrier` is the node that is plugged in. */
function attachmentsOf(d: Draft, f: HostFacts, netns: string): Attachment[] {
  const found: Attachment[] = []
  for (const link of insideLinks(f, netns)) {
    const own = d.nodeOfLink.get(link)
    const parent = isChild(link) ? lowerLink(f, link) : undefined
    const above = parent && d.barOfLink.get(parent)
    if (own !== undefined && above !== undefined) found.push({ link, to: above, carrier: own, gateway: false })
    const peer = d.peers.get(link)
    const master = peer && peer.facts === f ? f.link(peer.link.netns, peer.link.master) : undefined
    const port = peer && d.nodeOfLink.get(peer.link)
    const bridge = master && isBridge(master) ? d.nodeOfLink.get(master) : undefined
    if (port !== undefined && bridge !== undefined)
      found.push({ link, to: bridge, carrier: port, gateway: master?.name === 'docker_gwbridge' })
  }
  return found
}

/** ifindex of the IPv4 (else IPv6) default route of each namespace, lowest metric first. */
function defaultInterfaces(f: HostFacts): Map<string, number> {
  const best = new Map<string, { rank: number; oif: number }>()
  for (const r of recordsOf(f.snapshot, 'route')) {
    const oif = r.oif ?? r.nextHops?.[0]?.oif
    if (r.dst !== 'default' || r.type !== 'unicast' || r.table !== 254 || oif === undefined) continue
    const rank = (r.family === 'inet' ? 0 : 2 ** 40) + (r.metric ?? 0)
    const known = best.get(r.netns)
    if (!known || rank < known.rank || (rank === known.rank && oif < known.oif)) best.set(r.netns, { rank, oif })
  }
  return new Map([...best].map(([netns, b]) => [netns, b.oif]))
}

/** The network that Docker put a container on, for one that has no links (yet, or any more). */
function dockersWord(d: Draft, f: HostFacts, box: TopoNode): string | undefined {
  for (const ref of box.refs) {
    const container = ref.kind === 'container' ? f.snapshot.records.container[ref.id] : undefined
    if (!container || container.networkMode === 'none') continue
    for (const network of networksOf(f, container)) {
      const node = d.nodeOfNetwork.get(nodeId(f.id, network))
      if (node !== undefined && d.nodes.get(node)?.kind !== 'stack') return node
    }
  }
  return undefined
}

function networksOf(f: HostFacts, c: Container): string[] {
  const mode = c.networkMode === 'default' ? 'bridge' : c.networkMode
  const wanted = f.networks.filter((n) => n.name === mode || n.networkId === mode)
  const attached = c.attachments.flatMap((a) => f.networks.filter((n) => n.networkId === a.networkId))
  return [...wanted.filter((n) => attached.length === 0 || attached.includes(n)), ...attached].map((n) => n.id)
}

type Second = { box: TopoNode; attachment: Attachment; edges: ReadonlyMap<string, TopoEdge[]> }

function markSecond(d: Draft, { box, attachment, edges }: Second): void {
  const to = d.nodes.get(attachment.to)
  const badge = { kind: 'attachment' as const, to: to?.label ?? '', toNode: attachment.to }
  box.badges.push(badge)
  d.nodes.get(attachment.carrier)?.badges.push(badge)
  for (const edge of edges.get(attachment.carrier) ?? []) if (edge.target === attachment.to) edge.secondary = true
}

function edgesBySource(d: Draft): Map<string, TopoEdge[]> {
  const map = new Map<string, TopoEdge[]>()
  for (const e of d.edges.values()) {
    const list = map.get(e.source)
    if (list) list.push(e)
    else map.set(e.source, [e])
  }
  return map
}

function bay(d: Draft, f: HostFacts, { role, bays }: { role: BayRole; bays: Map<BayRole, TopoNode> }): TopoNode {
  const known = bays.get(role)
  if (known) return known
  const id = nodeId(f.id, `bay/${role}`)
  const made = addNode(d, f, { id, kind: 'bay', parent: hostNodeId(f), label: role, bay: role, state: 'up' })
  bays.set(role, made)
  return made
}
