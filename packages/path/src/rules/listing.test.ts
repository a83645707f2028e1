import { type FwRule, fwRuleId, type Hop, type HopOf, type HostSnapshot, recordsOf } from '@hopscope/model'
import { recordedHost } from '@hopscope/testkit/recorded'
import { describe, expect, it } from 'vitest'
import { flowsBefore } from '../passedOver.ts'
import { predict } from '../predict.ts'
import type { Query } from '../query.ts'
import { sayMiss } from '../words/say.ts'
import { type ListedChain, type ListedRule, listChain } from './listing.ts'

const host = recordedHost(46)
const PUBLISHED: Query = { from: { kind: 'outside' }, to: '192.168.66.11', protocol: 'tcp', port: 8080 }

type Met = { hop: HopOf<'chain'>; flow: ReturnType<typeof flowsBefore>[number] }
function chainsOf(query: Query, snapshot = host): Met[] {
  const { forward, back } = predict(snapshot, query)
  const both: (readonly Hop[])[] = [forward.hops, back?.hops ?? []]
  return both.flatMap((hops) => {
    const flows = flowsBefore(hops)
    return hops.flatMap((hop, i) => (hop.kind === 'chain' ? [{ hop, flow: flows[i] }] : []))
  })
}
function forwardOf(query: Query, snapshot = host): Met {
  const found = chainsOf(query, snapshot).find(({ hop }) => hop.chain === 'FORWARD' && hop.table === 'filter')
  if (!found) throw new Error('nothing is forwarded')
  return found
}
const all = ({ rules }: ListedChain): ListedRule[] =>
  rules.flatMap((rule) => (rule.state === 'matched' && rule.into ? [rule, ...all(rule.into)] : [rule]))

describe('a chain as a packet met it', () => {
  it('marks every rule that matched, in order, in the chains where they stand', () => {
    const chains = chainsOf(PUBLISHED)
    expect(chains.some(({ hop }) => hop.hits.length > 3)).toBe(true)
    for (const { hop, flow } of chains) {
      const hits = all(listChain(hop, flow, host)).flatMap((rule) => (rule.state === 'matched' ? [rule.hit] : []))
      expect(hits).toEqual(hop.hits)
    }
  })

  it('tells what was passed over from what was never come to, also after a jump that came back', () => {
    const { hop, flow } = forwardOf(PUBLISHED)
    const listed = listChain(hop, flow, host)
    const states = listed.rules.map(({ state }) => state)
    const last = states.lastIndexOf('matched')
    expect(states.slice(last + 1).every((state) => state === 'unreached')).toBe(true)
    expect(states.slice(0, last)).not.toContain('unreached')
    expect(states).toContain('passed')
    const user = listed.rules.find((one) => one.state === 'matched' && one.into?.chain === 'DOCKER-USER')
    expect(user).toBeDefined()
    expect(listed.policy).toBeUndefined()
  })

  it('ends with the policy where no rule decided', () => {
    const worker = recordsOf(host, 'container').find(({ name }) => name === 'worker')
    const cache = recordsOf(host, 'container').find(({ name }) => name === 'cache')
    const to = worker?.attachments.find(({ ip }) => ip)?.ip ?? ''
    const query: Query = { from: { kind: 'netns', netns: cache?.netns ?? '' }, to, protocol: 'tcp', port: 80 }
    const empty = chainsOf(query).find(({ hop }) => hop.policy)
    if (!empty) throw new Error('no policy decided')
    expect(listChain(empty.hop, empty.flow, host)).toMatchObject({ policy: 'ACCEPT' })
  })
})

/** The same host with other rules before those of DOCKER-USER. */
function withUserRules(...texts: string[]): HostSnapshot {
  const user = recordsOf(host, 'fwRule').find(({ chain }) => chain === 'DOCKER-USER')
  if (!user) throw new Error('there is no DOCKER-USER')
  const rules = texts.map((text, i): FwRule => {
    const handle = 90_000 + i
    const { target: _, comment: __, ...rest } = user
    return { ...rest, handle, id: fwRuleId({ ...user, handle }), position: i - texts.length, text }
  })
  const fwRule = { ...host.records.fwRule, ...Object.fromEntries(rules.map((rule) => [rule.id, rule])) }
  return { ...host, records: { ...host.records, fwRule } }
}

function missIn(text: string, change: (met: Met) => HopOf<'chain'> = ({ hop }) => hop) {
  const snapshot = withUserRules(text)
  const met = forwardOf(PUBLISHED, snapshot)
  const rules = all(listChain(change(met), met.flow, snapshot))
  const found = rules.find(({ rule }) => rule.text === text)
  if (found?.state !== 'passed') throw new Error(`${text}: ${found?.state}`)
  return found.miss
}

