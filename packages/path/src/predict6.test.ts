import {
  type Address,
  addressId,
  fwChainId,
  fwRuleId,
  fwTableId,
  type HostSnapshot,
  type Link,
  type Neighbour,
  policyRuleId,
  type Route,
  recordsOf,
  routeId,
} from '@hopscope/model'
import { recordedHost } from '@hopscope/testkit/recorded'
import { describe, expect, it } from 'vitest'
import { predict } from './predict.ts'
import type { Prediction, Query } from './query.ts'
import { namerOf } from './words/namer.ts'
import { sayHop } from './words/say.ts'

const recorded = recordedHost(46)

/** Where a container of the recorded host is. */
function placeOf(name: string): Link {
  const netns = recordsOf(recorded, 'container').find((c) => c.name === name)?.netns
  const link = recordsOf(recorded, 'link').find((l) => l.netns === netns && l.name === 'eth0')
  if (!link) throw new Error(`${name} has no network`)
  return link
}
const cache = placeOf('cache')
const worker = placeOf('worker')

type Added = { netns: string; index: number }
const address = ({ netns, index }: Added, text: string, ...flags: string[]): Address => {
  const [local = '', length] = text.split('/')
  const made = { netns, index, family: 'inet6' as const, local, prefixLength: Number(length), flags }
  return { id: addressId(made), ...made, scope: local.startsWith('fe80') ? 'link' : 'global' }
}
const route = ({ netns, index }: Added, dst: string, more: Partial<Route> = {}): Route => {
  const made = {
    ...{ netns, family: 'inet6' as const, type: 'unicast', dst, table: 254, protocol: 'kernel', scope: 'global' },
    ...{ metric: 256, oif: index, flags: [], ...more },
  }
  return { id: routeId(made), ...made }
}
/** An address, and that it is local and its subnet near. */
const having = (at: Added, text: string, subnet: string, ...flags: string[]) => ({
  address: [address(at, text, ...flags)],
  route: [route(at, text.replace(/\/.*/, ''), { type: 'local', table: 255, metric: 0 }), route(at, subnet)],
})
const NEAR = [
  having(cache, 'fd00:71::3/64', 'fd00:71::/64'),
  having(worker, 'fd00:71::4/64', 'fd00:71::/64'),
  having(cache, 'fe80::3/64', 'fe80::/64'),
  having(worker, 'fe80::4/64', 'fe80::/64'),
]

const STALE: Neighbour = {
  ...{ id: 'neigh:worker', netns: cache.netns, index: cache.index, family: 'inet6', address: 'fd00:71::4' },
  ...{ lladdr: worker.address ?? '', state: 'STALE', proxy: false, router: false, externLearn: false },
}

type Records = { [K in keyof HostSnapshot['records']]?: readonly HostSnapshot['records'][K][string][] }
function hostWith(...all: readonly Records[]): HostSnapshot {
  const records: Record<string, Record<string, { id: string }>> = { ...recorded.records }
  for (const one of all)
    for (const [kind, added] of Object.entries(one))
      records[kind] = { ...records[kind], ...Object.fromEntries(added.map((record) => [record.id, record])) }
  // Only records of each table's own kind were added to it.
  return { ...recorded, records: records as HostSnapshot['records'] }
}
const ask = (host: HostSnapshot, to: string, more: Partial<Query> = {}): Prediction =>
  predict(host, { from: { kind: 'netns', netns: cache.netns }, to, protocol: 'icmp', ...more })
const kinds = ({ hops }: Prediction['forward']): string[] =>
  hops.map(({ kind }) => kind).filter((kind) => kind !== 'chain' && kind !== 'conntrack')

/** A rule of ip6tables in the chain of a hook, alone there. */
function rule({ netns }: Added, hook: 'input' | 'output', text: string): Records {
  const at = { netns, engine: 'nft' as const, family: 'ip6', table: 'filter', chain: hook.toUpperCase() }
  const { chain, ...table } = at
  const one = { ...at, handle: 7, position: 1, text: `-A ${chain} ${text}` }
  return {
    fwTable: [{ ...table, id: fwTableId(at), flags: [], dialect: 'iptables' }],
    fwChain: [{ ...at, id: fwChainId(at), hook, type: 'filter', priority: 0, policy: 'accept' }],
    fwRule: [{ ...one, id: fwRuleId(one) }],
  }
}

