import { type FwChain, type FwRule, type HookName, hookName } from '@hopscope/model'
import { hookOfOurs, isOurs, isSeen, priorityOfOurs, startsLate, type TraceEvent } from './events.ts'
import type { Facts } from './facts.ts'
import { readHeaders, signature } from './headers.ts'
import type { TracedPacket } from './packets.ts'

/** What the kernel logs where a traced packet meets a rule of iptables-legacy: its headers, and no id. */
export type LegacyLog = {
  netns: string
  /** Of the same clock as the events. */
  at: number
  /** "TRACE: TABLE:CHAIN:KIND:NUMBER ". */
  prefix: string
  family: 'ip' | 'ip6'
  hook: HookName
  iif?: number
  oif?: number
  mark?: number
  l3: string
  l4: string
}
type Line = { table: string; chain: string; kind: 'rule' | 'return' | 'policy'; number: number }
type Heard = LegacyLog & Line & { n: number }

/** Keeps what was logged of iptables-legacy until the packet that it tells of is over. */
export type LegacyLogs = {
  hear(log: LegacyLog): void
  /** The packet with what iptables-legacy did to it, in its places among the rest; `partial` where something of that is missing. */
  attach(packet: TracedPacket, facts: Facts): TracedPacket
  /** Forgets what came before this time and belonged to no packet. */
  forget(before: number): void
}

/** Beyond these the oldest are forgotten; whose they were is partial then. */
const MOST_HEARD = 200_000

/** `told`: whether what iptables-legacy does in a namespace is logged at all. */
export function createLegacyLogs(told: (netns: string) => boolean): LegacyLogs {
  /** By namespace and what tells a packet from others; in the order in which they came. */
  const heard = new Map<string, Heard[]>()
  /** The same keys, of what was logged at OUTPUT, by all of them but whom it is for. */
  const sent = new Map<string, Set<string>>()
  let [running, kept] = [0, 0]

  const take = (packet: TracedPacket, facts: Facts): Heard[] => {
    const hooks = hooksOf(packet)
    const own = new Set(packet.events.flatMap((event) => keyOf(packet.netns, event) ?? []))
    const keys = [...own, ...(isLostBehindNat(packet, facts) ? translated(packet, own) : [])]
    const all = keys.flatMap((key) => heard.get(key) ?? []).filter(({ hook }) => hooks.has(hook))
    const taken = new Set(firstOf(all.sort((a, b) => a.n - b.n)))
    for (const key of keys) keep(key, (one) => !taken.has(one))
    return [...taken]
  }
  /** Under its new address, if there is only one such packet. */
  const translated = ({ netns, events }: TracedPacket, own: ReadonlySet<string>): string[] => {
    const senders = new Set(events.flatMap((event) => senderOf(netns, event) ?? []))
    const found = [...senders].flatMap((sender) => [...(sent.get(sender) ?? [])]).filter((key) => !own.has(key))
    return found.length === 1 ? found : []
  }
  const keep = (key: string, wanted: (one: Heard) => boolean) => {
    const list = heard.get(key) ?? []
    const rest = list.filter(wanted)
    kept -= list.length - rest.length
    if (rest.length > 0) heard.set(key, rest)
    else {
      heard.delete(key)
      const [first] = list
      if (first && sent.size > 0) unsend(senderOf(first.netns, first), key)
    }
  }
  const unsend = (sender = '', key: string) => {
    const keys = sent.get(sender)
    keys?.delete(key)
    if (keys?.size === 0) sent.delete(sender)
  }
  const forget = (before: number) => {
    for (const [key, [oldest]] of heard) {
      // Whoever came first stands first.
      if (oldest !== undefined && oldest.at >= before) return
      keep(key, ({ at }) => at >= before)
    }
  }

  return {
    hear(log) {
      const line = lineOf(log.prefix)
      const key = keyOf(log.netns, log)
      if (line === undefined || key === undefined) return
      const one = { ...log, ...line, n: running++ }
      const list = heard.get(key)
      if (list) list.push(one)
      else heard.set(key, [one])
      const sender = log.hook === 'output' ? senderOf(log.netns, log) : undefined
      if (sender !== undefined) sent.set(sender, (sent.get(sender) ?? new Set()).add(key))
      kept++
      if (kept > MOST_HEARD) keep(heard.keys().next().value ?? '', () => false)
    },
    attach(packet, facts) {
      if (!told(packet.netns)) return packet
      const taken = take(packet, facts)
      const events = [...packet.events]
      const placed = taken.map((one) => ({ one, event: eventOf(one, packet, facts) }))
      // The last of a visit says whether that ended it.
      const ends = new Map(placed.map(({ one, event }) => [visitOf(one), isEnd(event)]))
      for (const { one, event } of placed)
        events.splice(placeOf(one, events, { facts, ends: ends.get(visitOf(one)) === true }), 0, event)
      return { ...packet, events, joining: undefined, partial: packet.partial || lacks(packet, taken, facts) }
    },
    forget,
  }
}

