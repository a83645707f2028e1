import type { Container, DockerNetwork, Link } from '@hopscope/model'
import type { NodeKind } from '@hopscope/topology'
import type { Scope } from './scope.ts'
import { type Part, type Value, word } from './value.ts'

/** What a namespace is called: the host, its containers, its iproute2 name, a process of it; its inode when all fail. */
export function placeName(s: Scope, netns: string): string {
  const { host, records } = s.snapshot
  if (netns === host.rootNetns) return host.name
  const inside = s.containersIn(netns)
  if (inside.length) return inside.map((c) => c.name).join(', ')
  const record = records.netns[netns]
  const named = record?.names.find((n) => n.by === 'iproute2')
  if (named) return named.name
  // Another host of the same kernel may know whose it is.
  const node = s.node({ hostId: s.hostId, kind: 'netns', id: netns })
  if (node && node.hostId !== s.hostId && node.kind !== 'stack') return node.label
  const [process] = record?.processes ?? []
  if (process) return `${process.comm} ${process.pid}`
  return record?.names[0]?.name ?? `net:[${netns.slice(3)}]`
}

/** A namespace as an object that can be opened. */
export function netnsPart(s: Scope, netns: string): Part {
  const root = netns === s.snapshot.host.rootNetns
  const icon: NodeKind = root ? 'stack' : 'box'
  const name = root ? word('hostNamespace', { name: s.host }) : { text: placeName(s, netns) }
  return s.snapshot.records.netns[netns] ? { ...name, to: { hostId: s.hostId, kind: 'netns', id: netns }, icon } : name
}

/** A link as an object that can be opened. */
export function linkPart(s: Scope, link: Link, text = link.name): Part {
  return { text, to: { hostId: s.hostId, kind: 'link', id: link.id }, icon: linkIcon(s, link) }
}

/** A link by its ifindex; `if7` when it is not known. */
export function linkAt(s: Scope, netns: string, index: number | undefined): Value {
  if (index === undefined || index === 0) return undefined
  const link = s.link(netns, index)
  return link ? linkPart(s, link) : `if${index}`
}

/** A link with whose it is, for cells that speak of another namespace: `eth0 · web`. */
export const linkWithPlace = (s: Scope, link: Link): Part =>
  linkPart(s, link, `${link.name} · ${placeName(s, link.netns)}`)

/** As `ip` prints it: `eth0@if48`, or `vlan7@ens33` where the lower link is in the same namespace. */
export function ipName(s: Scope, link: Link): string {
  const index = link.iflink ?? (link.info.kind === 'veth' && link.linkNetns !== undefined ? link.index : undefined)
  if (index === undefined || index === 0) return link.name
  const lower = link.linkNetns === undefined ? s.link(link.netns, index) : undefined
  return `${link.name}@${lower?.name ?? `if${index}`}`
}

export const containerPart = (s: Scope, c: Container): Part => ({
  text: c.name,
  to: { hostId: s.hostId, kind: 'container', id: c.id },
  icon: 'box',
})

export const networkPart = (s: Scope, n: DockerNetwork): Part => ({
  text: n.name,
  to: { hostId: s.hostId, kind: 'dockerNetwork', id: n.id },
  icon: n.driver === 'macvlan' || n.driver === 'ipvlan' ? 'macvlan' : n.driver === 'overlay' ? 'tunnel' : 'bridge',
})

/** `[::1]:80`, `10.0.0.1:80`; without a port the address alone. */
export function endpoint(address: string, port: number | undefined): string {
  if (port === undefined) return address
  return `${address.includes(':') ? `[${address}]` : address}:${port}`
}

function linkIcon(s: Scope, link: Link): NodeKind {
  const ref = { hostId: s.hostId, kind: 'link' as const, id: link.id }
  const node = s.node(ref)
  // `lo` is listed by its box, which is not what it is.
  if (node && node.refs[0]?.id === link.id) return node.kind
  if (link.info.kind === 'bridge') return 'bridge'
  return link.netns === s.snapshot.host.rootNetns ? 'port' : 'interface'
}