describe('predictions by IPv6', () => {
  const dual = hostWith(...NEAR)

  it('[P6] [P7] follows a ping and its answer over a bridge', () => {
    const way = ask(dual, 'fd00:71::4')
    expect(way.outcome).toMatchObject({ verdict: 'delivered' })
    const steps = ['send', 'route', 'neighbour', 'leave', 'veth', 'bridge', 'veth', 'arrive', 'route', 'deliver']
    expect(kinds(way.forward)).toEqual(steps)
    expect(way.back && kinds(way.back)).toEqual(steps)
    const flow = { family: 'inet6', protocol: 'icmpv6', src: 'fd00:71::3', dst: 'fd00:71::4', icmpType: 128 }
    expect(way.forward.hops[0]?.flow).toMatchObject(flow)
    expect(way.back?.hops[0]?.flow).toMatchObject({ src: 'fd00:71::4', dst: 'fd00:71::3', icmpType: 129 })
    const said = sayHop(way.forward.hops[0] ?? expect.fail('no hop'), 'en', namerOf(dual))
    expect(said).toContain('icmpv6 echo request fd00:71::3 > fd00:71::4')
  })

  it('[P15] an entry that is there is taken', () => {
    const { outcome, forward } = ask(hostWith(...NEAR, { neighbour: [STALE] }), 'fd00:71::4')
    expect(outcome.verdict).toBe('delivered')
    expect(forward.hops.find(({ kind }) => kind === 'neighbour')).toMatchObject({ how: 'known', neighbourId: STALE.id })
  })

  it('[P9] nobody listens there', () => {
    expect(ask(dual, 'fd00:71::4', { protocol: 'udp', port: 99 }).outcome).toMatchObject({
      ...{ verdict: 'refused', reason: 'NOT_LISTENING', what: 'udp [fd00:71::4]:99' },
    })
  })

  it('[P6] the link itself has to have the address', () => {
    const elsewhere = { netns: worker.netns, index: 1 }
    const host = hostWith(...NEAR, having(elsewhere, 'fd00:71::9/128', 'fd00:71::9'))
    expect(ask(host, 'fd00:71::9').outcome).toMatchObject({ verdict: 'dropped', reason: 'NO_SUCH_ADDRESS' })
  })

  it.each([
    ['a longer prefix that refuses', 'refused', 'ROUTE_REFUSES', [route(cache, 'fd00:71::4', { type: 'blackhole' })]],
    ['a larger metric', 'delivered', undefined, [route({ ...cache, index: 1 }, 'fd00:71::/64', { metric: 512 })]],
    ['two of one metric', 'undetermined', 'NOT_UNDERSTOOD', [route({ ...cache, index: 1 }, 'fd00:71::/64')]],
    ['a route by source', 'undetermined', 'NOT_UNDERSTOOD', [route(cache, 'fd00:71::4', { src: 'fd00::/16' })]],
  ])('[P5] %s', (_, verdict, reason, routes) => {
    const { outcome } = ask(hostWith(...NEAR, { route: routes }), 'fd00:71::4')
    expect([outcome.verdict, outcome.reason]).toEqual([verdict, reason])
  })

  it('[P5] a rule by source is asked of nobody who has no source yet', () => {
    const selected = {
      netns: cache.netns,
      family: 'inet6' as const,
      priority: 9,
      src: 'fd00:71::/64',
      action: 'prohibit',
    }
    const host = hostWith(...NEAR, { policyRule: [{ ...selected, id: policyRuleId(selected) }] })
    expect(ask(host, 'fd00:71::4').outcome).toMatchObject({ verdict: 'undetermined', what: 'a policy rule by source' })
  })

  it.each([
    ['the source of the label', ['2001:db8::3/64', 'fd00:5::3/64'], '2001:db8:9::1', '2001:db8::3'],
    ['the same for addresses of one site', ['2001:db8::3/64'], 'fd00:9::1', 'fd00:71::3'],
    ['the longest common prefix', ['fd00:9:8::3/64'], 'fd00:9::1', 'fd00:9:8::3'],
    ['none that is on its way out', ['fd00:9:8::3/64 deprecated'], 'fd00:9::1', 'fd00:71::3'],
    ['nobody knows which of two alike', ['fd00:71:0:1::3/64'], '2001:db8:9::1', undefined],
    ['nobody knows whether a temporary one', ['fd00:9:8::3/64 temporary'], 'fd00:9::1', undefined],
    ['nobody knows beside one of a site', ['fec0::3/64'], 'fd00:9::1', undefined],
    ['nobody knows before one is tested', ['fd00:9:8::3/64 tentative'], 'fd00:9::1', undefined],
    ['whatever is tested that it would not choose', ['2001:db8::3/64 tentative'], 'fd00:9::1', 'fd00:71::3'],
  ])('[P1] chooses as its source %s', (_, texts, to, src) => {
    const more = texts.map((text) => {
      const [own = '', ...flags] = text.split(' ')
      return { address: [address(cache, own, ...flags)] }
    })
    const gateway = { route: [route(cache, 'default', { gateway: 'fd00:71::4' })] }
    const { forward } = ask(hostWith(...NEAR, gateway, ...more), to)
    if (src === undefined) expect(forward.outcome).toMatchObject({ verdict: 'undetermined', what: 'a source address' })
    else expect(forward.hops[0]?.flow?.src).toBe(src)
  })

  it.each([
    ['an address that is being tested', [having(worker, 'fd00:71::4/64', 'fd00:71::/64', 'tentative')], 'fd00:71::4'],
    ['an address that says nothing without its link', [], 'fe80::4'],
    ['an address of IPv4 in another dress', [], '::ffff:10.71.0.4'],
    [
      'a question that is not heard',
      [rule(worker, 'input', '-p ipv6-icmp -m icmp6 --icmpv6-type 135 -j DROP')],
      'fd00:71::4',
    ],
    [
      'an answer that is not sent',
      [rule(worker, 'output', '-p ipv6-icmp -m icmp6 --icmpv6-type 136 -j DROP')],
      'fd00:71::4',
    ],
    [
      'an answer that is not taken in',
      [rule(cache, 'input', '-p ipv6-icmp -m icmp6 --icmpv6-type 136 -j DROP')],
      'fd00:71::4',
    ],
    [
      'an entry that could not be asked for anew',
      [{ neighbour: [STALE] }, rule(worker, 'input', '-p ipv6-icmp -m icmp6 --icmpv6-type 135 -j DROP')],
      'fd00:71::4',
    ],
  ])('[P0] [P15] is no certainty: %s', (_, more, to) => {
    expect(ask(hostWith(...NEAR, ...more), to).outcome).toMatchObject({ verdict: 'undetermined' })
  })

  it('[P3] rules of ip6tables decide, those of iptables do not', () => {
    const refusing = rule(
      worker,
      'input',
      '-s fd00:71::3/128 -p ipv6-icmp -m icmp6 --icmpv6-type 128 -j REJECT --reject-with icmp6-port-unreachable',
    )
    const { outcome, back } = ask(hostWith(...NEAR, refusing), 'fd00:71::4')
    expect(outcome).toMatchObject({ verdict: 'refused', reason: 'RULE_REJECT' })
    expect(back?.hops[0]?.flow).toMatchObject({ protocol: 'icmpv6', icmpType: 1, icmpCode: 4 })
    expect(ask(hostWith(...NEAR, refusing), '10.71.0.4').outcome.verdict).toBe('delivered')
  })

  it.each([
    ['the route leads back', 'fd00:71::3', 'delivered', undefined],
    ['no route leads back there', 'fd00:8::3', 'dropped', 'RULE_DROP'],
  ])('[P14] a rule asks for the way back: %s', (_, src, verdict, reason) => {
    const early = rule(worker, 'input', '-m rpfilter --validmark --invert -j DROP')
    const { outcome } = ask(hostWith(...NEAR, early), 'fd00:71::4', { src })
    expect([outcome.verdict, outcome.reason]).toEqual([verdict, reason])
  })

  it('[P2] a router forwards by the switch for all links', () => {
    const gateway = { route: [route(cache, 'default', { gateway: 'fd00:71::4' })] }
    const far = { route: [route({ netns: worker.netns, index: 1 }, 'fd00:9::/64')] }
    const host = hostWith(...NEAR, gateway, far)
    const { outcome, suggestions } = ask(host, 'fd00:9::1')
    expect(outcome).toMatchObject({ verdict: 'dropped', reason: 'FORWARDING_OFF', netns: worker.netns })
    expect(suggestions[0]?.command).toMatchObject({ key: 'ipv6_forwarding' })
    expect(ask(hostWith(...NEAR, gateway), 'fd00:9::1').outcome).toMatchObject({
      verdict: 'refused',
      reason: 'NO_ROUTE',
    })
  })
})
