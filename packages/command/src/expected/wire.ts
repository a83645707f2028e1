import { type HostSnapshot, type Link, linkId, type RecordKind, recordsOf } from '@hopscope/model'
import { farLink, isBridge, isUp, masterOf, portsOf } from '../find.ts'
import { LABEL } from '../plan/context.ts'
import { NEW_PORT } from '../restore/bridgePorts.ts'
import type { Sketch } from './sketch.ts'

type New = Pick<Link, 'netns' | 'name' | 'info'> & Partial<Link>

/** A link as the kernel makes it: down, and marked as ours. */
export const newLink = (sketch: Sketch, { netns, ...link }: New): Link => {
  const index = link.index ?? sketch.freeIndex(netns)
  return {
    id: linkId(netns, index),
    netns,
    index,
    altNames: [],
    alias: LABEL,
    type: 'ether',
    flags: ['BROADCAST', 'MULTICAST'],
    mtu: 1500,
    qdisc: 'noop',
    txQueueLen: 1000,
    operState: 'DOWN',
    promiscuity: 0,
    group: 'default',
    // Any will do: whether there is one is all that planners ask.
    address: '02:00:00:00:00:00',
    ...link,
  }
}

/** Both ends of a veth pair, each knowing the other. */
export function putPair(sketch: Sketch, first: Omit<New, 'info'>, second: Omit<New, 'info'>): void {
  const a = newLink(sketch, { ...first, info: { kind: 'veth' } })
  const b = newLink(sketch, { ...second, info: { kind: 'veth' } })
  const away = (end: Link, other: Link) => (end.netns === other.netns ? {} : { linkNetns: other.netns })
  for (const [end, other] of [
    [a, b],
    [b, a],
  ] as const)
    sketch.put('link', { ...end, iflink: other.index, ...away(end, other) })
}

/** What belongs to a link and goes with it. */
const BELONGS: readonly ('address' | 'neighbour' | 'fdb')[] = ['address', 'neighbour', 'fdb']

/** Takes away what a link has, and the routes over it. */
export function strip(sketch: Sketch, { netns, index }: Link): void {
  const now = sketch.now()
  for (const kind of BELONGS)
    for (const one of recordsOf(now, kind)) if (one.netns === netns && one.index === index) sketch.drop(kind, one.id)
  dropRoutes(sketch, netns, index)
}

export function dropRoutes(sketch: Sketch, netns: string, index: number): void {
  for (const route of recordsOf(sketch.now(), 'route'))
    if (route.netns === netns && route.oif === index) sketch.drop('route', route.id)
}

/** A link goes: with it the other end of its pair and what stands on it; its ports are free. */
export function dropLink(sketch: Sketch, link: Link): void {
  const before = sketch.now()
  if (before.records.link[link.id] === undefined) return
  strip(sketch, link)
  sketch.drop('link', link.id)
  for (const port of isBridge(link) ? portsOf(before, link) : []) sketch.put('link', unplugged(port))
  const far = link.info.kind === 'veth' ? farLink(before, link) : undefined
  if (far) dropLink(sketch, far)
  for (const child of childrenOf(before, link)) dropLink(sketch, child)
  const bridge = masterOf(before, link)
  if (bridge) settle(sketch, bridge.id)
}

const ON_A_LINK = ['macvlan', 'macvtap', 'ipvlan', 'vlan']

const childrenOf = (snapshot: HostSnapshot, { netns, index }: Link): Link[] =>
  recordsOf(snapshot, 'link').filter(
    (one) => ON_A_LINK.includes(one.info.kind) && one.iflink === index && (one.linkNetns ?? one.netns) === netns,
  )

export const unplugged = ({ master: _, port: __, ...link }: Link): Link => link

/** As a port of a bridge, with what the kernel starts it with. */
export const plugged = (link: Link, bridge: Link): Link => ({
  ...link,
  master: bridge.index,
  port: {
    state: 'disabled',
    portNo: 0,
    cost: 2,
    ...NEW_PORT,
  },
})

export function withFlag<L extends Link>(link: L, flag: string, on: boolean): L {
  const rest = link.flags.filter((one) => one !== flag)
  return { ...link, flags: on ? [...rest, flag] : rest }
}

/** Switches a link on or off, and lets everything that hangs together with it follow. */
export function switchLink(sketch: Sketch, link: Link, on: boolean): void {
  sketch.put('link', withFlag(link, 'UP', on))
  settle(sketch, link.id)
}

/** A link's carrier as it follows from the links around it, and theirs from it. */
export function settle(sketch: Sketch, id: string, seen: Set<string> = new Set()): void {
  const now = sketch.now()
  const link = now.records.link[id]
  if (link === undefined || seen.has(id)) return
  seen.add(id)
  const on = isUp(link) && carrierOf(now, link)
  const next = withFlag(link, 'LOWER_UP', on)
  const state = link.port && portState(now, next)
  // A bridge that stays as it is does not make its other ports look changed.
  if (on !== link.flags.includes('LOWER_UP') || state !== link.port?.state)
    sketch.put('link', next.port && state ? { ...next, port: { ...next.port, state } } : next)
  const far = link.info.kind === 'veth' ? farLink(now, link) : undefined
  for (const other of [far, masterOf(now, link), ...childrenOf(now, link)]) if (other) settle(sketch, other.id, seen)
}

const carries = (link: Link): boolean => isUp(link) && link.flags.includes('LOWER_UP')

function carrierOf(now: HostSnapshot, link: Link): boolean {
  switch (link.info.kind) {
    case 'veth': {
      const far = farLink(now, link)
      return far ? isUp(far) : carries(link)
    }
    case 'bridge':
      return portsOf(now, link).some(carries)
    case 'macvlan':
    case 'macvtap':
    case 'ipvlan':
    case 'vlan': {
      const parent = farLink(now, link)
      return parent ? carries(parent) : carries(link)
    }
    default:
      // What is plugged in outside nobody knows: mostly it is.
      return true
  }
}

/** With STP a port listens first, for half a minute. */
function portState(now: HostSnapshot, port: Link): 'disabled' | 'listening' | 'forwarding' {
  if (!carries(port)) return 'disabled'
  const bridge = masterOf(now, port)
  if (port.port?.state === 'forwarding') return 'forwarding'
  return bridge?.info.kind === 'bridge' && bridge.info.stp ? 'listening' : 'forwarding'
}

/** Every record of a namespace goes, and the ends elsewhere of the pairs that end in it. */
export function dropNetns(sketch: Sketch, netns: string): void {
  for (const link of recordsOf(sketch.now(), 'link')) if (link.netns === netns) dropLink(sketch, link)
  for (const kind of INSIDE)
    for (const one of recordsOf(sketch.now(), kind)) if (one.netns === netns) sketch.drop(kind, one.id)
  sketch.drop('netns', netns)
}

const INSIDE = ['route', 'policyRule', 'sysctl', 'socket', 'conntrack'] as const satisfies readonly RecordKind[]
