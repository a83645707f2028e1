import { type PolicyRule, type Route, recordsOf } from '@hopscope/model'
import { linkAt, linkWithPlace, netnsPart } from '../naming.ts'
import type { Scope } from '../scope.ts'
import { defineTable } from '../table.ts'
import { mark, type Part, partsOf, tag, type Value, word } from '../value.ts'

/** Every route of every table. Same as `ip route show table all` in each namespace. */
export const routes = defineTable<Route>({
  id: 'routes',
  theme: 'routing',
  icon: 'stack',
  sources: ['routes'],
  order: ['namespace', '-table', 'destination'],
  records: (s) => recordsOf(s.snapshot, 'route'),
  ref: (r) => ({ kind: 'route', id: r.id }),
  columns: [
    { id: 'destination', kind: 'code', width: 190, value: (r) => (r.dst === 'default' ? word('default') : r.dst) },
    { id: 'way', kind: 'words', width: 250, grow: true, value: way },
    { id: 'gateway', kind: 'code', width: 150, value: gateways },
    { id: 'gatewayOwner', kind: 'code', width: 180, value: gatewayOwner },
    { id: 'link', kind: 'code', width: 160, value: links },
    { id: 'namespace', kind: 'words', width: 160, value: (r, s) => netnsPart(s, r.netns) },
    { id: 'table', kind: 'code', width: 84, value: (r) => tableName(r.table) },
    { id: 'source', kind: 'code', width: 140, value: (r) => r.prefSrc },
    { id: 'metric', kind: 'number', width: 76, value: (r) => r.metric },
    { id: 'protocol', kind: 'words', width: 84, value: (r) => r.protocol },
    { id: 'scope', kind: 'words', width: 76, value: (r) => r.scope },
    { id: 'type', kind: 'words', width: 90, value: (r) => r.type },
    { id: 'family', kind: 'words', width: 80, value: (r) => (r.family === 'inet' ? 'IPv4' : 'IPv6') },
    {
      id: 'flags',
      kind: 'marks',
      width: 120,
      extra: true,
      value: (r) => r.flags.map((f) => tag(f, f === 'linkdown' ? 'warn' : 'stack')),
    },
  ],
})

/** Every policy rule. Same as `ip rule show` in each namespace. */
export const policyRules = defineTable<PolicyRule>({
  id: 'policyRules',
  theme: 'routing',
  icon: 'stack',
  sources: ['routes'],
  order: ['namespace', 'family', 'priority'],
  records: (s) => recordsOf(s.snapshot, 'policyRule'),
  ref: (r) => ({ kind: 'policyRule', id: r.id }),
  columns: [
    { id: 'priority', kind: 'number', width: 100, value: (r) => r.priority },
    { id: 'selector', kind: 'code', width: 260, grow: true, value: selector },
    { id: 'action', kind: 'code', width: 200, value: action },
    { id: 'namespace', kind: 'words', width: 180, value: (r, s) => netnsPart(s, r.netns) },
    { id: 'family', kind: 'words', width: 90, value: (r) => (r.family === 'inet' ? 'IPv4' : 'IPv6') },
  ],
})

/** How a packet goes on, in words. */
export function way(r: Route): Part {
  switch (r.type) {
    case 'local':
      return word('wayLocal')
    case 'broadcast':
      return word('wayBroadcast')
    case 'multicast':
    case 'anycast':
      return word('wayMulticast')
    case 'blackhole':
      return mark('wayBlackhole', 'danger')
    case 'unreachable':
      return mark('wayUnreachable', 'danger')
    case 'prohibit':
      return mark('wayProhibit', 'danger')
    case 'throw':
      return word('wayThrow')
  }
  const hops = r.nextHops?.length ?? 0
  if (hops > 1) return word('waySeveral', { count: hops })
  const gateway = r.gateway ?? r.nextHops?.[0]?.gateway
  return gateway === undefined ? word('wayDirect') : word('wayGateway', { gateway })
}

const gatewayOf = (r: Route): string[] =>
  [r.gateway, ...(r.nextHops ?? []).map((h) => h.gateway)].filter((g) => g !== undefined)

function gateways(r: Route): Part[] {
  return gatewayOf(r).map((text) => ({ text }))
}

function gatewayOwner(r: Route, s: Scope): Part[] {
  return gatewayOf(r).flatMap((g) => {
    const link = s.linkByIp(g)
    return link ? [linkWithPlace(s, link)] : []
  })
}

function links(r: Route, s: Scope): Value {
  return [r.oif, ...(r.nextHops ?? []).map((h) => h.oif)].flatMap((oif) => partsOf(linkAt(s, r.netns, oif)))
}

export const tableName = (table: number): string =>
  ({ 253: 'default', 254: 'main', 255: 'local' })[table] ?? String(table)

/** As `ip rule` prints it: `from 10.0.0.0/8 iif eth0`. */
function selector(r: PolicyRule): string {
  const mark =
    r.fwmark === undefined
      ? ''
      : `0x${r.fwmark.toString(16)}${r.fwmask === undefined ? '' : `/0x${r.fwmask.toString(16)}`}`
  const parts = [
    r.not ? 'not' : '',
    `from ${r.src ?? 'all'}`,
    r.dst && `to ${r.dst}`,
    mark && `fwmark ${mark}`,
    r.iif && `iif ${r.iif}`,
    r.oif && `oif ${r.oif}`,
    r.ipProto && `ipproto ${r.ipProto}`,
    r.sport && `sport ${r.sport}`,
    r.dport && `dport ${r.dport}`,
    r.uidRange && `uidrange ${r.uidRange}`,
  ]
  return parts.filter(Boolean).join(' ')
}

function action(r: PolicyRule): string {
  const suppress = r.suppressPrefixLength === undefined ? '' : ` suppress_prefixlength ${r.suppressPrefixLength}`
  if (r.action === 'lookup' && r.table !== undefined) return `lookup ${tableName(r.table)}${suppress}`
  return r.action === 'goto' ? `goto ${r.gotoPriority ?? '?'}` : r.action
}
