import {
  addressId,
  type HostSnapshot,
  type Link,
  type LinkInfo,
  linkId,
  type RecordKind,
  type RecordOf,
  recordsOf,
  routeId,
  type Sysctl,
  sysctlId,
} from '@hopscope/model'
import type { CommandOf } from '@hopscope/protocol'
import { farLink, findLink, findNetns } from './find.ts'
import { LABEL } from './plan/context.ts'

/** Commands whose outcome can be told before they run. */
export type Foreseen =
  | CommandOf<'netns.add'>
  | CommandOf<'bridge.create'>
  | CommandOf<'veth.create'>
  | CommandOf<'link.up'>
  | CommandOf<'link.attach'>
  | CommandOf<'link.move'>
  | CommandOf<'link.rename'>
  | CommandOf<'address.add'>
  | CommandOf<'route.add'>
  | CommandOf<'sysctl.set'>

/**
 * The host as it will be after a command that can be planned now, as far as planning the commands after it goes. Pure.
 * What is made has an id that the kernel may not give it, so nothing of it may be kept.
 */
export function foresee(snapshot: HostSnapshot, command: Foreseen): HostSnapshot {
  switch (command.do) {
    case 'netns.add':
      return withNetns(snapshot, command.name)
    case 'bridge.create': {
      const netns = findNetns(snapshot, command.netns).id
      return put(snapshot, 'link', newLink(snapshot, { netns, name: command.name, info: BRIDGE }))
    }
    case 'veth.create':
      return withVeth(snapshot, command)
    case 'link.up': {
      const link = find(snapshot, command)
      return put(snapshot, 'link', { ...link, flags: [...new Set([...link.flags, 'UP'])] })
    }
    case 'link.attach': {
      const link = find(snapshot, command)
      const bridge = findLink(snapshot, findNetns(snapshot, command.netns), command.bridge)
      return put(snapshot, 'link', { ...link, master: bridge.index })
    }
    case 'link.rename':
      return put(snapshot, 'link', { ...find(snapshot, command), name: command.to })
    case 'link.move':
      return withMoved(snapshot, find(snapshot, command), findNetns(snapshot, command.to).id)
    case 'address.add': {
      const { netns, index } = find(snapshot, command)
      const [local = '', length] = command.address.split('/')
      const at = { netns, index, local, prefixLength: Number(length) }
      const family = familyOf(local)
      return put(snapshot, 'address', { id: addressId(at), ...at, family, scope: 'global', flags: ['permanent'] })
    }
    case 'route.add':
      return withRoute(snapshot, command)
    case 'sysctl.set':
      return withSwitch(snapshot, command)
  }
}

function put<K extends RecordKind>(snapshot: HostSnapshot, kind: K, ...records: readonly RecordOf<K>[]): HostSnapshot {
  const more = Object.fromEntries(records.map((record) => [record.id, record]))
  return { ...snapshot, records: { ...snapshot.records, [kind]: { ...snapshot.records[kind], ...more } } }
}

/** Without these links, and what hangs on them. */
function without(snapshot: HostSnapshot, { id, netns, index }: Link): HostSnapshot {
  const { link, address } = snapshot.records
  const kept = Object.values(address).filter((one) => one.netns !== netns || one.index !== index)
  const { [id]: _, ...links } = link
  const addresses = Object.fromEntries(kept.map((one) => [one.id, one]))
  return { ...snapshot, records: { ...snapshot.records, link: links, address: addresses } }
}

const find = (snapshot: HostSnapshot, { netns, link }: { netns: string; link: string }): Link =>
  findLink(snapshot, findNetns(snapshot, netns), link)

const familyOf = (text: string) => (text.includes(':') ? ('inet6' as const) : ('inet' as const))

function withNetns(snapshot: HostSnapshot, name: string): HostSnapshot {
  // As `Place` names a namespace that an earlier act makes.
  const id = `name:${name}`
  const path = `/run/netns/${name}`
  const names = [{ name, path, by: 'iproute2' as const }]
  const netns = { id, inode: 0, root: false, names, processes: [], processCount: 0, path }
  const switches = { id: sysctlId(id), netns: id, ipForward: false, ip6Forwarding: false, links: {} }
  return put(put(snapshot, 'netns', netns), 'sysctl', switches)
}

