import { type HostSnapshot, inSubnet, type Link, linkId, type Netns, type Route, recordsOf } from '@hopscope/model'
import type { Command } from '@hopscope/protocol'
import { farLink, findNetns, isBridge } from './find.ts'
import { type Phrase, Refused } from './plan.ts'
import { addCuts, deleteCuts } from './ruleRisks.ts'
import type { PhraseCode } from './words/codes.ts'

/** Somebody's way over this host that is to stay open: its far end, and ours where it is known. */
export type Way = { to: 'hub' | 'viewer' | 'shell'; remote: string; local?: string | undefined }

/**
 * Ways that a command could cut: the agent's to the hub, a shell's, and, when the hub is on this host, those of the pages that
 * are open. Rather one too many: policy routing is not followed, and behind a bridge all ports count while nobody knows the one.
 */
export function risksOf(command: Command, snapshot: HostSnapshot, ways: readonly Way[]): Phrase[] {
  const hub = ways.find(({ to }) => to === 'hub')
  const owner = hub && ownerOf(snapshot, hub.remote)
  const hubIsHere = hub === undefined || isLoopback(hub.remote) || owner !== undefined
  const isInside = owner !== undefined && owner.netns !== snapshot.host.rootNetns
  const open = ways.filter(({ to, remote }) => !isLoopback(remote) && (to !== 'viewer' || hubIsHere))
  return open.flatMap((way) => {
    const path = pathOf(snapshot, way)
    const over = path && cutBy(command, snapshot, { ...path, isForwarded: isInside && way.to === 'viewer' })
    const isHub = hub !== undefined && endsHub(command, snapshot, hub)
    const what = over ?? (isHub ? 'Docker' : undefined)
    return what === undefined ? [] : [{ code: RISKS[way.to], params: { address: plain(way.remote), what } }]
  })
}

const RISKS: Record<Way['to'], PhraseCode> = { hub: 'risk.hub', viewer: 'risk.viewer', shell: 'risk.shell' }

/** How packets get to the far end: the route, the next machine on it, and the links that carry them, bridges' ports included. */
type Path = {
  way: Way
  netns: string
  route: Route | undefined
  nextHop: string
  mac: string | undefined
  links: Link[]
}

function pathOf(snapshot: HostSnapshot, way: Way): Path | undefined {
  const netns = snapshot.host.rootNetns
  const remote = plain(way.remote)
  const own = ownerOf(snapshot, remote)
  if (own?.netns === netns) {
    const holder = snapshot.records.link[linkId(netns, own.index)]
    return { way, netns, route: undefined, nextHop: remote, mac: undefined, links: holder ? [holder] : [] }
  }
  const route = routeTo(snapshot, netns, remote)
  const link = route?.oif === undefined ? undefined : snapshot.records.link[linkId(netns, route.oif)]
  if (route === undefined || link === undefined) return undefined
  const nextHop = route.gateway ?? remote
  const mac = recordsOf(snapshot, 'neighbour').find(
    (one) => one.netns === netns && one.index === link.index && one.address === nextHop,
  )?.lladdr
  return { way, netns, route, nextHop, mac, links: carriers(snapshot, link, mac) }
}

function routeTo(snapshot: HostSnapshot, netns: string, remote: string): Route | undefined {
  const family = remote.includes(':') ? 'inet6' : 'inet'
  const LOCAL = 255
  return recordsOf(snapshot, 'route')
    .filter((one) => one.netns === netns && one.family === family && one.table !== LOCAL && covers(one.dst, remote))
    .sort((a, b) => Number(b.table === MAIN) - Number(a.table === MAIN) || longerFirst(a, b))[0]
}
const MAIN = 254
const longerFirst = (a: Route, b: Route): number =>
  lengthOf(b.dst) - lengthOf(a.dst) || (a.metric ?? 0) - (b.metric ?? 0)

/** The link and all below and beside it that frames to this machine pass on this host. */
function carriers(snapshot: HostSnapshot, first: Link, mac: string | undefined): Link[] {
  const found = new Map<string, Link>()
  const visit = (link: Link | undefined): void => {
    if (link === undefined || found.has(link.id)) return
    found.set(link.id, link)
    if (isBridge(link)) for (const port of portsOf(snapshot, link, mac)) visit(port)
    if (['veth', 'macvlan', 'ipvlan', 'vlan'].includes(link.info.kind)) visit(farLink(snapshot, link))
    if (link.master !== undefined) visit(snapshot.records.link[linkId(link.netns, link.master)])
  }
  visit(first)
  return [...found.values()]
}

function portsOf(snapshot: HostSnapshot, bridge: Link, mac: string | undefined): Link[] {
  const ports = recordsOf(snapshot, 'link').filter((one) => one.netns === bridge.netns && one.master === bridge.index)
  const entry = recordsOf(snapshot, 'fdb').find(
    (one) => one.netns === bridge.netns && one.master === bridge.index && one.mac === mac,
  )
  const behind = ports.filter(({ index }) => index === entry?.index)
  return behind.length > 0 ? behind : ports
}

