import {
  type Address,
  type HostSnapshot,
  inSubnet,
  type Link,
  type Netns,
  type Route,
  recordsOf,
} from '@hopscope/model'
import type { CommandOf } from '@hopscope/protocol'
import { ipOf } from '../argv.ts'
import { findLink, findNetns, isUp } from '../find.ts'
import { type Act, type Expect, Refused } from '../plan.ts'
import { addressWords } from '../restore/addresses.ts'
import { neighbourArgv, restoreNeighbours } from '../restore/neighbours.ts'
import { restoreRoutes, routeWords } from '../restore/routes.ts'
import { type Planners, phrase, requireChange, single } from './context.ts'

type Names =
  | 'address.add'
  | 'address.delete'
  | 'route.add'
  | 'route.delete'
  | 'route.replaceDefault'
  | 'neighbour.add'
  | 'neighbour.delete'
  | 'neighbour.flush'

export const layer3Planners: Planners<Names> = {
  'address.add'(command, snapshot) {
    const link = at(snapshot, command)
    const { address, prefixLength, family } = parts(command.address)
    const taken = addressNamed(snapshot, link.netns, address)
    if (taken) {
      const owner = recordsOf(snapshot, 'link').find((one) => one.netns === link.netns && one.index === taken.index)
      requireChange(owner?.index !== link.index || taken.prefixLength !== prefixLength)
      throw new Refused('ADDRESS_TAKEN', { address, link: owner?.name ?? '' }, 'address')
    }
    if (family === 'inet6' && link.mtu < 1280) throw new Refused('FAMILY_OFF', { link: link.name }, 'address')
    const title = phrase('address.add', { link: link.name, address: command.address })
    // As people do it: the broadcast address of the subnet is set with the address.
    const broadcast = family === 'inet' && prefixLength < 31 ? ['broadcast', '+'] : []
    const act = words(link, family, 'add', [command.address, ...broadcast, 'dev', link.name])
    const undo = [
      words(link, family, 'delete', [command.address, 'dev', link.name]),
      // As the link's last address it takes along what was there before it.
      ...restoreRoutes(snapshot, link),
      ...restoreNeighbours(snapshot, link),
    ]
    return single({ command, title, act, undo, on: [link], snapshot })
  },
  'address.delete'(command, snapshot) {
    const link = at(snapshot, command)
    const { address, prefixLength, family } = parts(command.address)
    const found = recordsOf(snapshot, 'address').find(
      (one) =>
        one.netns === link.netns &&
        one.index === link.index &&
        one.local === address &&
        one.prefixLength === prefixLength,
    )
    if (found === undefined)
      throw new Refused('ADDRESS_MISSING', { link: link.name, address: command.address }, 'address')
    const title = phrase('address.delete', { link: link.name, address: command.address })
    const act = words(link, family, 'delete', [command.address, 'dev', link.name])
    const goneToo = secondariesOf(snapshot, found)
    const undo = [
      words(link, family, 'replace', addressWords(found, link)),
      ...goneToo.map((one) => words(link, family, 'replace', addressWords(one, link))),
      // With its last address a link loses its neighbours and its routes, too.
      ...restoreRoutes(snapshot, link),
      ...restoreNeighbours(snapshot, link),
    ]
    const lost = found.flags.includes('dynamic') ? [phrase('lost.dynamicAddress', { address })] : []
    const was = `${command.address} dev ${link.name}`
    const expects: Expect[] = [{ kind: 'record', of: 'address', id: found.id, was, place: link.netns }]
    return single({ command, title, act, undo, lost, expects, on: [link], snapshot })
  },
  'route.add'(command, snapshot) {
    const netns = findNetns(snapshot, command.netns)
    const { family, words: way } = wayOf(snapshot, netns, command)
    const plain = command.type === 'unicast'
    if (plain && way.length === 0) throw new Refused('ROUTE_NEEDS_WAY', {}, 'via')
    const same = recordsOf(snapshot, 'route').find(
      (route) =>
        route.netns === netns.id &&
        route.family === family &&
        route.dst === command.dst &&
        route.table === command.table &&
        (route.metric ?? 0) === (command.metric ?? (family === 'inet6' ? 1024 : 0)),
    )
    if (same) throw new Refused('ROUTE_TAKEN', { dst: command.dst }, 'dst')
    const tail = [
      ...(plain ? [] : [command.type]),
      command.dst,
      ...way,
      ...(command.metric === undefined ? [] : ['metric', String(command.metric)]),
      ...(command.table === 254 ? [] : ['table', String(command.table)]),
    ]
    const title = phrase('route.add', { dst: command.dst })
    const act: Act = { place: netns.id, argv: [...ipOf(family, 'route'), 'add', ...tail] }
    const undo: Act = { place: netns.id, argv: [...ipOf(family, 'route'), 'delete', ...tail] }
    return single({ command, title, act, undo: [undo], expects: [here(netns)], snapshot })
  },
  'route.delete'(command, snapshot) {
    const netns = findNetns(snapshot, command.netns)
    const link = command.link === undefined ? undefined : findLink(snapshot, netns, command.link)
    const route = recordsOf(snapshot, 'route').find(
      (one) =>
        one.netns === netns.id &&
        one.dst === command.dst &&
        one.table === command.table &&
        one.type !== 'local' &&
        (command.via === undefined || one.gateway === command.via) &&
        (command.metric === undefined || one.metric === command.metric) &&
        (link === undefined || one.oif === link.index),
    )
    if (route === undefined) throw new Refused('ROUTE_MISSING', { dst: command.dst }, 'dst')
    const title = phrase('route.delete', { dst: command.dst })
    return single({
      command,
      title,
      act: routeAct(snapshot, route, 'delete'),
      undo: [routeAct(snapshot, route, 'replace')],
      expects: [here(netns), expectRoute(snapshot, route)],
      snapshot,
    })
  },
  'route.replaceDefault'(command, snapshot) {
    const netns = findNetns(snapshot, command.netns)
    const { family, words: way } = wayOf(snapshot, netns, { ...command, dst: 'default' })
    const before = recordsOf(snapshot, 'route').filter(
      (route) => route.netns === netns.id && route.family === family && route.dst === 'default' && route.table === 254,
    )
    const [first] = before.sort((a, b) => (a.metric ?? 0) - (b.metric ?? 0))
    requireChange(first?.gateway !== command.via)
    const metric = first?.metric === undefined ? [] : ['metric', String(first.metric)]
    const act: Act = { place: netns.id, argv: [...ipOf(family, 'route'), 'replace', 'default', ...way, ...metric] }
    const undo: Act = first
      ? routeAct(snapshot, first, 'replace')
      : { place: netns.id, argv: [...ipOf(family, 'route'), 'delete', 'default', ...way] }
    const title = phrase('route.replaceDefault', { via: command.via })
    const expects = [here(netns), ...(first ? [expectRoute(snapshot, first)] : [])]
    return single({ command, title, act, undo: [undo], expects, snapshot })
  },
  'neighbour.add'(command, snapshot) {
    const link = at(snapshot, command)
    if (link.address === undefined) throw new Refused('NO_MAC', { link: link.name })
    if (!isUp(link)) throw new Refused('LINK_DOWN', { link: link.name })
    const before = neighboursAt(snapshot, link).find(({ address, proxy }) => address === command.address && !proxy)
    requireChange(before?.state !== 'PERMANENT' || before.lladdr !== command.mac)
    const act = { place: link.netns, argv: neighbourArgv(command.address, command.mac, link) }
    const written = before?.state === 'PERMANENT' ? before.lladdr : undefined
    const undo =
      written === undefined
        ? neighbourDelete(link, command.address)
        : { place: link.netns, argv: neighbourArgv(command.address, written, link) }
    const title = phrase('neighbour.add', { address: command.address, mac: command.mac, link: link.name })
    return single({ command, title, act, undo: [undo], on: [link], snapshot })
  },
  'neighbour.delete'(command, snapshot) {
    const link = at(snapshot, command)
    const found = neighboursAt(snapshot, link).find(({ address, proxy }) => address === command.address && !proxy)
    if (found === undefined)
      throw new Refused('NEIGHBOUR_MISSING', { address: command.address, link: link.name }, 'address')
    const title = phrase('neighbour.delete', { address: command.address, link: link.name })
    return single({
      command,
      title,
      act: neighbourDelete(link, found.address),
      undo: writtenAgain(link, [found]),
      on: [link],
      snapshot,
    })
  },
  'neighbour.flush'(command, snapshot) {
    const link = at(snapshot, command)
    const found = neighboursAt(snapshot, link).filter(({ proxy, state }) => !proxy && state !== 'NOARP')
    requireChange(found.length > 0)
    const title = phrase('neighbour.flush', { link: link.name })
    const act = { place: link.netns, argv: ['ip', 'neigh', 'flush', 'dev', link.name, 'nud', 'all'] }
    const lost = [phrase('lost.learned', { link: link.name })]
    return single({ command, title, act, undo: writtenAgain(link, found), lost, on: [link], snapshot })
  },
}

