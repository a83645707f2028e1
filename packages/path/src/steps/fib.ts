import type { Link, PolicyRule, Route } from '@hopscope/model'
import type { HostIndex, IndexedAddress, IndexedRoute, NetnsIndex } from '../host/hostIndex.ts'
import { inside, toNumber, toPrefix } from '../ipv4.ts'

/** What a route is looked up by. `iif` is `lo` for what the namespace itself sends. */
export type FibKey = {
  dst: number
  src?: number
  iif: string
  oif?: number
  mark: number
  protocol: string
  sport?: number
  dport?: number
  uid?: number
}

export type FibResult = {
  result: 'local' | 'unicast' | 'broadcast' | 'multicast' | 'unreachable' | 'blackhole' | 'prohibit' | 'none'
  route?: Route
  length?: number
  rule?: PolicyRule
  out?: Link
  gateway?: number
}
export type Found = FibResult | { doubt: string; blame?: string }

/** Asks the policy rules in order and the tables they name. Same as "ip route get DST from SRC iif LINK mark MARK". */
export function lookUp(host: HostIndex, space: NetnsIndex, key: FibKey): Found {
  let skipTo = -1
  const rules = space.policyRules
  for (const [i, rule] of rules.entries()) {
    if (rule.priority < skipTo) continue
    const match = ruleMatches(rule, key)
    if (match === false) continue
    if (match !== true) return { doubt: match, blame: rule.id }
    const twin = rules[i + 1]
    // Those of one priority stand in the order in which they were made, which nobody tells.
    if (twin?.priority === rule.priority && ruleMatches(twin, key) !== false && !sameAction(rule, twin))
      return { doubt: `two rules of priority ${rule.priority}`, blame: rule.id }
    switch (rule.action) {
      case 'lookup': {
        const found = inTable(host, space, key, rule)
        if (found === undefined) continue
        return found
      }
      case 'goto':
        skipTo = rule.gotoPriority ?? -1
        continue
      case 'nop':
        continue
      case 'unreachable':
      case 'blackhole':
      case 'prohibit':
        return { result: rule.action, rule }
      default:
        return { doubt: `the action "${rule.action}" of a policy rule`, blame: rule.id }
    }
  }
  return { result: 'none' }
}

const sameAction = (a: PolicyRule, b: PolicyRule): boolean =>
  a.action === b.action && a.table === b.table && a.gotoPriority === b.gotoPriority

/** A text says what is not known. */
function ruleMatches(rule: PolicyRule, key: FibKey): boolean | string {
  const answers: (boolean | string)[] = []
  if (rule.src !== undefined) answers.push(within(key.src, rule.src))
  if (rule.dst !== undefined) answers.push(within(key.dst, rule.dst))
  if (rule.iif !== undefined) answers.push(rule.iif === key.iif)
  // What no socket is bound to has no outgoing link yet.
  if (rule.oif !== undefined) answers.push(false)
  if (rule.fwmark !== undefined || rule.fwmask !== undefined)
    answers.push(((key.mark ^ (rule.fwmark ?? 0)) & (rule.fwmask ?? 0xffffffff)) === 0)
  if (rule.ipProto !== undefined) answers.push(rule.ipProto === key.protocol)
  if (rule.sport !== undefined)
    answers.push(key.sport === undefined ? "the sender's port" : inRun(key.sport, rule.sport))
  if (rule.dport !== undefined) answers.push(key.dport !== undefined && inRun(key.dport, rule.dport))
  if (rule.uidRange !== undefined)
    answers.push(
      key.iif !== 'lo' ? false : key.uid === undefined ? 'the user who sends it' : inRun(key.uid, rule.uidRange),
    )
  if (answers.includes(false)) return rule.not === true
  const doubt = answers.find((a) => typeof a === 'string')
  return doubt ?? rule.not !== true
}

function within(address: number | undefined, prefix: string): boolean {
  const read = toPrefix(prefix)
  // A sender that has no address yet is looked up as 0.0.0.0.
  return read !== undefined && inside(address ?? 0, read)
}

function inRun(n: number, text: string): boolean {
  const [from, to] = text.split('-').map(Number)
  return from !== undefined && n >= from && n <= (to ?? from)
}

/** Undefined: this table says nothing, the next rule is asked. */
function inTable(host: HostIndex, space: NetnsIndex, key: FibKey, rule: PolicyRule): Found | undefined {
  for (const entry of space.routes.get(rule.table ?? 254) ?? []) {
    const { record: route, prefix } = entry
    if (!inside(key.dst, prefix)) continue
    if (route.tos !== undefined && route.tos !== 0) continue
    if (route.type === 'throw') return undefined
    const found = resultOf(host, space, entry, key)
    if (found === 'dead') continue
    if ('doubt' in found) return found
    if (rule.suppressPrefixLength !== undefined && prefix.length <= rule.suppressPrefixLength) return undefined
    return { ...found, rule }
  }
  return undefined
}

function resultOf(
  host: HostIndex,
  space: NetnsIndex,
  { record: route, prefix }: IndexedRoute,
  key: FibKey,
): Found | 'dead' {
  const common = { route, length: prefix.length }
  switch (route.type) {
    case 'unreachable':
    case 'blackhole':
    case 'prohibit':
      return { result: route.type, ...common }
    case 'local':
    case 'broadcast':
    case 'multicast':
    case 'unicast':
      break
    default:
      return { doubt: `a route of the type ${route.type}`, blame: route.id }
  }
  const hops = (route.nextHops ?? [{ gateway: route.gateway, oif: route.oif, flags: route.flags }]).filter(
    ({ flags, oif }) => !flags.includes('dead') && (key.oif === undefined || oif === key.oif),
  )
  const [hop] = hops
  if (!hop) return 'dead'
  if (hops.some((other) => other.oif !== hop.oif || other.gateway !== hop.gateway))
    return { doubt: `a route with several next hops (${route.dst})`, blame: route.id }
  const out = host.link(space.id, hop.oif)
  const gateway = hop.gateway === undefined ? undefined : toNumber(hop.gateway)
  if (!out) return { doubt: `the link of the route ${route.dst}`, blame: route.id }
  if (hop.gateway !== undefined && gateway === undefined)
    return { doubt: `the gateway ${hop.gateway} of the route ${route.dst}`, blame: route.id }
  return { result: route.type, ...common, out, ...(gateway !== undefined && { gateway }) }
}

/** The address that the kernel puts on what leaves by a link without one; undefined when the namespace has none. */
export function selectAddress(space: NetnsIndex, out: Link, towards: number): number | undefined {
  const global = (a: IndexedAddress) => a.record.scope === 'global' && !a.record.flags.includes('secondary')
  const own = space.addresses.filter((a) => a.record.index === out.index && global(a))
  const near = own.find((a) => inside(towards, a.prefix)) ?? own[0]
  if (near) return near.n
  const linkOwn = space.addresses.find((a) => a.record.index === out.index && a.record.scope === 'link')
  return linkOwn?.n ?? space.addresses.find(global)?.n
}

/** The source that a route gives to what has none yet. */
export function sourceOf(space: NetnsIndex, found: FibResult, dst: number): number | undefined {
  const { route, out } = found
  const preferred = route?.prefSrc === undefined ? undefined : toNumber(route.prefSrc)
  if (preferred !== undefined) return preferred
  if (found.result === 'local') return dst
  return out && selectAddress(space, out, found.gateway ?? dst)
}

export const isLocal = (space: NetnsIndex, address: number): boolean =>
  (space.routes.get(255) ?? []).some(({ record, prefix }) => record.type === 'local' && inside(address, prefix))
