import { type Address, type HostSnapshot, type Link, normalIp, type Route, recordsOf } from '@hopscope/model'
import { netnsWord } from './argv.ts'
import { farLink, isBridge, isUp } from './find.ts'
import type { Act, Phrase, Place } from './plan.ts'

/** Where things of a namespace are put back: into itself, or into one that is made again under its name. */
export type Placing = (netns: string) => Place
const inPlace: Placing = (netns) => netns
/** `later`: the namespace whose bridges come after their ports, and plug them in themselves. */
type Remaking = { placing?: Placing; later?: string }

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

/** Links that stand on this one, and go with it: macvlans, and vxlans with it as their underlay, in whatever namespace. */
export const uppersOf = (snapshot: HostSnapshot, { netns, index }: Link): Link[] =>
  recordsOf(snapshot, 'link').filter(
    (one) => one.info.kind !== 'veth' && one.iflink === index && (one.linkNetns ?? one.netns) === netns && !isSame(one),
  )

/** Some kinds name themselves as what they stand on. */
const isSame = ({ index, iflink, linkNetns }: Link): boolean => index === iflink && linkNetns === undefined

/** All links that go when one is deleted, itself first: a veth's other end, and what stands on either. */
export function goneWith(snapshot: HostSnapshot, link: Link): Link[] {
  const peer = link.info.kind === 'veth' ? farLink(snapshot, link) : undefined
  const ends = peer ? [link, peer] : [link]
  return [...ends, ...ends.flatMap((one) => uppersOf(snapshot, one)).flatMap((upper) => goneWith(snapshot, upper))]
}

/** As `remake`, with what stood on the link, as far as that can be made again. */
export function remakeAll(snapshot: HostSnapshot, link: Link, how: Remaking = {}): Act[] | undefined {
  const again = remake(snapshot, link, how)
  const peer = link.info.kind === 'veth' ? farLink(snapshot, link) : undefined
  const uppers = goneWith(snapshot, link).filter((one) => one !== link && one !== peer)
  return again && [...again, ...uppers.flatMap((upper) => remake(snapshot, upper, how) ?? [])]
}

/** What a bridge has that lost its last port. The kernel takes it from nobody. */
const NO_MAC = '00:00:00:00:00:00'

/** A bridge that nobody gave an address has its lowest port's, and changes it with its ports. */
const hasPortsAddress = (snapshot: HostSnapshot, link: Link): boolean =>
  isBridge(link) && portsOf(snapshot, link).some(({ address }) => address === link.address)

/** The link-local address is made of the MAC address that the link had when it came up, which may be another one by now. */
function restoreLinkLocal(snapshot: HostSnapshot, link: Link, placing: Placing): Act[] {
  const had = at(snapshot, 'address', link).filter(({ family, scope }) => family === 'inet6' && scope === 'link')
  const made = link.address === undefined || link.address === NO_MAC ? undefined : linkLocalOf(link.address)
  if (had.length === 0 || had.some(({ local }) => local === made)) return []
  const place = placing(link.netns)
  return [
    ...had.map((one) => addressBack(one, link, placing)),
    // Without a carrier it does not have one yet.
    ...(made === undefined
      ? []
      : [{ place, argv: ['ip', '-6', 'address', 'delete', `${made}/64`, 'dev', link.name], mayBeGone: true } as const]),
  ]
}

/** The address that the kernel makes of a MAC address (EUI-64). */
function linkLocalOf(mac: string): string | undefined {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = mac.split(':').map((octet) => Number.parseInt(octet, 16))
  const groups = [((a ^ 2) << 8) | b, (c << 8) | 0xff, 0xfe00 | d, (e << 8) | f]
  return normalIp(`fe80::${groups.map((group) => group.toString(16)).join(':')}`)
}

/** What stays lost although a link is made again. */
export function lostWith(snapshot: HostSnapshot, link: Link): Phrase[] {
  if (!canBeRemade(link)) return [{ code: 'lost.kind', params: { link: link.name, kind: link.info.kind } }]
  return [
    { code: 'lost.counters', params: { link: link.name } },
    { code: 'lost.learned', params: { link: link.name } },
    ...lostOutside(snapshot, link),
  ]
}

