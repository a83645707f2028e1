import { type HostSnapshot, type Link, recordsOf, visible } from '@hopscope/model'
import { ownPortsIn, publishText } from '@hopscope/topology'
import type { Paint } from '../terminal.ts'
import { type Cell, table } from './table.ts'

/** What a host is like, in one screen or two: its interfaces, bridges, containers, networks, and how much of the rest. */
export function snapshotText(snapshot: HostSnapshot, paint: Paint): string {
  const sections = [
    ['Interfaces of the host', interfaces(snapshot, paint)],
    ['Containers', containers(snapshot, paint)],
    ['Docker networks', networks(snapshot, paint)],
    ['Network namespaces', namespaces(snapshot, paint)],
    ['Listening on the host', sockets(snapshot, paint)],
  ].flatMap(([title, text]) => (text ? [`${paint('bold', title ?? '')}\n${text}`] : []))
  return [heading(snapshot, paint), ...sections, `${paint('bold', 'Also known')}\n${counts(snapshot)}`].join('\n\n')
}

function heading({ host, records }: HostSnapshot, paint: Paint): string {
  const where = host.vantage.kind === 'sandbox' ? `host of sandbox ${host.vantage.sandbox}` : 'this host'
  const facts = [where, host.os, `Linux ${host.kernel}`].filter((x) => x !== undefined)
  const lines = [`${paint('bold', visible(host.name))}  ${facts.map(visible).join(' · ')}`]
  if (!host.privileged)
    lines.push(paint('yellow', 'Not all is visible without root; "hopscope doctor" says what is missing.'))
  for (const source of Object.values(records.source)) {
    if (source.state === 'ok') continue
    const words = `${source.name}: ${source.state === 'partial' ? 'partly read' : 'not available'}. ${source.detail ?? ''}`
    lines.push(paint('yellow', visible(words)))
  }
  return lines.join('\n')
}

function interfaces(snapshot: HostSnapshot, paint: Paint): string {
  const root = snapshot.host.rootNetns
  const links = recordsOf(snapshot, 'link').filter((l) => l.netns === root)
  const byIndex = new Map(links.map((l) => [l.index, l]))
  const shown = links.filter((l) => l.master === undefined || l.info.kind !== 'veth').sort((a, b) => a.index - b.index)
  const rows = shown.map((link): Cell[] => [
    `${link.index}`,
    link.name,
    kindOf(link),
    up(link),
    addressesOf(snapshot, link).join(', '),
    link.address ?? '',
    link.info.kind === 'bridge' ? portsOf(links, link) : (byIndex.get(link.master ?? -1)?.name ?? ''),
  ])
  return table(['#', 'NAME', 'KIND', 'STATE', 'ADDRESSES', 'MAC', 'PORTS OR BRIDGE'], rows, paint)
}

const kindOf = ({ info, flags }: Link): string =>
  flags.includes('LOOPBACK') ? 'loopback' : info.kind === 'other' ? info.name : info.kind

function up({ flags }: Link): Cell {
  if (!flags.includes('UP')) return { text: 'down', style: 'red' }
  return flags.includes('LOWER_UP') ? { text: 'up', style: 'green' } : { text: 'no carrier', style: 'yellow' }
}

function addressesOf(snapshot: HostSnapshot, link: Link): string[] {
  return recordsOf(snapshot, 'address')
    .filter((a) => a.netns === link.netns && a.index === link.index && a.scope !== 'link')
    .map((a) => `${a.local}/${a.prefixLength}`)
}

function portsOf(links: readonly Link[], bridge: Link): string {
  const names = links.filter((l) => l.master === bridge.index).map((l) => l.name)
  return names.length > 4 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ')
}