/** By all that it says: what is restored must be what was there. */
const expectRoute = (snapshot: HostSnapshot, route: Route): Expect => ({
  ...{ kind: 'record', of: 'route', id: route.id, place: route.netns },
  was: routeWords(snapshot, route).join(' '),
})

const here = (netns: Netns) => ({ kind: 'record', of: 'netns', id: netns.id }) as const

function at(snapshot: HostSnapshot, { netns, link }: { netns: string; link: string }): Link {
  return findLink(snapshot, findNetns(snapshot, netns), link)
}

type Family = Address['family']

function parts(cidr: string): { address: string; prefixLength: number; family: Family } {
  const [address = '', length = ''] = cidr.split('/')
  return { address, prefixLength: Number(length), family: address.includes(':') ? 'inet6' : 'inet' }
}

const words = (link: Link, family: Family, verb: string, tail: readonly string[]): Act => ({
  place: link.netns,
  argv: [...ipOf(family, 'address'), verb, ...tail],
})

const addressNamed = (snapshot: HostSnapshot, netns: string, local: string): Address | undefined =>
  recordsOf(snapshot, 'address').find((one) => one.netns === netns && one.local === local)

/** With the first address of a subnet, the kernel takes the others of it away, unless it is told to promote one. */
export function secondariesOf(snapshot: HostSnapshot, first: Address): Address[] {
  if (first.family === 'inet6' || first.flags.includes('secondary')) return []
  return recordsOf(snapshot, 'address').filter(
    (one) =>
      one.id !== first.id &&
      one.netns === first.netns &&
      one.index === first.index &&
      one.flags.includes('secondary') &&
      one.prefixLength === first.prefixLength &&
      inSubnet(one.local, first.local, first.prefixLength),
  )
}

