import type { HostSnapshot, Link } from '@hopscope/model'
import { netnsWord } from '../argv.ts'
import { farLink, isBridge, isUp, masterOf, portsOf } from '../find.ts'
import type { Act, Place } from '../plan.ts'
import { addressBack, addressesOf, NO_MAC, restoreLinkLocal } from './addresses.ts'
import { restorePlug } from './bridgePorts.ts'
import { goneWith } from './gone.ts'
import { restoreNeighbours } from './neighbours.ts'
import { inPlace, type Placing } from './placing.ts'
import { restoreRoutes } from './routes.ts'

/** What a link loses when it goes down, put back: IPv6 addresses, routes, neighbours written by hand. */
export function restoreAfterDown(snapshot: HostSnapshot, link: Link, placing = inPlace): Act[] {
  return [
    ...addressesOf(snapshot, link)
      .filter(({ family }) => family === 'inet6')
      .map((one) => addressBack(one, link, placing)),
    ...restoreRoutes(snapshot, link, placing),
    ...restoreNeighbours(snapshot, link, placing),
  ]
}

/** What a link loses when it leaves its namespace or is made again: all but its kind's settings and its bridge. */
export function restoreSettings(snapshot: HostSnapshot, link: Link, placing = inPlace): Act[] {
  const place = placing(link.netns)
  const set = (...words: string[]): Act => ({ place, argv: ['ip', 'link', 'set', 'dev', link.name, ...words] })
  return [
    ...(link.alias === undefined ? [] : [set('alias', link.alias)]),
    ...(link.flags.includes('PROMISC') ? [set('promisc', 'on')] : []),
    ...(isUp(link) ? [set('up'), ...restoreLinkLocal(snapshot, link, placing)] : []),
    ...addressesOf(snapshot, link).map((one) => addressBack(one, link, placing)),
    ...restoreRoutes(snapshot, link, placing),
    ...restoreNeighbours(snapshot, link, placing),
  ]
}

/** `later`: the namespace whose bridges come after their ports, and plug them in themselves. */
type Remaking = { placing?: Placing; later?: string }

/** As `remake`, with what stood on the link, as far as that can be made again. */
export function remakeAll(snapshot: HostSnapshot, link: Link, how: Remaking = {}): Act[] | undefined {
  const again = remake(snapshot, link, how)
  const peer = link.info.kind === 'veth' ? farLink(snapshot, link) : undefined
  const uppers = goneWith(snapshot, link).filter((one) => one !== link && one !== peer)
  return again && [...again, ...uppers.flatMap((upper) => remake(snapshot, upper, how) ?? [])]
}

/** Makes a deleted link again with all that it had; undefined for kinds whose settings are not all known. */
function remake(snapshot: HostSnapshot, link: Link, { placing = inPlace, later }: Remaking = {}): Act[] | undefined {
  const place = placing(link.netns)
  const begin = ['ip', 'link', 'add']
  const common = (one: Link) => [
    ...['name', one.name, 'index', String(one.index)],
    ...(one.address === undefined || one.address === NO_MAC || hasPortsAddress(snapshot, one)
      ? []
      : ['address', one.address]),
    ...['mtu', String(one.mtu), 'txqueuelen', String(one.txQueueLen)],
  ]
  const rest = (one: Link): Act[] => {
    const bridge = one.netns === later ? undefined : masterOf(snapshot, one)
    return [...(bridge ? restorePlug(snapshot, one, bridge, placing) : []), ...restoreSettings(snapshot, one, placing)]
  }
  const { info } = link
  switch (info.kind) {
    case 'dummy':
      return [{ place, argv: [...begin, ...common(link), 'type', 'dummy'] }, ...rest(link)]
    case 'veth': {
      const peer = farLink(snapshot, link)
      const word = peer && wordOf(snapshot, placing(peer.netns))
      if (peer === undefined || word === undefined) return undefined
      const far = ['type', 'veth', 'peer', ...common(peer), 'netns', word]
      return [{ place, argv: [...begin, ...common(link), ...far] }, ...rest(link), ...rest(peer)]
    }
    case 'bridge':
      return [
        { place, argv: [...begin, ...common(link), 'type', 'bridge', ...bridgeWords(info)] },
        ...portsOf(snapshot, link).flatMap((port) => restorePlug(snapshot, port, link, placing)),
        ...rest(link),
      ]
    case 'macvlan': {
      const parent = farLink(snapshot, link)
      const word = wordOf(snapshot, place)
      if (parent === undefined || word === undefined) return undefined
      const away = parent.netns === link.netns ? [] : ['netns', word]
      const words = ['link', parent.name, ...common(link), ...away, 'type', 'macvlan', 'mode', info.mode]
      return [{ place: placing(parent.netns), argv: [...begin, ...words] }, ...rest(link)]
    }
    case 'vxlan': {
      const parent = farLink(snapshot, link)
      if (link.linkNetns !== undefined || (info.underlay !== undefined && parent === undefined)) return undefined
      return [{ place, argv: [...begin, ...common(link), 'type', 'vxlan', ...vxlanWords(info, parent)] }, ...rest(link)]
    }
    default:
      return undefined
  }
}