function containers(snapshot: HostSnapshot, paint: Paint): string | undefined {
  const list = recordsOf(snapshot, 'container').sort((a, b) => (a.name < b.name ? -1 : 1))
  if (list.length === 0) return undefined
  const name = new Map(list.map((c) => [c.containerId, c.name]))
  const ours = ownPortsIn(snapshot).map(({ port }) => port)
  const rows = list.map((c): Cell[] => [
    c.name,
    c.image,
    { text: c.state, style: c.state === 'running' ? 'green' : 'yellow' },
    c.networkMode.startsWith('container:') ? `shares ${name.get(c.networkMode.slice(10)) ?? '?'}` : c.networkMode,
    c.attachments.flatMap((a) => (a.ip ? [`${a.ip} (${a.network})`] : [])).join(', '),
    [
      ...c.ports
        .filter((p) => !p.hostIp.includes(':'))
        .map((p) => `${p.hostIp === '0.0.0.0' ? '' : `${p.hostIp}:`}${p.hostPort} → ${p.containerPort}/${p.protocol}`),
      ...ours.filter((port) => port.container === c.name).map((port) => `${publishText(port)} by our rules`),
    ].join(', '),
  ])
  return table(['NAME', 'IMAGE', 'STATE', 'MODE', 'ADDRESSES', 'PUBLISHED'], rows, paint)
}

function networks(snapshot: HostSnapshot, paint: Paint): string | undefined {
  const list = recordsOf(snapshot, 'dockerNetwork').sort((a, b) => (a.name < b.name ? -1 : 1))
  if (list.length === 0) return undefined
  const members = (id: string) =>
    recordsOf(snapshot, 'container').filter((c) => c.attachments.some((a) => a.networkId === id)).length
  const rows = list.map((n): Cell[] => [
    n.name,
    n.driver,
    n.ipam.flatMap((i) => i.subnet ?? []).join(', '),
    n.bridge ?? n.parent ?? '',
    `${members(n.networkId)}`,
    [n.internal && 'internal', n.ipv6 && 'IPv6', n.attachable && 'attachable', n.ingress && 'ingress']
      .filter(Boolean)
      .join(', '),
  ])
  return table(['NAME', 'DRIVER', 'SUBNETS', 'BRIDGE OR PARENT', 'MEMBERS', 'KIND'], rows, paint)
}

function namespaces(snapshot: HostSnapshot, paint: Paint): string | undefined {
  const list = recordsOf(snapshot, 'netns').filter((n) => !n.root)
  if (list.length === 0) return undefined
  const rows = list.map((n): Cell[] => [
    `${n.inode}`,
    n.names.map((x) => x.name).join(', '),
    recordsOf(snapshot, 'container')
      .filter((c) => c.netns === n.id)
      .map((c) => c.name)
      .join(', '),
    n.processes[0] ? `${n.processes[0].comm} (${n.processes[0].pid})` : '',
    `${n.processCount}`,
    recordsOf(snapshot, 'link')
      .filter((l) => l.netns === n.id && !l.flags.includes('LOOPBACK'))
      .map((l) => l.name)
      .join(', '),
  ])
  return table(['INODE', 'NAMES', 'CONTAINERS', 'FIRST PROCESS', 'PROCESSES', 'INTERFACES'], rows, paint)
}

function sockets(snapshot: HostSnapshot, paint: Paint): string | undefined {
  const list = recordsOf(snapshot, 'socket')
    .filter((s) => s.netns === snapshot.host.rootNetns && s.protocol !== 'raw')
    .sort((a, b) => a.port - b.port)
  if (list.length === 0) return undefined
  const shown = list
    .slice(0, 20)
    .map((s): Cell[] => [
      s.protocol,
      s.family === 'inet6' ? `[${s.address}]:${s.port}` : `${s.address}:${s.port}`,
      s.process ? `${s.process.comm} (${s.process.pid})` : '',
    ])
  const more = list.length > 20 ? `\n  and ${list.length - 20} more` : ''
  return table(['PROTOCOL', 'ADDRESS', 'PROCESS'], shown, paint) + more
}

function counts(snapshot: HostSnapshot): string {
  const size = (kind: keyof HostSnapshot['records']) => Object.keys(snapshot.records[kind]).length
  const legacy = recordsOf(snapshot, 'fwRule').filter((r) => r.engine === 'legacy').length
  return [
    `  ${size('link')} links, ${size('address')} addresses, ${size('route')} routes and ${size('policyRule')} policy rules in ${size('netns')} namespaces`,
    `  ${size('neighbour')} neighbours (ARP and NDP), ${size('fdb')} forwarding entries (CAM)`,
    `  ${size('fwRule')} firewall rules in ${size('fwChain')} chains (${legacy} of them iptables-legacy), ${size('conntrack')} tracked connections`,
  ].join('\n')
}