function lineOf(prefix: string): Line | undefined {
  const [, table, chain, kind, number] = /^TRACE: ([^:]+):(.+):(rule|return|policy):(\d+) ?$/.exec(prefix) ?? []
  if (table === undefined || chain === undefined || (kind !== 'rule' && kind !== 'return' && kind !== 'policy')) return
  return { table, chain, kind, number: Number(number) }
}

function keyOf(netns: string, event: Pick<TraceEvent, 'l3' | 'l4'>): string | undefined {
  const headers = event.l3 === undefined ? undefined : readHeaders(event)
  return headers && `${netns} ${signature(headers)}`
}

/** A packet by all that the translation of its destination leaves as it was. */
function senderOf(netns: string, event: Pick<TraceEvent, 'l3' | 'l4'>): string | undefined {
  const headers = event.l3 === undefined ? undefined : readHeaders(event)
  if (headers === undefined) return undefined
  const { dst: _dst, dport: _dport, ...flow } = headers.flow
  return `${netns} ${signature({ ...headers, flow: { ...flow, dst: '' } })}`
}

/**
 * What nftables translated at OUTPUT and told no more of, and which no rule of its own ended: only iptables-legacy saw it under its new address.
 */
function isLostBehindNat({ events }: TracedPacket, facts: Facts): boolean {
  const last = events.findLast((event) => isOurs(event) && event.family !== 'bridge')
  if (last === undefined || isSeen(last) || hookOfOurs(last) !== 'output' || events.some(isEnd)) return false
  return events.some((event) => {
    if (event.type !== 'rule' || event.handle === undefined || isOurs(event)) return false
    const target = facts.rule(event, event.handle)?.target?.toLowerCase()
    return target === 'dnat' || target === 'redirect'
  })
}

/** The hooks that it came to. Behind the last one that was told of it may have met POSTROUTING. */
function hooksOf({ events }: TracedPacket): Set<HookName> {
  const hooks = new Set<HookName>()
  for (const event of events) {
    if (!isOurs(event) || event.family === 'bridge') continue
    const hook = hookName.safeParse(hookOfOurs(event)).data
    if (hook === undefined) continue
    hooks.add(hook)
    if (hook === 'forward' || hook === 'output') hooks.add('postrouting')
  }
  return hooks
}

/** Of packets that say the same, what the first met: in a chain that a hook leads to numbers only grow. */
function firstOf(logs: readonly Heard[]): Heard[] {
  const last = new Map<string, number>()
  const over = new Set<string>()
  return logs.filter((log) => {
    const { hook, chain, number } = log
    const visit = visitOf(log)
    if (over.has(visit)) return false
    if (chain !== hook.toUpperCase()) return true
    if (number <= (last.get(visit) ?? 0)) {
      over.add(visit)
      return false
    }
    last.set(visit, number)
    return true
  })
}

