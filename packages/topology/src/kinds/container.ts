import type { Container, Link, Netns } from '@hopscope/model'
import { addEdge, addNode, type Draft, hostNodeId, namespaceKey, nodeId, refTo, stackNodeId, worst } from '../draft.ts'
import { compare, type HostFacts } from '../facts.ts'
import { containerState, linkState } from '../state.ts'
import type { Badge, BayRole, NodeState, TopoNode } from '../topology.ts'
import { insideLinks, isLoopback } from './role.ts'

/** A box per namespace that has something to show, with all containers that share it, and its interfaces. */
export function addBoxes(d: Draft, f: HostFacts): void {
  const guests = sharers(f)
  for (const netns of f.namespaces) {
    if (netns === f.root || f.foreign.has(netns) || d.nodeOfNetns.has(namespaceKey(f, netns))) continue
    const containers = withGuests(f.containersIn(netns), guests)
    addBox(d, f, { netns, containers, links: insideLinks(f, netns) })
  }
  for (const c of f.containers) {
    if (d.nodeOfContainer.has(nodeId(f.id, c.id)) || (c.netns !== undefined && f.foreign.has(c.netns))) continue
    if (c.netns === f.root || c.networkMode === 'host') addResident(d, f, c)
    else if (!isSharer(f, c)) addBox(d, f, { containers: withGuests([c], guests), links: [] })
  }
  // What is left shares the namespace of a resident, or of a container that is gone.
  for (const c of f.containers) {
    if (d.nodeOfContainer.has(nodeId(f.id, c.id)) || (c.netns !== undefined && f.foreign.has(c.netns))) continue
    const owner = ownerOf(f, c)
    const home = owner && d.nodeOfContainer.get(nodeId(f.id, owner.id))
    if (home !== undefined && d.nodes.get(home)?.kind === 'resident') addResident(d, f, c)
    else addBox(d, f, { containers: [c], links: [] })
  }
}

/** Where a box without rack stands; undefined when it belongs to a rack. */
export function bayOf(d: Draft, f: HostFacts, box: TopoNode): BayRole | undefined {
  if (box.rack !== undefined) return undefined
  const id = d.netnsOfBox.get(box.id)
  const netns = id === undefined ? undefined : f.netns(id)
  if (netns && isDockersOwn(netns)) return 'system'
  const links = id === undefined ? [] : insideLinks(f, id)
  if (links.length > 0) return 'hand-made'
  if (box.refs.some((r) => r.kind === 'container')) return 'none'
  return netns?.names.some((n) => n.by === 'iproute2') ? 'hand-made' : 'processes'
}

type BoxFacts = { netns?: string; containers: Container[]; links: readonly Link[] }

function addBox(d: Draft, f: HostFacts, { netns, containers, links }: BoxFacts): void {
  const record = netns === undefined ? undefined : f.netns(netns)
  const lo = netns === undefined ? undefined : f.linksOf(netns).find(isLoopback)
  const main = containers[0]
  // A restarted container gets a new namespace and keeps its place.
  const id = nodeId(f.id, main?.id ?? netns ?? '')
  const box = addNode(d, f, {
    id,
    kind: 'box',
    parent: hostNodeId(f),
    label: boxLabel(containers, record, netns),
    ...(main ? { detail: main.image } : {}),
    state: boxState(containers, links, record !== undefined),
    badges: boxBadges(f, { containers, netns, links, record, lo }),
    refs: containers.map((c) => refTo(f, 'container', c)),
  })
  for (const c of containers) d.nodeOfContainer.set(nodeId(f.id, c.id), id)
  if (netns === undefined) return
  d.nodeOfNetns.set(namespaceKey(f, netns), id)
  d.netnsOfBox.set(id, netns)
  if (record) box.refs.push(refTo(f, 'netns', record))
  const sysctl = f.sysctl(netns)
  if (sysctl) box.refs.push(refTo(f, 'sysctl', sysctl))
  if (lo) {
    box.refs.push(refTo(f, 'link', lo))
    d.nodeOfLink.set(lo, id)
  }
  for (const link of links) if (!d.nodeOfLink.has(link)) addInterface(d, f, { link, box })
}

