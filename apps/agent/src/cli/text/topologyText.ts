import { visible } from '@hopscope/model'
import type { Badge, NodeKind, Topology, TopoNode } from '@hopscope/topology'
import type { Paint } from '../terminal.ts'
import { width } from './table.ts'

type Line = { tree: string; node: TopoNode; label: string; notes: string }

/** The map as a tree: each host, its NICs, its bridges with what hangs on them, and what stands apart. */
export function topologyText(topology: Topology, paint: Paint): string {
  const places = placesOf(topology)
  const hosts = topology.nodes.filter((n) => n.kind === 'host')
  return hosts.map((host) => hostText(host, places, paint)).join('\n\n')
}

type Places = { children: Map<string, TopoNode[]>; notes: Map<string, string[]> }

function hostText(host: TopoNode, places: Places, paint: Paint): string {
  const lines: Line[] = []
  addLines(lines, host, '', places)
  const columns = (of: (line: Line) => string, most: number) =>
    Math.min(most, Math.max(0, ...lines.map((line) => width(of(line)))))
  const first = columns((l) => l.tree + l.label, 52)
  const second = columns((l) => visible(l.node.detail ?? ''), 40)
  const rows = lines.map(({ tree, node, label, notes }) => {
    const detail = visible(node.detail ?? '')
    const state = node.state === 'up' ? '' : `${paint(node.state === 'unknown' ? 'yellow' : 'red', node.state)}  `
    const name = node.kind === 'bridge' || node.kind === 'macvlan' ? paint('bold', label) : label
    const gap = (text: string, to: number) => ' '.repeat(Math.max(0, to - width(text)) + 2)
    const tail = notes || state ? `${gap(detail, second)}${state}${paint('dim', notes)}` : ''
    return `${paint('dim', tree)}${name}${gap(tree + label, first)}${detail}${tail}`.trimEnd()
  })
  const title = [paint('bold', visible(host.label)), host.detail && visible(host.detail)].filter(Boolean).join('  ')
  return [title, ...rows].join('\n')
}

function addLines(lines: Line[], parent: TopoNode, indent: string, places: Places): void {
  const children = places.children.get(parent.id) ?? []
  children.forEach((node, i) => {
    const last = i === children.length - 1
    const notes = [...node.badges.flatMap(badgeText), ...(places.notes.get(node.id) ?? [])]
    lines.push({ tree: `${indent}${last ? '└─ ' : '├─ '}`, node, label: labelOf(node), notes: notes.join(' · ') })
    addLines(lines, node, `${indent}${last ? '   ' : '│  '}`, places)
  })
}

/** Who is shown below whom, and what is said beside a line instead of on one of its own. */
function placesOf({ nodes, edges }: Topology): Places {
  const byId = new Map(nodes.map((n) => [n.id, n]))
  const home = new Map(nodes.flatMap((n) => ((n.rack ?? n.parent) ? [[n.id, n.rack ?? n.parent ?? '']] : [])))
  const notes = new Map<string, string[]>()
  const hidden = new Set<string>()
  const note = (id: string, text: string) => notes.set(id, [...(notes.get(id) ?? []), text])
  for (const { kind, source, target, label } of edges) {
    const from = byId.get(source)
    const to = byId.get(target)
    if (!from || !to) continue
    if (kind === 'bridge-port') home.set(source, target)
    if (kind === 'segment') note(source, `on ${visible(to.label)}`)
    if (kind === 'publish' && to.kind === 'box') home.set(source, target)
    if (kind === 'link-option') note(source, `--link ${visible(to.label)}`)
    if (kind === 'lower' || kind === 'tunnel') note(source, `${kind === 'lower' ? 'over' : 'to'} ${visible(to.label)}`)
    if (kind === 'veth') inlineVeth({ ends: [from, to], label, note, hidden })
  }
  const children = new Map<string, TopoNode[]>()
  for (const node of nodes) {
    const place = home.get(node.id)
    if (place === undefined || hidden.has(node.id) || node.kind === 'segment') continue
    children.set(place, [...(children.get(place) ?? []), node])
  }
  for (const list of children.values()) list.sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind))
  return { children, notes }
}

type Veth = { ends: TopoNode[]; label?: string; note: (id: string, text: string) => void; hidden: Set<string> }

/** The end on the bridge is named beside the container's end; a pair between two ports keeps both lines. */
function inlineVeth({ ends, note, hidden }: Veth): void {
  for (const [a, b] of [ends, ends.toReversed()]) {
    if (!a || !b) continue
    if (a.kind === 'port' && b.kind === 'interface') {
      hidden.add(a.id)
      note(b.id, `at ${visible(a.label)}`)
    } else if (a.kind === b.kind) note(a.id, `to ${visible(b.label)}`)
  }
}

const order: NodeKind[] = [
  'stack',
  'nic',
  'bridge',
  'macvlan',
  'tunnel',
  'port',
  'entrance',
  'interface',
  'box',
  'block',
  'resident',
  'bay',
  'peer',
]

const words: Partial<Record<NodeKind, string>> = {
  nic: 'NIC',
  bridge: 'bridge',
  tunnel: 'tunnel',
  port: 'port',
  entrance: 'published',
  resident: 'host mode:',
  peer: 'far end',
}

const bays = {
  none: 'containers without a network',
  'hand-made': 'namespaces made by hand',
  processes: 'namespaces of processes',
  system: "Docker's own namespaces",
}

function labelOf(node: TopoNode): string {
  if (node.kind === 'stack') return 'IP stack'
  if (node.kind === 'bay') return node.bay ? bays[node.bay] : visible(node.label)
  if (node.kind === 'block') return `${node.members?.length ?? 0} × ${visible(node.label)}`
  return [words[node.kind], visible(node.label)].filter(Boolean).join(' ')
}

function badgeText(badge: Badge): string[] {
  if (badge.kind === 'attachment') return [`also on ${visible(badge.to)}`]
  if (badge.kind === 'count') return [`${badge.value}`]
  return [visible(badge.value)]
}
