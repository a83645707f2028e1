import { type FwChain, type FwRule, fwChainId, fwRuleId, type HostSnapshot } from '@hopscope/model'
import { describe, expect, it } from 'vitest'
import { ourChain, TRACE_TABLE, type TraceEvent } from './events.ts'
import { factsOf } from './facts.ts'
import { createLegacyLogs, type LegacyLog } from './legacy.ts'
import { createPacketizer, type TracedPacket } from './packets.ts'

const NETNS = 'ns:1'
const PING = { l3: '4500005479ce40004001a8b7ac110003ac110002', l4: '080034120007000162d2' }
const PRIORITIES: Record<string, number> = { raw: -300, mangle: -150, filter: 0 }

const chain = (table: string, name: string, hook?: string): FwChain => {
  const at = { netns: NETNS, engine: 'legacy' as const, family: 'ip' as const, table, chain: name }
  const base = hook === undefined ? {} : { hook, priority: PRIORITIES[table], policy: 'DROP', type: 'filter' }
  return { id: fwChainId(at), ...at, ...base }
}
const rule = (table: string, name: string, position: number, words: string): FwRule => {
  const at = { netns: NETNS, engine: 'legacy' as const, family: 'ip' as const, table, chain: name, handle: position }
  const target = words.split(' ').at(-1) ?? ''
  return { id: fwRuleId(at), ...at, position, text: `-A ${name} ${words}`, target }
}
const byId = <T extends { id: string }>(all: readonly T[]) => Object.fromEntries(all.map((one) => [one.id, one]))

/** Only what the logs are laid over: chains and rules. */
function snapshotOf(chains: FwChain[], rules: FwRule[]): HostSnapshot {
  const none = { fdb: {}, route: {}, socket: {}, link: {}, neighbour: {}, fwTable: {} }
  // A whole snapshot has much that nobody asks for here.
  return { records: { ...none, fwChain: byId(chains), fwRule: byId(rules) } } as unknown as HostSnapshot
}

const ours = (chain: string): TraceEvent => ({
  ...{ netns: NETNS, at: 0, id: 7, family: 'ip', table: TRACE_TABLE, chain, type: 'rule' as const, handle: 1, iif: 2 },
  ...PING,
})
const logged = (line: string, hook: LegacyLog['hook'] = 'input'): LegacyLog => ({
  ...{ netns: NETNS, at: 0, prefix: `TRACE: ${line} `, family: 'ip', hook, iif: 2 },
  ...PING,
})

function packetOf(events: readonly TraceEvent[]): TracedPacket {
  const packets: TracedPacket[] = []
  const packetizer = createPacketizer({ onPacket: (one) => packets.push(one) })
  for (const one of events) packetizer.push(one)
  packetizer.flush(Number.POSITIVE_INFINITY)
  const [first] = packets
  if (first === undefined) throw new Error('no packet')
  return first
}

const INPUT = [ours(ourChain('start', 'prerouting')), ours(ourChain('seen', 'prerouting'))]
const short = ({ events }: TracedPacket) =>
  events.map(({ engine, table, chain, type, handle, verdict, policy }) =>
    engine === undefined ? chain : [table, chain, type, handle ?? policy, verdict].filter(Boolean).join(' '),
  )

