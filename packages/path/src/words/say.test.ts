import { emptySnapshot, type Hop, hopSchema, REASON_CODES } from '@hopscope/model'
import { describe, expect, it } from 'vitest'
import { namerOf } from './namer.ts'
import { PATH_WORDS, type PathLanguage, sayHop, sayOutcome } from './say.ts'

const host = {
  id: 'h',
  name: 'h',
  vantage: { kind: 'host' as const },
  kernel: '6',
  bootId: 'b',
  rootNetns: 'ns:1',
  agentVersion: '0',
  privileged: true,
}
const namer = namerOf(emptySnapshot(host))
const link = { netns: 'ns:1', index: 3, name: 'docker0' }
const flow = { family: 'inet' as const, protocol: 'tcp', src: '172.17.0.2', dst: '172.17.0.3', sport: 40000, dport: 80 }
const common = { netns: 'ns:1', basis: 'predicted' as const }

const HOPS: Hop[] = [
  { ...common, kind: 'send', flow },
  { ...common, kind: 'resolve', name: 'web', address: '172.17.0.3', how: 'docker' },
  { ...common, kind: 'arrive', link },
  { ...common, kind: 'nat', change: 'dnat', before: flow, after: { ...flow, dst: '10.0.0.9' } },
  { ...common, kind: 'nat', change: 'reverse', before: flow, after: { ...flow, src: '10.0.0.9' } },
  { ...common, kind: 'conntrack', entry: 'created', state: 'new' },
  { ...common, kind: 'route', result: 'unicast', dst: '172.17.0.0/16', out: link },
  { ...common, kind: 'route', result: 'none', flow },
  { ...common, kind: 'neighbour', link, address: '172.17.0.3', how: 'asked', lladdr: '02:42:ac:11:00:03' },
  { ...common, kind: 'neighbour', link, address: '172.17.0.3', how: 'asked' },
  { ...common, kind: 'leave', link },
  { ...common, kind: 'veth', from: link, to: { ...link, netns: 'ns:2', name: 'eth0' } },
  { ...common, kind: 'bridge', bridge: link, outPorts: [link], toHost: false, mac: '02:42', how: 'known' },
  { ...common, kind: 'bridge', bridge: link, inPort: link, outPorts: [], toHost: true, how: 'local' },
  { ...common, kind: 'macvlan', from: link, to: link },
  { ...common, kind: 'tunnel', link, how: 'encapsulated', remote: '192.168.66.12' },
  { ...common, kind: 'deliver', process: { pid: 7, comm: 'docker-proxy' } },
  { ...common, kind: 'deliver', byKernel: true },
  { ...common, kind: 'outside', link },
]

describe('the words of hops', () => {
  it.each(['en', 'zh-CN'] as const)('%s: every hop has a sentence without a gap', (language) => {
    for (const hop of HOPS) {
      const sentence = sayHop(hopSchema.parse(hop), language, namer)
      expect(sentence).not.toMatch(/[{}?]|undefined/)
    }
    for (const reason of REASON_CODES) {
      const outcome = { verdict: 'dropped' as const, reason, netns: 'ns:1', what: 'docker0' }
      expect(sayOutcome(outcome, language, namer)).not.toMatch(/[{}?]|undefined/)
    }
  })

  it('names rule, place and text of what drops', () => {
    const hop: Hop = {
      ...common,
      kind: 'chain',
      hook: 'forward',
      engine: 'nft',
      family: 'ip',
      table: 'filter',
      chain: 'FORWARD',
      hits: [
        {
          chain: 'DOCKER-USER',
          ruleId: 'r',
          handle: 9,
          position: 1,
          text: '-A DOCKER-USER -s 172.17.0.2 -j DROP',
          verdict: 'drop',
        },
      ],
      verdict: 'drop',
      policy: false,
    }
    expect(sayHop(hop, 'en', namer)).toContain('The rule DOCKER-USER 1 drops it (-s 172.17.0.2 -j DROP).')
    expect(sayHop(hop, 'zh-CN', namer)).toContain('规则 DOCKER-USER 1 将其丢弃（-s 172.17.0.2 -j DROP）。')
  })

  it('both languages have the same parameters', () => {
    const params = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([p]) => p).sort()
    const flat = (language: PathLanguage) => {
      const { between: _, ...groups } = PATH_WORDS[language]
      return Object.entries(groups).flatMap(([g, all]) => Object.entries(all).map(([k, t]) => [`${g} ${k}`, params(t)]))
    }
    expect(flat('zh-CN')).toEqual(flat('en'))
  })
})
