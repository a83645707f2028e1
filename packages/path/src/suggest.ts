import type { Flow, FwRule, Hop, HostSnapshot, Link, Outcome, RecordKind, Way } from '@hopscope/model'
import { hostIndex } from './host/hostIndex.ts'
import type { Query } from './query.ts'
import type { Suggestion } from './suggestion.ts'

/** What could be changed, the most likely first; none for what arrives. */
export function suggestionsFor(snapshot: HostSnapshot, query: Query, { outcome, hops }: Way): Suggestion[] {
  const { reason, netns = snapshot.host.rootNetns, what = '', blame } = outcome
  if (reason === undefined) return []
  const link = find(snapshot, 'link', blame)
  const at = { netns }
  switch (reason) {
    case 'LINK_DOWN':
      return link ? [linkUp(link, 'LINK_UP')] : []
    case 'NO_CARRIER':
      return link ? [carrier(snapshot, link)] : []
    case 'FORWARDING_OFF':
      return [
        { code: 'FORWARDING_ON', params: at, command: { do: 'sysctl.set', netns, key: forwardingKey(hops), value: 1 } },
      ]
    case 'RULE_DROP':
    case 'RULE_REJECT':
      return byRule(snapshot, outcome, flowAt(hops))
    case 'POLICY_DROP':
      return [{ code: 'POLICY_CHANGE', params: { chain: what }, ...accepting(snapshot, outcome, flowAt(hops)) }]
    case 'RP_FILTER':
      if (!link) return []
      return [
        {
          code: 'RP_FILTER_LOOSE',
          params: { link: link.name },
          command: { do: 'sysctl.set', netns, key: 'rp_filter', link: link.name, value: 2 },
        },
      ]
    case 'NO_ROUTE':
      return [{ code: 'ROUTE_ADD', params: { dst: what, ...at } }]
    case 'ROUTE_REFUSES': {
      const route = find(snapshot, 'route', blame)
      if (!route) return []
      const { dst, table, family } = route
      // As a command "default" is that of IPv4.
      const named = dst !== 'default' || family === 'inet'
      const command = { do: 'route.delete', netns, dst, table }
      return [{ code: 'ROUTE_DELETE', params: { route: dst, ...at }, ...(named && { command }) }]
    }
    case 'NOT_LISTENING':
      return [{ code: 'LISTEN', params: { port: query.port ?? what, ...at } }]
    case 'NEIGHBOUR_FAILED':
    case 'NO_SUCH_ADDRESS':
      return [{ code: 'ADDRESS_CHECK', params: { address: what } }]
    case 'WRONG_MAC':
      return wrongMac(snapshot, outcome)
    case 'HAIRPIN_OFF':
      return [{ code: 'HAIRPIN_ON', params: { link: what } }]
    case 'ISOLATED_BRIDGE_PORT':
      return [{ code: 'ISOLATION_OFF', params: { link: what } }]
    case 'PORT_NOT_FORWARDING':
      return [{ code: 'PORT_FORWARDING', params: { link: what } }]
    case 'MACVLAN_PARENT':
      return [{ code: 'USE_BRIDGE_NETWORK', params: { link: what } }]
    case 'MTU': {
      const command = link && query.bytes && { command: { do: 'link.mtu', netns, link: link.name, mtu: query.bytes } }
      return [{ code: 'SMALLER_PACKETS', params: { link: what }, ...command }]
    }
    case 'TTL':
      return [{ code: 'LOOP_BREAK', params: at }]
    case 'MARTIAN':
      return [{ code: 'OTHER_ADDRESS', params: { address: what, ...at } }]
    case 'WRONG_SOURCE':
      return [{ code: 'MASQUERADE_TOO', params: { address: what } }]
    case 'NAME_UNRESOLVED':
      return [{ code: 'USE_ADDRESS', params: { name: query.to } }, ...onDefaultBridge(snapshot, netns)]
    case 'NOT_SEEN':
      return [{ code: 'SEE_SOURCE', params: {} }]
    case 'NOT_UNDERSTOOD':
      return [{ code: 'TRY_IT', params: {} }]
    case 'NOT_ON_LINK':
      return [{ code: 'ASK_GATEWAY', params: { address: what } }]
    case 'NO_ARP':
      return [{ code: 'ARP_ON', params: { link: what } }]
    case 'OWN_ADDRESS':
      return []
  }
}

const find = <K extends RecordKind>(snapshot: HostSnapshot, kind: K, id: string | undefined) =>
  id === undefined ? undefined : snapshot.records[kind][id]

const linkUp = ({ netns, name }: Link, code: 'LINK_UP' | 'PEER_UP', link = name): Suggestion => ({
  code,
  params: { link },
  command: { do: 'link.up', netns, link: name },
})