describe('what iptables-legacy did', () => {
  const chains = [chain('raw', 'PREROUTING', 'prerouting'), chain('filter', 'INPUT', 'input'), chain('filter', 'guard')]
  const rules = [rule('filter', 'INPUT', 1, '-j guard'), rule('filter', 'guard', 1, '-p tcp -j ACCEPT')]
  const facts = factsOf(snapshotOf(chains, rules))
  const events = [...INPUT, ours(ourChain('enter', 'input')), ours(ourChain('seen', 'input'))]
  const lines = () => [
    logged('raw:PREROUTING:policy:1', 'prerouting'),
    logged('filter:INPUT:rule:1'),
    logged('filter:guard:return:2'),
    logged('filter:INPUT:policy:2'),
  ]

  it('stands in its places, with verdicts from the rules', () => {
    const logs = createLegacyLogs(() => true)
    for (const one of lines()) logs.hear(one)
    const packet = logs.attach(packetOf(events), facts)
    expect(short(packet)).toEqual([
      'start-prerouting',
      'raw PREROUTING policy drop',
      'seen-prerouting',
      'enter-input',
      'filter INPUT rule 1 jump',
      'filter guard return',
      'filter INPUT policy drop',
      'seen-input',
    ])
    expect(packet.partial).toBe(false)
  })

  it('makes a packet partial where a table that it passed says nothing', () => {
    for (const lost of [0, 1]) {
      const logs = createLegacyLogs(() => true)
      for (const one of lost === 0 ? lines().slice(1) : lines().slice(0, 1)) logs.hear(one)
      expect(logs.attach(packetOf(events), facts).partial).toBe(true)
    }
    expect(createLegacyLogs(() => false).attach(packetOf(events), facts).partial).toBe(false)
  })

  it('is told apart for two packets that say the same, and forgotten in time', () => {
    const logs = createLegacyLogs(() => true)
    for (const one of [...lines(), ...lines()]) logs.hear(one)
    expect(logs.attach(packetOf(events), facts).events).toHaveLength(8)
    expect(logs.attach(packetOf(events), facts).events).toHaveLength(8)
    expect(logs.attach(packetOf(events), facts)).toMatchObject({ partial: true, events: { length: 4 } })
    for (const one of lines()) logs.hear(one)
    logs.forget(1)
    expect(logs.attach(packetOf(events), facts).events).toHaveLength(4)
  })

  it('comes before a chain of nftables of the same priority, or behind it when it was the end', () => {
    const at = { netns: NETNS, engine: 'nft' as const, family: 'ip' as const, table: 't', chain: 'c' }
    const nft: FwChain = { id: fwChainId(at), ...at, hook: 'input', priority: 0, policy: 'accept', type: 'filter' }
    const met: TraceEvent = { ...ours('c'), table: 't', handle: 9, verdict: 'continue' }
    const passed = [...INPUT, ours(ourChain('enter', 'input')), met]
    const orderOf = (words: string) => {
      const logs = createLegacyLogs(() => true)
      logs.hear(logged('filter:INPUT:rule:1'))
      const facts = factsOf(snapshotOf([...chains, nft], [rule('filter', 'INPUT', 1, words)]))
      return short(logs.attach(packetOf(passed), facts)).slice(3)
    }
    expect(orderOf('-p icmp -j ACCEPT')).toEqual(['filter INPUT rule 1 accept', 'c'])
    expect(orderOf('-p icmp -j DROP')).toEqual(['c', 'filter INPUT rule 1 drop'])
  })

  it('is known under the address that nftables gave it at OUTPUT, where only one packet can be it', () => {
    const nat = { netns: NETNS, engine: 'nft' as const, family: 'ip' as const, table: 'nat', chain: 'OUTPUT' }
    const base: FwChain = { id: fwChainId(nat), ...nat, hook: 'output', priority: -100, policy: 'accept', type: 'nat' }
    const to = { ...nat, handle: 3, position: 1, text: '-A OUTPUT -j DNAT --to-destination 172.17.0.9', target: 'DNAT' }
    const own = [chain('filter', 'OUTPUT', 'output'), base]
    const facts = factsOf(snapshotOf(own, [rule('filter', 'OUTPUT', 1, '-j DROP'), { ...to, id: fwRuleId(to) }]))
    const dnat: TraceEvent = { ...ours('OUTPUT'), table: 'nat', handle: 3, verdict: 'accept' }
    const events = [ours(ourChain('start', 'output')), dnat]
    const dropped = (last: string) => ({
      ...logged('filter:OUTPUT:policy:1', 'output'),
      l3: PING.l3.replace(/02$/, last),
    })
    const attached = (own: readonly TraceEvent[], ...all: LegacyLog[]) => {
      const logs = createLegacyLogs(() => true)
      for (const one of all) logs.hear(one)
      return short(logs.attach(packetOf(own), facts))
    }
    const end = 'filter OUTPUT rule 1 drop'
    expect(attached(events, dropped('09'))).toEqual(['start-output', 'OUTPUT', end])
    expect(attached(events, dropped('09'), dropped('08'))).not.toContain(end)
    expect(attached(events, { ...dropped('09'), l4: PING.l4.replace(/d2$/, 'd3') })).toContain(end)
    expect(attached(events, { ...dropped('09'), l4: PING.l4.replace('0700', '0701') })).not.toContain(end)
    // Nothing translated it, or it came to the end of the hook.
    expect(attached(events.slice(0, 1), dropped('09'))).not.toContain(end)
    expect(attached([...events, ours(ourChain('seen', 'output'))], dropped('09'))).not.toContain(end)
  })

  it('may be the end', () => {
    const dropping = factsOf(snapshotOf(chains, [rule('filter', 'INPUT', 1, '-j DROP')]))
    const logs = createLegacyLogs(() => true)
    logs.hear(logged('raw:PREROUTING:policy:1', 'prerouting'))
    // A rule for every packet is logged as the policy.
    logs.hear(logged('filter:INPUT:policy:1'))
    expect(short(logs.attach(packetOf(events.slice(0, 3)), dropping)).at(-1)).toBe('filter INPUT rule 1 drop')
  })
})