/** Addresses and routes that only somebody else can give again. */
export function lostOutside(snapshot: HostSnapshot, link: Link): Phrase[] {
  const addresses = at(snapshot, 'address', link).filter(({ flags }) => flags.includes('dynamic'))
  const routes = routesOver(snapshot, link).filter(isLearned)
  return [
    ...addresses.map(({ local }): Phrase => ({ code: 'lost.dynamicAddress', params: { address: local } })),
    ...routes.map(({ dst }): Phrase => ({ code: 'lost.expiringRoute', params: { dst } })),
  ]
}

/** The words after "ip route add/replace/del" that name a route; `-6` goes before "route". */
export function routeWords(snapshot: HostSnapshot, route: Route): string[] {
  const dev = (oif: number | undefined) => {
    const link = recordsOf(snapshot, 'link').find((one) => one.netns === route.netns && one.index === oif)
    return link ? ['dev', link.name] : []
  }
  const via = (gateway: string | undefined) => {
    if (gateway === undefined) return []
    return route.family === 'inet' && gateway.includes(':') ? ['via', 'inet6', gateway] : ['via', gateway]
  }
  return [
    ...(route.type === 'unicast' ? [] : [route.type]),
    route.dst,
    ...(route.tos ? ['tos', String(route.tos)] : []),
    ...(route.nextHops ? [] : [...via(route.gateway), ...dev(route.oif)]),
    ...(route.prefSrc === undefined ? [] : ['src', route.prefSrc]),
    ...(route.metric === undefined ? [] : ['metric', String(route.metric)]),
    ...(route.table === 254 ? [] : ['table', String(route.table)]),
    ...['proto', route.protocol],
    ...(route.family === 'inet' ? ['scope', route.scope] : []),
    ...(route.flags.includes('onlink') ? ['onlink'] : []),
    ...(route.nextHops ?? []).flatMap((hop) => [
      'nexthop',
      ...via(hop.gateway),
      ...dev(hop.oif),
      ...['weight', String(hop.weight)],
    ]),
  ]
}

/** `ip` with the words of a family and an object: `ip -6 route`. */
export const ipOf = (family: 'inet' | 'inet6', object: string): string[] =>
  family === 'inet6' ? ['ip', '-6', object] : ['ip', object]

export const routesOver = (snapshot: HostSnapshot, { netns, index }: Link): Route[] =>
  recordsOf(snapshot, 'route').filter(
    (route) => route.netns === netns && (route.oif === index || route.nextHops?.some(({ oif }) => oif === index)),
  )

export const portsOf = (snapshot: HostSnapshot, bridge: Link): Link[] =>
  recordsOf(snapshot, 'link').filter((link) => link.netns === bridge.netns && link.master === bridge.index)

export const masterOf = (snapshot: HostSnapshot, { netns, master }: Link): Link | undefined =>
  master === undefined
    ? undefined
    : recordsOf(snapshot, 'link').find((link) => link.netns === netns && link.index === master)

/** The words of an address after "ip address add". */
export function addressWords(address: Address, link: Link): string[] {
  const { local, prefixLength, peer, broadcast, label, scope, flags } = address
  return [
    ...(peer === undefined ? [`${local}/${prefixLength}`] : [local, 'peer', `${peer}/${prefixLength}`]),
    ...(broadcast === undefined ? [] : ['broadcast', broadcast]),
    ...(address.family === 'inet' ? ['scope', scope] : []),
    ...(label === undefined || label === link.name ? [] : ['label', label]),
    ...(flags.includes('noprefixroute') ? ['noprefixroute'] : []),
    ...['dev', link.name],
  ]
}

function addressBack(address: Address, link: Link, placing: Placing): Act {
  return {
    place: placing(link.netns),
    argv: [...ipOf(address.family, 'address'), 'replace', ...addressWords(address, link)],
  }
}

/** Those that somebody gave the link; the kernel makes link-local ones, and others give dynamic ones. */
function addressesOf(snapshot: HostSnapshot, link: Link): Address[] {
  const given = at(snapshot, 'address', link).filter(
    ({ family, scope, flags }) => !(family === 'inet6' && scope !== 'global') && !flags.includes('dynamic'),
  )
  // The first address of a subnet is the one that the kernel sends from.
  return given.sort((a, b) => Number(a.flags.includes('secondary')) - Number(b.flags.includes('secondary')))
}