function carrier(snapshot: HostSnapshot, link: Link): Suggestion {
  const peer = hostIndex(snapshot).peer(link)
  return peer ? linkUp(peer, 'PEER_UP', link.name) : { code: 'PEER_UP', params: { link: link.name } }
}

function byRule(snapshot: HostSnapshot, outcome: Outcome, flow: Flow | undefined): Suggestion[] {
  const rule = find(snapshot, 'fwRule', outcome.blame)
  if (!rule) return []
  const name = `${rule.chain} ${rule.position}`
  if (keepsNetworksApart(rule)) return [{ code: 'SAME_NETWORK', params: { network: networkOf(snapshot, rule) } }]
  if (rule.chain.startsWith('HOPSCOPE-'))
    return [{ code: 'RULE_REMOVE', params: { rule: name }, command: { do: 'rule.delete', rule: rule.id } }]
  return [{ code: 'RULE_BEFORE', params: { rule: name }, ...accepting(snapshot, outcome, flow) }]
}

/** Docker's rules that separate its networks, in the forms of its releases. */
const keepsNetworksApart = ({ chain, table, text }: FwRule): boolean =>
  /^DOCKER-(ISOLATION|INTERNAL)/.test(chain) || (table === 'raw' && /^-A PREROUTING -d \S+ ! -i /.test(text))

function networkOf(snapshot: HostSnapshot, { text }: FwRule): string {
  const bridge = /-[io] (\S+)/.exec(text)?.[1]
  const networks = Object.values(snapshot.records.dockerNetwork)
  return networks.find((n) => n.bridge === bridge)?.name ?? bridge ?? ''
}

/** The packet as it was when its way ended. */
const flowAt = (hops: readonly Hop[]): Flow | undefined => hops.findLast((hop) => hop.flow !== undefined)?.flow

const forwardingKey = (hops: readonly Hop[]): string =>
  flowAt(hops)?.family === 'inet6' ? 'ipv6_forwarding' : 'ip_forward'

/** A rule of Hopscope's own that accepts it; only in the table of iptables that filters. */
function accepting(snapshot: HostSnapshot, outcome: Outcome, flow: Flow | undefined): Pick<Suggestion, 'command'> {
  const { netns, blame = '' } = outcome
  const record = snapshot.records.fwRule[blame] ?? snapshot.records.fwChain[blame]
  const [chain, ...more] = record ? hooksOver(snapshot, record) : []
  if (netns === undefined || chain === undefined || more.length > 0 || flow === undefined) return {}
  const { protocol, src, dst, sport, dport } = flow
  if (protocol !== 'tcp' && protocol !== 'udp' && protocol !== 'icmp') return {}
  // A sender that is given its port by chance has another one next time.
  const ports = {
    ...(dport !== undefined && { dport: String(dport) }),
    ...(sport !== undefined && { sport: String(sport) }),
  }
  return {
    command: { do: 'rule.add', netns, chain, action: 'accept', src: `${src}/32`, dst: `${dst}/32`, protocol, ...ports },
  }
}

/** The chains of the kernel's own in the same table that could have led there. */
function hooksOver(
  snapshot: HostSnapshot,
  { netns, engine, family, table, chain }: Pick<FwRule, 'netns' | 'engine' | 'family' | 'table' | 'chain'>,
): string[] {
  if (table !== 'filter' || family !== 'ip') return []
  if (['INPUT', 'FORWARD', 'OUTPUT'].includes(chain)) return [chain]
  const jumps = Object.values(snapshot.records.fwRule).filter(
    (r) => r.netns === netns && r.engine === engine && r.family === family && r.table === table && r.target === chain,
  )
  return [...new Set(jumps.flatMap((r) => (r.chain === chain ? [] : hooksOver(snapshot, r))))]
}

function wrongMac(snapshot: HostSnapshot, { blame, netns }: Outcome): Suggestion[] {
  const entry = find(snapshot, 'neighbour', blame)
  const host = hostIndex(snapshot)
  if (entry) {
    const link = host.link(entry.netns, entry.index)?.name ?? ''
    const { address } = entry
    return [
      {
        code: 'NEIGHBOUR_DELETE',
        params: { address, link },
        command: { do: 'neighbour.delete', netns: entry.netns, link, address },
      },
    ]
  }
  const fdb = find(snapshot, 'fdb', blame)
  const link = fdb && host.link(fdb.netns, fdb.index)?.name
  if (!fdb || link === undefined) return []
  return [
    {
      code: 'FDB_DELETE',
      params: { mac: fdb.mac, link },
      command: { do: 'fdb.delete', netns: netns ?? fdb.netns, link, mac: fdb.mac },
    },
  ]
}

function onDefaultBridge(snapshot: HostSnapshot, netns: string): Suggestion[] {
  const container = hostIndex(snapshot).containerIn(netns)
  return container?.attachments.some(({ network }) => network === 'bridge')
    ? [{ code: 'USER_NETWORK', params: {} }]
    : []
}