/** As the kernel starts them. */
const BRIDGE: LinkInfo = {
  ...{ kind: 'bridge', bridgeId: '', rootId: '', rootPort: 0, priority: 32_768, stp: false },
  ...{ ageingTime: 300, forwardDelay: 15, helloTime: 2, maxAge: 20, vlanFiltering: false },
}

type New = Pick<Link, 'netns' | 'name' | 'info'> & Partial<Link>

/** A link as the kernel makes one: off, with the next free number. */
function newLink(snapshot: HostSnapshot, link: New): Link {
  const index = link.index ?? nextIndex(snapshot, link.netns)
  return {
    ...{
      id: linkId(link.netns, index),
      index,
      altNames: [],
      alias: LABEL,
      type: 'ether',
      flags: ['BROADCAST', 'MULTICAST'],
    },
    ...{ mtu: 1500, qdisc: 'noop', txQueueLen: 1000, operState: 'DOWN', promiscuity: 0, group: 'default' },
    // Any will do: whether there is one is all that planners ask.
    address: '02:00:00:00:00:00',
    ...link,
  }
}

const nextIndex = (snapshot: HostSnapshot, netns: string): number =>
  recordsOf(snapshot, 'link').reduce((most, link) => (link.netns === netns ? Math.max(most, link.index) : most), 0) + 1

function withVeth(snapshot: HostSnapshot, { netns, name, peer }: CommandOf<'veth.create'>): HostSnapshot {
  const [here, there] = [findNetns(snapshot, netns).id, findNetns(snapshot, peer.netns).id]
  const index = nextIndex(snapshot, here)
  const far = there === here ? index + 1 : nextIndex(snapshot, there)
  const ends = [
    { netns: here, index, name, iflink: far, linkNetns: there },
    { netns: there, index: far, name: peer.name, iflink: index, linkNetns: here },
  ]
  return put(snapshot, 'link', ...ends.map((end) => newLink(snapshot, { ...end, info: { kind: 'veth' } })))
}

/** Off and without its addresses, as the kernel moves it. */
function withMoved(snapshot: HostSnapshot, link: Link, netns: string): HostSnapshot {
  const peer = farLink(snapshot, link)
  const index = nextIndex(snapshot, netns)
  const { master: _, ...rest } = link
  const flags = link.flags.filter((flag) => flag !== 'UP' && flag !== 'LOWER_UP')
  const moved = { ...rest, id: linkId(netns, index), netns, index, flags, linkNetns: peer?.netns ?? null }
  const left = put(without(snapshot, link), 'link', moved)
  return peer ? put(left, 'link', { ...peer, iflink: index, linkNetns: netns }) : left
}

function withRoute(snapshot: HostSnapshot, command: CommandOf<'route.add'>): HostSnapshot {
  const netns = findNetns(snapshot, command.netns)
  const { dst, via, metric, table, type } = command
  const oif = command.link === undefined ? undefined : findLink(snapshot, netns, command.link).index
  const route = {
    ...{ netns: netns.id, family: familyOf(dst === 'default' ? (via ?? '') : dst), dst, table, type },
    ...{ protocol: 'boot', scope: 'global', flags: [] },
    ...(via !== undefined && { gateway: via }),
    ...(oif !== undefined && { oif }),
    ...(metric !== undefined && { metric }),
  }
  return put(snapshot, 'route', { id: routeId(route), ...route })
}

function withSwitch(snapshot: HostSnapshot, { netns, key, value }: CommandOf<'sysctl.set'>): HostSnapshot {
  const id = findNetns(snapshot, netns).id
  const before: Sysctl = snapshot.records.sysctl[sysctlId(id)] ?? { id: sysctlId(id), netns: id, links: {} }
  const on = value !== 0
  switch (key) {
    case 'ip_forward':
      return put(snapshot, 'sysctl', { ...before, ipForward: on })
    case 'ipv6_forwarding':
      return put(snapshot, 'sysctl', { ...before, ip6Forwarding: on })
    case 'bridge-nf-call-iptables':
      return put(snapshot, 'sysctl', { ...before, bridgeNfCallIptables: on })
    case 'rp_filter':
      return put(snapshot, 'sysctl', { ...before, rpFilterAll: value })
    // Of a link alone; nothing that is planned later asks for it.
    case 'proxy_arp':
      return snapshot
  }
}