/** Routes over a link that somebody wrote, in an order in which each gateway is reachable. */
export function restoreRoutes(snapshot: HostSnapshot, link: Link, placing = inPlace): Act[] {
  const written = routesOver(snapshot, link).filter(
    (route) => route.protocol !== 'kernel' && route.table !== 255 && !isLearned(route),
  )
  // A gateway is reached over another route.
  const order = (route: Route) => Number(route.gateway !== undefined || route.nextHops !== undefined)
  return written
    .sort((a, b) => order(a) - order(b))
    .map((route) => ({
      place: placing(link.netns),
      argv: [...ipOf(route.family, 'route'), 'replace', ...routeWords(snapshot, route)],
    }))
}

const isLearned = ({ protocol }: Route): boolean => protocol === 'ra' || protocol === 'redirect' || protocol === 'dhcp'

/** Neighbours and proxied addresses that somebody wrote down. */
export function restoreNeighbours(snapshot: HostSnapshot, link: Link, placing = inPlace): Act[] {
  const place = placing(link.netns)
  return at(snapshot, 'neighbour', link).flatMap(({ address, lladdr, state, proxy }): Act[] => {
    if (proxy) return [{ place, argv: ['ip', 'neigh', 'replace', 'proxy', address, 'dev', link.name] }]
    if (state !== 'PERMANENT' || lladdr === undefined) return []
    return [{ place, argv: neighbourArgv(address, lladdr, link) }]
  })
}

export const neighbourArgv = (address: string, mac: string, link: Link): string[] => [
  ...['ip', 'neigh', 'replace', address, 'lladdr', mac, 'dev', link.name, 'nud', 'permanent'],
]

/** Plugs a port in again, with what was set for it. */
export function restorePlug(snapshot: HostSnapshot, port: Link, bridge: Link, placing = inPlace): Act[] {
  return [
    { place: placing(port.netns), argv: ['ip', 'link', 'set', 'dev', port.name, 'master', bridge.name] },
    ...restorePort(port, placing),
    ...restoreFdb(snapshot, port, placing),
    // The bridge may have had the port's address, and forgets its neighbours whenever that changes.
    ...restoreNeighbours(snapshot, bridge, placing),
  ]
}

/** What the kernel starts a port with. */
export const NEW_PORT = {
  priority: 32,
  hairpin: false,
  guard: false,
  rootBlock: false,
  fastLeave: false,
  learning: true,
  flood: true,
  isolated: false,
}
const PORT_WORDS = {
  priority: 'priority',
  hairpin: 'hairpin',
  guard: 'guard',
  rootBlock: 'root_block',
  fastLeave: 'fastleave',
  learning: 'learning',
  flood: 'flood',
  isolated: 'isolated',
} as const

function restorePort({ netns, name, port }: Link, placing: Placing): Act[] {
  if (port === undefined) return []
  const word = (value: boolean | number) => (typeof value === 'number' ? String(value) : value ? 'on' : 'off')
  // Object.keys forgets which keys there are.
  const keys = (Object.keys(NEW_PORT) as (keyof typeof NEW_PORT)[]).filter((key) => port[key] !== NEW_PORT[key])
  if (keys.length === 0) return []
  const words = keys.flatMap((key) => [PORT_WORDS[key], word(port[key])])
  return [{ place: placing(netns), argv: ['bridge', 'link', 'set', 'dev', name, ...words] }]
}

/** Entries that somebody wrote into the bridge's CAM table for this port. */
function restoreFdb(snapshot: HostSnapshot, link: Link, placing: Placing): Act[] {
  return at(snapshot, 'fdb', link).flatMap(({ mac, state, self, vlan }): Act[] => {
    if (state !== 'static' || self || vlan !== undefined) return []
    return [{ place: placing(link.netns), argv: fdbArgv(mac, link) }]
  })
}

export const fdbArgv = (mac: string, link: Link): string[] => [
  ...['bridge', 'fdb', 'replace', mac, 'dev', link.name, 'master', 'static'],
]

function at<K extends 'address' | 'neighbour' | 'fdb'>(snapshot: HostSnapshot, kind: K, { netns, index }: Link) {
  return recordsOf(snapshot, kind).filter((one) => one.netns === netns && one.index === index)
}

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

export const canBeRemade = (link: Link): boolean =>
  isBridge(link) || ['veth', 'dummy', 'macvlan', 'vxlan'].includes(link.info.kind)
