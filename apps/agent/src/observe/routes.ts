import { type PolicyRule, policyRuleId, type Route, routeId } from '@hopscope/model'
import {
  changedRoutes,
  changedRules,
  type DumpMemory,
  type Route as KernelRoute,
  type PolicyRule as KernelRule,
  type NetlinkSocket,
  type Range,
  type RawDump,
} from '@hopscope/netlink'
import { protocolName } from './protocols.ts'

/** Routes of all tables, both families; undefined for what the memory knows. Same as "ip route show table all" and "ip -6 …". Throws NetlinkError. */
export function readRoutes(netns: string, socket: NetlinkSocket, memory: DumpMemory): RawDump<Route> | undefined {
  return changedRoutes(socket, memory)?.map((route) => routeOf(netns, route))
}

/** Policy rules, both families; undefined for what the memory knows. Same as "ip rule show" and "ip -6 rule show". Throws NetlinkError. */
export function readPolicyRules(
  netns: string,
  socket: NetlinkSocket,
  memory: DumpMemory,
): RawDump<PolicyRule> | undefined {
  return changedRules(socket, memory)?.map((rule) => ruleOf(netns, rule))
}

function routeOf(netns: string, route: KernelRoute): Route {
  const record = {
    netns,
    family: route.family,
    type: route.type,
    dst: route.dst,
    src: route.src,
    tos: route.tos,
    table: route.table,
    protocol: route.protocol,
    scope: route.scope,
    prefSrc: route.prefsrc,
    metric: route.metric,
    gateway: route.gateway ?? route.via?.host,
    oif: route.oif,
    iif: route.iif,
    flags: route.flags,
    nextHops: route.nexthops?.map(({ gateway, via, oif, weight, flags }) => ({
      gateway: gateway ?? via?.host,
      oif,
      weight,
      flags,
    })),
    nextHopId: route.nexthopId,
  }
  return { ...record, id: routeId(record) }
}

function ruleOf(netns: string, rule: KernelRule): PolicyRule {
  const lookup = rule.action === 'to_tbl'
  const record = {
    netns,
    family: rule.family,
    priority: rule.priority,
    action: lookup ? 'lookup' : rule.action,
    table: lookup ? rule.table : undefined,
    not: rule.invert || undefined,
    src: rule.src === 'all' ? undefined : rule.src,
    dst: rule.dst === 'all' ? undefined : rule.dst,
    iif: rule.iif,
    oif: rule.oif,
    fwmark: rule.fwmark,
    fwmask: rule.fwmask,
    ipProto: rule.ipproto === undefined ? undefined : protocolName(rule.ipproto),
    sport: rangeText(rule.sport),
    dport: rangeText(rule.dport),
    uidRange: rangeText(rule.uidrange),
    suppressPrefixLength: rule.suppressPrefixlength,
    gotoPriority: rule.goto,
  }
  return { ...record, id: policyRuleId(record) }
}

function rangeText(range: Range | undefined): string | undefined {
  if (range === undefined) return undefined
  return range.start === range.end ? String(range.start) : `${range.start}-${range.end}`
}