/** What of the path the command could cut, by name; undefined when it leaves it alone. */
function cutBy(command: Command, snapshot: HostSnapshot, path: Path & { isForwarded: boolean }): string | undefined {
  const { route, nextHop, links, way } = path
  const remote = plain(way.remote)
  const isOwn = route === undefined
  const netns = 'netns' in command ? resolved(snapshot, command.netns) : undefined
  const link = 'link' in command && command.link !== undefined ? carrierNamed(path, netns, command.link) : undefined
  switch (command.do) {
    case 'link.delete':
    case 'link.move':
      return link?.name
    case 'link.down':
    case 'link.rename':
    case 'link.mac':
    case 'link.attach':
    case 'link.detach':
      return isOwn ? undefined : link?.name
    case 'link.mtu':
      // Below 1280 there is no IPv6.
      return command.mtu < 1280 && remote.includes(':') ? link?.name : undefined
    case 'address.delete': {
      const [address = ''] = command.address.split('/')
      const isOurs = address === way.local || address === remote || address === route?.prefSrc
      return link && (isOurs || covers(command.address, nextHop)) ? command.address : undefined
    }
    case 'address.add': {
      if (netns?.id !== path.netns) return undefined
      const [address = ''] = command.address.split('/')
      const taken = address === remote || address === nextHop
      return taken || isMoreSpecific(command.address, path) ? command.address : undefined
    }
    case 'route.add':
      return netns?.id === path.netns && isMoreSpecific(command.dst, path) ? command.dst : undefined
    case 'route.delete':
      return netns?.id === path.netns && route?.dst === command.dst ? command.dst : undefined
    case 'route.replaceDefault': {
      const isSame = route?.dst === 'default' && command.via.includes(':') === remote.includes(':')
      return netns?.id === path.netns && isSame ? 'default' : undefined
    }
    case 'neighbour.add':
      return link && command.address === nextHop && command.mac !== path.mac ? nextHop : undefined
    case 'fdb.add':
      return command.mac === path.mac && links.some((one) => one.netns === netns?.id) ? command.mac : undefined
    case 'netns.delete': {
      const gone = resolved(snapshot, command.name)
      return links.find((one) => one.netns === gone?.id)?.name
    }
    case 'sysctl.set':
      return netns?.id === path.netns && switchCuts(command, path) ? command.key : undefined
    case 'rule.add':
      return netns?.id === path.netns && addCuts(command, { ...path, remote }) ? command.chain : undefined
    case 'rule.delete':
      return deleteCuts(command, snapshot, path.netns) ? snapshot.records.fwRule[command.rule]?.chain : undefined
    default:
      return undefined
  }
}

/** Forwarding, where the hub is in a namespace of its own; and the strict filter, which drops what comes back by another way. */
function switchCuts(
  { key, value, link }: Extract<Command, { do: 'sysctl.set' }>,
  { way, links, isForwarded }: Path & { isForwarded: boolean },
): boolean {
  if (key === 'rp_filter') return value === 1 && (link === undefined || links.some(({ name }) => name === link))
  const ours = plain(way.remote).includes(':') ? 'ipv6_forwarding' : 'ip_forward'
  return key === ours && value === 0 && isForwarded
}

/** Whether a command stops or unplugs the container that the hub runs in. */
function endsHub(command: Command, snapshot: HostSnapshot, hub: Way): boolean {
  if (!('container' in command)) return false
  const container = recordsOf(snapshot, 'container').find(
    ({ name, containerId }) => name === command.container || containerId.startsWith(command.container),
  )
  const ends = ['container.stop', 'container.restart', 'container.remove', 'network.disconnect', 'port.unpublish']
  const owner = ownerOf(snapshot, hub.remote)
  const stops = ends.includes(command.do) || (command.do === 'port.publish' && command.by === 'recreate')
  return stops && owner !== undefined && owner.netns === container?.netns
}

const carrierNamed = ({ links }: Path, netns: Netns | undefined, name: string): Link | undefined =>
  links.find((one) => one.netns === netns?.id && one.name === name)

function isMoreSpecific(dst: string, { route, way, nextHop }: Path): boolean {
  const leads = [plain(way.remote), nextHop].some((address) => covers(dst, address))
  return leads && route !== undefined && lengthOf(dst) >= lengthOf(route.dst)
}

function resolved(snapshot: HostSnapshot, ref: string): Netns | undefined {
  try {
    return findNetns(snapshot, ref)
  } catch (error) {
    if (error instanceof Refused) return undefined
    throw error
  }
}

/** The address's record, in whatever namespace of this host. */
const ownerOf = (snapshot: HostSnapshot, address: string) =>
  recordsOf(snapshot, 'address').find(({ local }) => local === plain(address))

function covers(dst: string, address: string): boolean {
  if (dst === 'default') return true
  const [network = '', length] = dst.split('/')
  if (network.includes(':') !== address.includes(':')) return false
  return length === undefined ? network === address : inSubnet(address, network, Number(length))
}
const lengthOf = (dst: string): number =>
  dst === 'default' ? 0 : Number(dst.split('/')[1] ?? (dst.includes(':') ? 128 : 32))

/** Sockets that take both families write IPv4 addresses within IPv6. */
const plain = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/, '').replace(/%.*$/, '')
const isLoopback = (address: string): boolean => /^127\.|^::1$/.test(plain(address))