describe('[P12] why a rule was passed over', () => {
  it('names a part that fails for every rule of a recorded host', () => {
    const whys = new Set<string>()
    for (const { hop, flow } of chainsOf(PUBLISHED))
      for (const rule of all(listChain(hop, flow, host))) if (rule.state === 'passed') whys.add(rule.miss.why)
    expect([...whys]).toEqual(['differs'])
  })

  it.each([
    ['-A DOCKER-USER -i docker0 -j DROP', /^in: \S+, not docker0$/],
    ['-A DOCKER-USER -p udp -m udp --dport 80 -j DROP', /^protocol: tcp, not udp$/],
    ['-A DOCKER-USER -p tcp -m tcp --dport 443 -j DROP', /^destination port: 80, not 443$/],
    ['-A DOCKER-USER -p tcp -m multiport --dports 22,8000:8010 -j DROP', /^destination port: 80, not 22,8000-8010$/],
    ['-A DOCKER-USER ! -d 10.71.0.0/24 -j DROP', /^destination: 10\.71\.0\.2, which it leaves out$/],
    ['-A DOCKER-USER -s 10.0.0.0/8 -j DROP', /^source: \S+, not 10\.0\.0\.0\/8$/],
    ['-A DOCKER-USER -m conntrack --ctstate RELATED,ESTABLISHED -j DROP', /^connection state: NEW,DNAT, not RELATED/],
    ['-A DOCKER-USER -m mark --mark 0x1/0xff -j DROP', /^mark: 0x0, not 0x1\/0xff$/],
    ['-A DOCKER-USER -p icmp -m icmp --icmp-type 8 -j DROP', /^protocol: tcp, not icmp$/],
    ['icmp type echo-request drop', /^protocol: tcp, not icmp$/],
    ['tcp dport { 22, 443 } drop', /^destination port: 80, none of 22, 443$/],
    ['tcp dport vmap { 22 : drop, 443 : drop }', /^destination port: 80 has no entry in its map$/],
    [
      'ip daddr . tcp dport { 10.0.0.1 . 80, 10.0.0.2 . 443 } drop',
      /^destination \. destination port: 10\.71\.0\.2 \. 80, /,
    ],
    ['ip saddr { } drop', /^source: \S+, and its set is empty$/],
    ['meta skuid 0 drop', /^the packet has no user$/],
    ['-A DOCKER-USER -m physdev --physdev-in veth+ -j DROP', /^in by the bridge port: none, not veth\*$/],
  ])('%s', (text, said) => {
    const miss = missIn(text)
    expect(sayMiss(miss, 'en')).toMatch(said)
    expect(sayMiss(miss, 'zh-CN')).not.toMatch(/[{}]|undefined/)
  })

  it('a rule that nobody can tell of may match, unless another part of it fails', () => {
    expect(sayMiss(missIn('-A DOCKER-USER -m limit --limit 5/min -j RETURN'), 'en')).toBe(
      'may match: -m limit cannot be told beforehand',
    )
    expect(sayMiss(missIn('limit rate 5/minute tcp dport 22 accept'), 'en')).toBe('destination port: 80, not 22')
    expect(missIn('ip saddr @friends return')).toEqual({ why: 'may', what: ['src @friends'] })
  })

  it('of a packet that was seen the doubtful part is the one that failed', () => {
    const seen = ({ hop }: Met): HopOf<'chain'> => ({ ...hop, basis: 'observed' })
    expect(sayMiss(missIn('-A DOCKER-USER -m limit --limit 5/min -j RETURN', seen), 'en')).toBe('-m limit did not hold')
    const untold = ({ hop }: Met): HopOf<'chain'> => ({
      ...hop,
      basis: 'observed',
      ...(hop.met && { met: { ...hop.met, unknown: ['ctState', 'mark'] } }),
    })
    const both = '-A DOCKER-USER -m conntrack --ctstate NEW -m mark --mark 0x1 -j RETURN'
    expect(missIn(both, untold)).toEqual({ why: 'oneOf', what: ['--ctstate NEW', '--mark 0x1'] })
    expect(missIn('-A DOCKER-USER -i docker0 -m mark --mark 0x1 -j RETURN', untold).why).toBe('differs')
  })

  it.each([
    ['ip6 saddr fd00::/64 drop', /^source: 2001:db8::1, not fd00::\/64$/],
    ['ip6 daddr { ::1, fe80::/10 } drop', /^destination: fd00::2, none of ::1, fe80::\/10$/],
    ['ip6 nexthdr udp drop', /^next header: icmpv6, not udp$/],
    ['ip6 hoplimit 255 drop', /^hop limit: 63, not 255$/],
    ['icmpv6 type { nd-router-advert, nd-neighbor-solicit } drop', /^ICMPv6 type: echo-request, none of nd-router-adv/],
    ['icmp type echo-request drop', /^protocol: icmpv6, not icmp$/],
    ['ip saddr 10.0.0.0/8 drop', /^IP version: ipv6, not ipv4$/],
    ['ip protocol tcp drop', /^IP version: ipv6, not ipv4$/],
    ['-A DOCKER-USER -s fe80::/10 -j DROP', /^source: 2001:db8::1, not fe80::\/10$/],
    ['-A DOCKER-USER -p ipv6-icmp -m icmp6 --icmpv6-type 135 -j DROP', /^ICMPv6 type: echo-request, not nd-neighbor-s/],
    ['fib daddr type local drop', /^type of the destination: none, not LOCAL$/],
  ])('of a packet of IPv6: %s', (text, said) => {
    const ping = { family: 'inet6', protocol: 'icmpv6', src: '2001:db8::1', dst: 'fd00::2', icmpType: 128 } as const
    const snapshot = withUserRules(text)
    const seen: HopOf<'chain'> = { ...forwardOf(PUBLISHED).hop, basis: 'observed' }
    const found = all(listChain(seen, ping, snapshot)).find(({ rule }) => rule.text === text)
    if (found?.state !== 'passed') throw new Error(`${text}: ${found?.state}`)
    expect(sayMiss(found.miss, 'en')).toMatch(said)
    expect(sayMiss(found.miss, 'zh-CN')).not.toMatch(/[{}]|undefined/)
  })

  it('a packet of IPv4 has nothing that rules for IPv6 ask for', () => {
    expect(sayMiss(missIn('ip6 saddr ::/0 drop'), 'en')).toBe('IP version: ipv4, not ipv6')
    expect(sayMiss(missIn('icmpv6 type echo-request drop'), 'en')).toBe('protocol: tcp, not icmpv6')
  })

  it('says so where the rule would match by now, and where nothing was told of the packet', () => {
    const gone = ({ hop }: Met): HopOf<'chain'> => ({
      ...hop,
      basis: 'observed',
      hits: hop.hits.filter(({ handle }) => handle < 90_000),
    })
    expect(missIn('-A DOCKER-USER -p tcp', gone)).toEqual({ why: 'changed' })
    const silent = ({ hop: { met: _, ...hop } }: Met): HopOf<'chain'> => hop
    expect(missIn('-A DOCKER-USER -i docker0 -j DROP', silent)).toEqual({ why: 'unseen' })
  })

  it('knows what rules before it in the same chain did to the packet', () => {
    const asking = '-A DOCKER-USER -m mark --mark 0x1 -j DROP'
    for (const marking of [
      '-A DOCKER-USER -j MARK --set-xmark 0x7/0xffffffff',
      // These are passed over only behind their marks.
      'meta mark set 0x7 tcp dport 22 drop',
      'meta mark set tcp dport map { 22 : 0x1, * : 0x7 } tcp dport 22 drop',
      'meta mark set meta mark | 0x3 meta mark set meta mark & 0x1 | 0x6 tcp dport 22 drop',
      'meta mark set meta mark ^ 0xf meta mark set meta mark & 0x3 ^ 0x4 tcp dport 22 drop',
      'ct mark set 0x107 meta mark set ct mark & 0xff tcp dport 22 drop',
      'meta mark set 0x2 ct mark set meta mark | 0x5 meta mark set ct mark tcp dport 22 drop',
    ]) {
      const snapshot = withUserRules(marking, asking)
      const { hop, flow } = forwardOf(PUBLISHED, snapshot)
      const found = all(listChain(hop, flow, snapshot)).find(({ rule }) => rule.text === asking)
      expect(found, marking).toMatchObject({ state: 'passed', miss: { why: 'differs', has: ['0x7'], wants: ['0x1'] } })
    }
  })

  it('knows nothing of a mark that one of them may have made', () => {
    const asking = '-A DOCKER-USER -m mark --mark 0x1 -j DROP'
    const snapshot = withUserRules('limit rate 5/minute meta mark set 0x1 tcp dport 22 drop', asking)
    const { hop, flow } = forwardOf(PUBLISHED)
    const found = all(listChain({ ...hop, basis: 'observed' }, flow, snapshot)).find(({ rule }) => rule.text === asking)
    expect(found).toMatchObject({ state: 'passed', miss: { why: 'oneOf', what: ['--mark 0x1'] } })
  })

  it('tells neither the length of a packet nor how far it came, where nobody said', () => {
    expect(missIn('ip ttl < 5 return').why).toBe('may')
    expect(missIn('meta length > 1000 return').why).toBe('may')
  })
})
