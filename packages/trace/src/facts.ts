import {
  certainPeer,
  type Fdb,
  type Flow,
  type FwChain,
  type FwRule,
  type FwTable,
  fwChainId,
  fwRuleId,
  fwTableId,
  type HostSnapshot,
  inSubnet,
  type Link,
  type LinkRef,
  linkId,
  type Neighbour,
  neighbourId,
  type Route,
  recordsOf,
  type Socket,
} from '@hopscope/model'

/** What a story asks of a snapshot. Any of it may be missing: things come and go while a packet travels. */
export type Facts = {
  readonly snapshot: HostSnapshot
  link(netns: string, index: number | undefined): Link | undefined
  ref(netns: string, index: number): LinkRef
  /** The other end of a veth, when it points back. */
  peer(link: LinkRef): Link | undefined
  chain(at: ChainPlace): FwChain | undefined
  table(at: ChainPlace): FwTable | undefined
  rule(at: ChainPlace, handle: number): FwRule | undefined
  /** Chains of iptables-legacy that packets meet first at a hook. */
  legacyChains(netns: string): readonly FwChain[]
  /** Whether a packet that came through these chains may have met a rule that marks its connection. */
  mayMark(netns: string, passed: readonly ChainPlace[]): boolean
  /** The entry of a bridge's CAM table. */
  fdb(bridge: LinkRef, mac: string): Fdb | undefined
  neighbour(link: LinkRef, address: string): Neighbour | undefined
  /** The route that leads there by that link, most specific first. */
  route(netns: string, dst: string, oif: number): Route | undefined
  /** Who waits for such a packet. */
  socket(netns: string, flow: Flow): Socket | undefined
}
/** Of nftables unless it says otherwise. */
export type ChainPlace = { engine?: 'legacy' | undefined; netns: string; family: string; table: string; chain: string }

const known = new WeakMap<HostSnapshot, Facts>()

/** The facts of a snapshot; made once for each. */
export function factsOf(snapshot: HostSnapshot): Facts {
  const there = known.get(snapshot)
  if (there) return there
  const made = makeFacts(snapshot)
  known.set(snapshot, made)
  return made
}

function makeFacts(snapshot: HostSnapshot): Facts {
  const { records } = snapshot
  const byMac = new Map(recordsOf(snapshot, 'fdb').map((f) => [`${f.netns} ${f.master} ${f.mac}`, f]))
  const legacy = groupBy(
    recordsOf(snapshot, 'fwChain').filter(({ engine, hook }) => engine === 'legacy' && hook !== undefined),
    ({ netns }) => netns,
  )
  let marking: Map<string, FwRule[]> | undefined
  const routes = groupBy(recordsOf(snapshot, 'route'), ({ netns, oif }) => `${netns} ${oif}`)
  const sockets = groupBy(recordsOf(snapshot, 'socket'), ({ netns, protocol, port }) => `${netns} ${protocol} ${port}`)
  const link = (netns: string, index: number | undefined): Link | undefined =>
    index === undefined ? undefined : records.link[linkId(netns, index)]
  // Of an event, which has much more: it is asked for every rule of a flood.
  const key = ({ engine, netns, family, table, chain }: ChainPlace) => ({
    engine: engine ?? 'nft',
    netns,
    family,
    table,
    chain,
  })
  return {
    snapshot,
    link,
    ref: (netns, index) => ({ netns, index, name: link(netns, index)?.name ?? `#${index}` }),
    peer({ netns, index }) {
      const near = link(netns, index)
      return near && certainPeer(near, link)
    },
    chain: (at) => records.fwChain[fwChainId(key(at))],
    table: (at) => records.fwTable[fwTableId(key(at))],
    legacyChains: (netns) => legacy.get(netns) ?? [],
    mayMark(netns, passed) {
      marking ??= groupBy(
        recordsOf(snapshot, 'fwRule').filter(({ text }) => MARKS.test(text)),
        (rule) => rule.netns,
      )
      const tables = new Set(passed.map((at) => fwTableId(key(at))))
      // Of those that are not of nftables' IP families it is not certain that they are told of.
      return (marking.get(netns) ?? []).some(
        (rule) => rule.engine === 'legacy' || !IP_FAMILIES.has(rule.family) || tables.has(fwTableId(rule)),
      )
    },
    rule: (at, handle) => records.fwRule[fwRuleId({ ...key(at), handle })],
    fdb: (bridge, mac) => byMac.get(`${bridge.netns} ${bridge.index} ${mac}`),
    neighbour: ({ netns, index }, address) => records.neighbour[neighbourId({ netns, index, address, proxy: false })],
    route: (netns, dst, oif) =>
      (routes.get(`${netns} ${oif}`) ?? [])
        .filter((route) => route.type === 'unicast' && leadsTo(route, dst))
        .sort((a, b) => prefixLength(b) - prefixLength(a) || (a.metric ?? 0) - (b.metric ?? 0))[0],
    socket: (netns, flow) =>
      (sockets.get(`${netns} ${flow.protocol} ${flow.dport}`) ?? [])
        .filter(({ address }) => isAny(address) || address === flow.dst || address === `::ffff:${flow.dst}`)
        .sort((a, b) => Number(isAny(a.address)) - Number(isAny(b.address)))[0],
  }
}

/** A rule that changes the mark of a connection. */
const MARKS = /\bct mark set |-j CONNMARK /
const IP_FAMILIES: ReadonlySet<string> = new Set(['ip', 'ip6', 'inet'])

const isAny = (address: string): boolean => address === '0.0.0.0' || address === '::' || address === '*'

function leadsTo(route: Route, dst: string): boolean {
  if (route.dst === 'default') return (route.family === 'inet6') === dst.includes(':')
  const [network = ''] = route.dst.split('/')
  return inSubnet(dst, network, prefixLength(route))
}

function prefixLength({ dst, family }: Route): number {
  if (dst === 'default') return 0
  const [, length] = dst.split('/')
  return length === undefined ? (family === 'inet6' ? 128 : 32) : Number(length)
}

function groupBy<T>(list: readonly T[], keyOf: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const one of list) {
    const group = groups.get(keyOf(one))
    if (group) group.push(one)
    else groups.set(keyOf(one), [one])
  }
  return groups
}