/** The kernel names the rule and not what it did; a rule for every packet is called the policy, or the end of its chain. */
function eventOf(one: Heard, { id }: TracedPacket, facts: Facts): TraceEvent {
  const { netns, family, table, chain, kind, number, at, iif, oif, mark, l3, l4 } = one
  const place = { engine: 'legacy' as const, netns, family, table, chain }
  const common = {
    ...place,
    ...{ id, at, l3, l4 },
    ...(iif !== undefined && { iif }),
    ...(oif !== undefined && { oif }),
    ...(mark !== undefined && { mark }),
  }
  const rule = facts.rule(place, number)
  if (rule) return { ...common, type: 'rule', handle: number, ...verdictOf(rule, facts) }
  if (kind === 'rule') return { ...common, type: 'rule', handle: number, verdict: 'continue' }
  const policy = facts.chain(place)?.policy?.toLowerCase()
  return { ...common, type: kind, ...(kind === 'policy' && policy !== undefined && { policy }) }
}

const VERDICTS: Record<string, string> = {
  ACCEPT: 'accept',
  DROP: 'drop',
  REJECT: 'drop',
  RETURN: 'return',
  DNAT: 'accept',
  SNAT: 'accept',
  MASQUERADE: 'accept',
  REDIRECT: 'accept',
  NETMAP: 'accept',
  QUEUE: 'queue',
  NFQUEUE: 'queue',
}

function verdictOf(
  { target = '', text, netns, family, table }: FwRule,
  facts: Facts,
): { verdict: string; to?: string } {
  const verdict = VERDICTS[target]
  if (verdict !== undefined) return { verdict }
  const leads = facts.chain({ engine: 'legacy', netns, family, table, chain: target })
  return leads ? { verdict: / -g \S+/.test(text) ? 'goto' : 'jump', to: target } : { verdict: 'continue' }
}

const visitOf = ({ table, hook }: Heard): string => `${table} ${hook}`
const isEnd = ({ verdict, policy }: Pick<TraceEvent, 'verdict' | 'policy'>): boolean =>
  verdict === 'drop' || policy === 'drop'

type Placing = { facts: Facts; ends: boolean }

/**
 * Before the first event of the same hook with a later priority. Which of two chains of one priority is first, no record tells: it comes before those of
 * nftables, as in a prediction, unless it was the end.
 */
function placeOf(
  { netns, family, table, hook }: Heard,
  events: readonly TraceEvent[],
  { facts, ends }: Placing,
): number {
  const own = baseOf(facts.legacyChains(netns), family, table, hook)?.priority ?? 0
  let entered = false
  let at: { hook?: string | undefined; priority?: number | undefined } = {}
  for (const [i, event] of events.entries()) {
    if (event.family !== family && event.family !== 'inet') continue
    const base = isOurs(event) ? { hook: hookOfOurs(event), priority: priorityOfOurs(event) } : facts.chain(event)
    if (base?.hook !== undefined) at = base
    const { priority = 0 } = at
    const equal = priority === own && event.engine !== 'legacy' && !ends
    if (at.hook !== hook) {
      if (entered) return i
    } else if (priority > own || equal) return i
    else entered = true
  }
  return events.length
}

const baseOf = (chains: readonly FwChain[], family: string, table: string, hook: string): FwChain | undefined =>
  chains.find((chain) => chain.family === family && chain.table === table && chain.hook === hook)

/** A chain of iptables-legacy that it must have met, as it came to the end of the hook, and of which nothing was logged. */
function lacks({ netns, events }: TracedPacket, taken: readonly Heard[], facts: Facts): boolean {
  const [first] = events
  const late = first !== undefined && startsLate(first)
  const passed = events.filter((event) => isSeen(event) && event.family !== 'bridge')
  return facts.legacyChains(netns).some(({ table, hook, family, type }) => {
    // Only the first packet of a connection meets NAT; what began to be traced behind PREROUTING's first chains was not told of there.
    if (type === 'nat' || (late && hook === 'prerouting')) return false
    if (!passed.some((event) => event.family === family && hookOfOurs(event) === hook)) return false
    return !taken.some((one) => one.table === table && one.hook === hook && one.family === family)
  })
}