function addInterface(d: Draft, f: HostFacts, { link, box }: { link: Link; box: TopoNode }): void {
  const addresses = f.addressesOf(link)
  const first = f.chosenAddressesOf(link)[0]
  const node = addNode(d, f, {
    id: nodeId(f.id, link.id),
    kind: 'interface',
    parent: box.id,
    label: link.name,
    ...(first ? { detail: first.local } : {}),
    state: linkState(link),
    refs: [refTo(f, 'link', link), ...addresses.map((a) => refTo(f, 'address', a))],
  })
  if (link.flags.includes('PROMISC')) node.badges.push({ kind: 'flag', value: 'promisc' })
  d.nodeOfLink.set(link, node.id)
}

function addResident(d: Draft, f: HostFacts, c: Container): void {
  const node = addNode(d, f, {
    id: nodeId(f.id, c.id),
    kind: 'resident',
    parent: hostNodeId(f),
    label: c.name,
    detail: c.image,
    state: containerState(c),
    badges: [{ kind: 'mode', value: modeName(f, c) }],
    refs: [refTo(f, 'container', c)],
  })
  d.nodeOfContainer.set(node.id, node.id)
  addEdge(d, { kind: 'shares', source: node.id, target: stackNodeId(f), state: node.state })
}

function boxLabel(containers: Container[], record: Netns | undefined, netns: string | undefined): string {
  if (containers.length > 0) return containers.map((c) => c.name).join(', ')
  const named = record?.names.find((n) => n.by === 'iproute2')
  if (named) return named.name
  const process = record?.processes[0]
  if (process) return `${process.comm} ${process.pid}`
  return record?.names[0]?.name ?? `net:[${netns?.slice(3) ?? ''}]`
}

function boxState(containers: Container[], links: readonly Link[], known: boolean): NodeState {
  const main = containers[0]
  const own = main ? containerState(main) : known ? 'up' : 'unknown'
  if (own === 'down') return own
  const inside = worst(...links.map(linkState), ...containers.slice(1).map(containerState))
  return inside === 'down' ? 'degraded' : worst(own, inside)
}

type BadgeFacts = BoxFacts & { netns: string | undefined; record: Netns | undefined; lo: Link | undefined }

function boxBadges(f: HostFacts, { containers, netns, links, record, lo }: BadgeFacts): Badge[] {
  const main = containers[0]
  const badges: Badge[] = main ? [{ kind: 'mode', value: modeName(f, main) }] : []
  if (containers.length > 1) badges.push({ kind: 'flag', value: 'shared' })
  if (record && isDockersOwn(record)) badges.push({ kind: 'flag', value: 'system' })
  if (netns === undefined) return badges
  if (links.length > 1 && f.sysctl(netns)?.ipForward) badges.push({ kind: 'flag', value: 'router' })
  if (lo && !lo.flags.includes('UP')) badges.push({ kind: 'flag', value: 'loopback-down' })
  return badges
}

/** `container:<id>` reads better with the name. */
function modeName(f: HostFacts, c: Container): string {
  const owner = isSharer(f, c) ? ownerOf(f, c) : undefined
  return owner ? `container:${owner.name}` : c.networkMode
}

const isSharer = (f: HostFacts, c: Container): boolean =>
  c.networkMode.startsWith('container:') && ownerOf(f, c) !== undefined

function ownerOf(f: HostFacts, c: Container): Container | undefined {
  if (!c.networkMode.startsWith('container:')) return undefined
  const wanted = c.networkMode.slice('container:'.length)
  return f.containers.find((o) => o !== c && (o.containerId === wanted || o.name === wanted))
}

/** Containers that do not run (or whose namespace is not known) and would share another's, by the other's id. */
function sharers(f: HostFacts): Map<string, Container[]> {
  const guests = new Map<string, Container[]>()
  for (const c of f.containers) {
    const owner = c.netns === undefined ? ownerOf(f, c) : undefined
    if (owner) guests.set(owner.id, [...(guests.get(owner.id) ?? []), c])
  }
  return guests
}

/** The namespace's owner first, then those who share it. */
function withGuests(containers: readonly Container[], guests: ReadonlyMap<string, Container[]>): Container[] {
  if (guests.size === 0 && containers.length < 2) return [...containers]
  const all = new Set(containers)
  for (const c of containers) for (const g of guests.get(c.id) ?? []) all.add(g)
  const rank = (c: Container) => (c.networkMode.startsWith('container:') ? 1 : 0)
  return [...all].sort((a, b) => rank(a) - rank(b) || compare(a.id, b.id))
}

/** Ingress and load balancers of a swarm: namespaces that Docker made for itself. */
export function isDockersOwn(n: Netns): boolean {
  return n.names.some(({ name, by }) => by === 'docker' && /^(ingress_sbox|lb_|\d+-[0-9a-z]{6,}$)/.test(name))
}
