import type { Link, PolicyRule, Route } from '@hopscope/model'
import type { NetnsIndex } from '../host/hostIndex.ts'
import { type IndexedRoute, neighbourKey } from '../host/tables.ts'
import { type Family, familyOf, type Ip, inside, isInet6, toIp, toPrefix } from '../ip.ts'
import { protocolNumber } from '../rules/values.ts'
import { selectAddress } from './selectAddress.ts'

/** What a route is looked up by. `iif` is `lo` for what the namespace itself sends. */
export type FibKey = {
  dst: Ip
  src?: Ip
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
  gateway?: Ip
}
export type Found = FibResult | { doubt: string; blame?: string }

/** Asks the policy rules in order and the tables they name. Same as "ip route get DST from SRC iif LINK mark MARK". */
export function lookUp(space: NetnsIndex, key: FibKey): Found {
  let skipTo = -1
  const rules = space.tables(familyOf(key.dst)).policyRules
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
        const found = inTable(space, key, rule)
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
  if (rule.src !== undefined) answers.push(within(key.src, rule.src, rule.family))
  if (rule.dst !== undefined) answers.push(within(key.dst, rule.dst, rule.family))
  if (rule.iif !== undefined) answers.push(rule.iif === key.iif)
  // What no socket is bound to has no outgoing link yet; some of the kernel's own answers by IPv6 have.
  if (rule.oif !== undefined) answers.push(isInet6(key.dst) && key.iif === 'lo' ? 'the link of an answer' : false)
  if (rule.fwmark !== undefined || rule.fwmask !== undefined)
    answers.push(((key.mark ^ (rule.fwmark ?? 0)) & (rule.fwmask ?? 0xffffffff)) === 0)
  if (rule.ipProto !== undefined) answers.push(sameProtocol(rule.ipProto, key.protocol))
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

function within(address: Ip | undefined, prefix: string, family: Family): boolean {
  const read = toPrefix(prefix, family)
  // A sender that has no address yet is looked up as 0.0.0.0; of IPv6 it is in no prefix.
  const asked = address ?? (family === 'inet' ? 0 : undefined)
  return read !== undefined && asked !== undefined && inside(asked, read)
}

/** Policy rules have names or numbers as `ip rule` prints them. */
const sameProtocol = (text: string, protocol: string): boolean =>
  text === protocol || (protocolNumber(text) ?? -1) === protocolNumber(protocol)

function inRun(n: number, text: string): boolean {
  const [from, to] = text.split('-').map(Number)
  return from !== undefined && n >= from && n <= (to ?? from)
}

/** Undefined: this table says nothing, the next rule is asked. */
function inTable(space: NetnsIndex, key: FibKey, rule: PolicyRule): Found | undefined {
  const entries = space.tables(familyOf(key.dst)).routes.get(rule.table ?? 254) ?? []
  for (const entry of entries) {
    const { record: route, prefix } = entry
    if (!inside(key.dst, prefix)) continue
    if (route.tos !== undefined && route.tos !== 0) continue
    // Only IPv6 has routes by source.
    if (route.src !== undefined && isInet6(key.dst)) return { doubt: `the route ${route.dst} from ${route.src}` }
    if (route.type === 'throw') return undefined
    const found = resultOf(space, entry, key)
    if (found === 'dead') continue
    if ('doubt' in found) return found
    const rival = isInet6(key.dst) ? rivalOf({ space, key, entries }, entry, found) : undefined
    if (rival) return rival
    if (rule.suppressPrefixLength !== undefined && prefix.length <= rule.suppressPrefixLength) return undefined
    return { ...found, rule }
  }
  return undefined
}

function resultOf(space: NetnsIndex, { record: route, prefix }: IndexedRoute, key: FibKey): Found | 'dead' {
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
  const out = hop.oif === undefined ? undefined : space.links.get(hop.oif)
  const gateway = hop.gateway === undefined ? undefined : toIp(hop.gateway)
  if (!out) return { doubt: `the link of the route ${route.dst}`, blame: route.id }
  if (hop.gateway !== undefined && (gateway === undefined || familyOf(gateway) !== familyOf(key.dst)))
    return { doubt: `the gateway ${hop.gateway} of the route ${route.dst}`, blame: route.id }
  return { result: route.type, ...common, out, ...(gateway !== undefined && { gateway }) }
}

type Lookup = { space: NetnsIndex; key: FibKey; entries: readonly IndexedRoute[] }

/**
 * Another route of IPv6 that may be taken instead: of the same prefix and metric the kernel takes turns; and who does not forward passes over a router
 * that does not answer.
 */
function rivalOf({ space, key, entries }: Lookup, entry: IndexedRoute, found: FibResult): Found | undefined {
  const { record: route, prefix } = entry
  const silent = space.sysctl?.ip6Forwarding !== true && isSilent(space, found)
  for (const other of entries) {
    if (other === entry || !inside(key.dst, other.prefix)) continue
    const equal = other.prefix.length === prefix.length && (other.record.metric ?? 0) === (route.metric ?? 0)
    if (!equal && !(silent && entries.indexOf(other) > entries.indexOf(entry))) continue
    if (resultOf(space, other, key) === 'dead') continue
    const what = equal ? `two routes to ${route.dst}` : `whether ${route.gateway} answers`
    return { doubt: what, blame: other.record.id }
  }
  return undefined
}

function isSilent(space: NetnsIndex, { route, out }: FibResult): boolean {
  if (route?.gateway === undefined || !out) return false
  const known = space.tables('inet6').neighbours.get(neighbourKey(out.index, route.gateway))
  return known !== undefined && known.lladdr === undefined
}

/** The source that a route gives to what has none yet; undefined where there is none, or nobody can tell which. */
export function sourceOf(space: NetnsIndex, found: FibResult, dst: Ip): Ip | undefined {
  const { route, out } = found
  const preferred = route?.prefSrc === undefined ? undefined : toIp(route.prefSrc)
  if (preferred !== undefined) return preferred
  // Of IPv6 a whole prefix may be local, of which nobody has an address.
  if (found.result === 'local' && !isInet6(dst)) return dst
  // In IPv6 it is the destination that decides, not the next hop.
  return out && selectAddress(space, out, isInet6(dst) ? dst : (found.gateway ?? dst))
}

export const isLocal = (space: NetnsIndex, address: Ip): boolean =>
  (space.tables(familyOf(address)).routes.get(255) ?? []).some(
    ({ record, prefix }) => record.type === 'local' && inside(address, prefix),
  )