export const canBeRemade = (link: Link): boolean =>
  isBridge(link) || ['veth', 'dummy', 'macvlan', 'vxlan'].includes(link.info.kind)

/** A bridge that nobody gave an address has its lowest port's, and changes it with its ports. */
const hasPortsAddress = (snapshot: HostSnapshot, link: Link): boolean =>
  isBridge(link) && portsOf(snapshot, link).some(({ address }) => address === link.address)

/** A namespace that is made again has its name only. */
function wordOf(snapshot: HostSnapshot, place: Place): string | undefined {
  return place.startsWith('name:') ? place.slice('name:'.length) : netnsWord(snapshot, place)
}

type InfoOf<K extends Link['info']['kind']> = Extract<Link['info'], { kind: K }>

/** Only what is not as the kernel makes it: it may lack what the rest is about. */
function bridgeWords(info: InfoOf<'bridge'>): string[] {
  // iproute2 takes hundredths of a second.
  const time = (word: string, seconds: number, usual: number) =>
    seconds === usual ? [] : [word, String(Math.round(seconds * 100))]
  const on = (word: string, value: boolean | undefined) => (value ? [word, '1'] : [])
  return [
    ...on('stp_state', info.stp),
    ...(info.priority === 32_768 ? [] : ['priority', String(info.priority)]),
    ...time('ageing_time', info.ageingTime, 300),
    ...time('hello_time', info.helloTime, 2),
    ...time('forward_delay', info.forwardDelay, 15),
    ...time('max_age', info.maxAge, 20),
    ...on('vlan_filtering', info.vlanFiltering),
    ...(info.multicastSnooping === false ? ['mcast_snooping', '0'] : []),
    ...(info.groupForwardMask ? ['group_fwd_mask', String(info.groupForwardMask)] : []),
    ...on('nf_call_iptables', info.nfCallIptables),
    ...on('nf_call_ip6tables', info.nfCallIp6tables),
    ...on('nf_call_arptables', info.nfCallArptables),
  ]
}

function vxlanWords(info: InfoOf<'vxlan'>, parent: Link | undefined): string[] {
  return [
    ...['id', String(info.vni), 'dstport', String(info.port)],
    ...(info.local === undefined ? [] : ['local', info.local]),
    ...(info.remote === undefined ? [] : ['remote', info.remote]),
    ...(info.group === undefined ? [] : ['group', info.group]),
    ...(parent === undefined ? [] : ['dev', parent.name]),
    ...(info.ttl ? ['ttl', String(info.ttl)] : []),
    ...(info.ageing === undefined ? [] : ['ageing', String(info.ageing)]),
    info.learning ? 'learning' : 'nolearning',
    ...(info.proxy ? ['proxy'] : []),
    ...(info.l2miss ? ['l2miss'] : []),
    ...(info.l3miss ? ['l3miss'] : []),
  ]
}