const routeAct = (snapshot: HostSnapshot, route: Route, verb: 'replace' | 'delete'): Act => ({
  place: route.netns,
  argv: [...ipOf(route.family, 'route'), verb, ...routeWords(snapshot, route)],
})

type WayInput = Pick<CommandOf<'route.add'>, 'dst'> & { via?: string | undefined; link?: string | undefined }

/** "via … dev …" for a route; refuses a gateway that nobody could reach. */
function wayOf(
  snapshot: HostSnapshot,
  netns: Netns,
  { dst, via, link: name }: WayInput,
): { family: Family; words: string[] } {
  const isV6 = (text: string) => text.includes(':')
  const family = isV6(dst) || (dst === 'default' && via !== undefined && isV6(via)) ? 'inet6' : 'inet'
  if (via !== undefined && isV6(via) !== (family === 'inet6'))
    throw new Refused('FAMILY_MIXED', { a: dst, b: via }, 'via')
  const link = name === undefined ? undefined : findLink(snapshot, netns, name)
  if (link && !isUp(link)) throw new Refused('LINK_DOWN', { link: link.name }, 'link')
  if (via !== undefined) requireReachable(snapshot, { netns, via, link })
  return {
    family,
    words: [...(via === undefined ? [] : ['via', via]), ...(link ? ['dev', link.name] : [])],
  }
}

function requireReachable(snapshot: HostSnapshot, to: { netns: Netns; via: string; link: Link | undefined }): void {
  const { netns, via, link } = to
  if (link && via.toLowerCase().startsWith('fe80:')) return
  const near = recordsOf(snapshot, 'address').some(
    (one) =>
      one.netns === netns.id &&
      (link === undefined || one.index === link.index) &&
      (inSubnet(via, one.local, one.prefixLength) || one.peer === via),
  )
  const routed = recordsOf(snapshot, 'route').some(
    (route) =>
      route.netns === netns.id &&
      route.gateway === undefined &&
      (link === undefined || route.oif === link.index) &&
      (route.dst === via || (route.dst.includes('/') && covers(route.dst, via))),
  )
  if (!near && !routed) throw new Refused('GATEWAY_UNREACHABLE', { via }, 'via')
}

function covers(prefix: string, address: string): boolean {
  const [network = '', length = ''] = prefix.split('/')
  return inSubnet(address, network, Number(length))
}

const neighboursAt = (snapshot: HostSnapshot, { netns, index }: Link) =>
  recordsOf(snapshot, 'neighbour').filter((one) => one.netns === netns && one.index === index)

const neighbourDelete = (link: Link, address: string): Act => ({
  place: link.netns,
  argv: ['ip', 'neigh', 'delete', address, 'dev', link.name],
})

/** Those that somebody wrote down; the others are learned anew. */
function writtenAgain(link: Link, found: ReturnType<typeof neighboursAt>): Act[] {
  return found.flatMap(({ address, lladdr, state }) =>
    state === 'PERMANENT' && lladdr !== undefined
      ? [{ place: link.netns, argv: neighbourArgv(address, lladdr, link) }]
      : [],
  )
}
