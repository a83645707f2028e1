import { fwChainId, type HostSnapshot, recordsOf } from '@hopscope/model'
import { commandSchema } from '@hopscope/protocol'
import { recordedHost } from '@hopscope/testkit/recorded'
import { describe, expect, it } from 'vitest'
import { predict } from './predict.ts'
import type { Prediction, Query } from './query.ts'

const recorded = recordedHost(46)

function container(name: string, host = recorded) {
  const found = recordsOf(host, 'container').find((c) => c.name === name)
  const ip = found?.attachments.find((a) => a.ip)?.ip
  if (found?.netns === undefined || ip === undefined) throw new Error(`${name} has no network`)
  return { ...found, netns: found.netns, ip }
}
const from = (name: string): Query['from'] => ({ kind: 'netns', netns: container(name).netns })
const ping = (who: string, to: string, host = recorded): Prediction =>
  predict(host, { from: from(who), to, protocol: 'icmp' })
const kinds = ({ forward }: Prediction): string[] => forward.hops.map(({ kind }) => kind)

/** The same host with some records of one kind changed. */
function changed<K extends keyof HostSnapshot['records']>(
  kind: K,
  change: (all: HostSnapshot['records'][K]) => HostSnapshot['records'][K],
): HostSnapshot {
  return { ...recorded, records: { ...recorded.records, [kind]: change(recorded.records[kind]) } }
}

describe('predictions on a recorded host', () => {
  it('[P1] [P2] [P7] follows a ping over a bridge, by what each step does', () => {
    const way = ping('cache', container('worker').ip)
    expect(way.outcome).toMatchObject({ verdict: 'delivered' })
    expect(kinds(way).filter((k) => k !== 'chain' && k !== 'conntrack')).toEqual([
      ...['send', 'route', 'neighbour', 'leave', 'veth', 'bridge', 'veth', 'arrive', 'route', 'deliver'],
    ])
  })

  it('[P3] names the rule that keeps networks apart, and the network', () => {
    const { outcome, suggestions } = ping('cache', container('db').ip)
    expect(outcome).toMatchObject({ verdict: 'dropped', reason: 'RULE_DROP' })
    expect(recorded.records.fwRule[outcome.blame ?? '']?.chain).toBe('DOCKER-ISOLATION-STAGE-2')
    expect(suggestions[0]?.code).toBe('SAME_NETWORK')
  })

  it('[P4] translates the destination before the route, and the answer back', () => {
    const way = predict(recorded, { from: { kind: 'outside' }, to: '192.168.66.11', protocol: 'tcp', port: 8080 })
    expect(kinds(way).indexOf('nat')).toBeLessThan(kinds(way).indexOf('route'))
    expect(way.outcome).toMatchObject({ verdict: 'refused', reason: 'NOT_LISTENING' })
    expect(way.back?.hops.find((hop) => hop.kind === 'nat')).toMatchObject({
      change: 'reverse',
      after: { src: '192.168.66.11', sport: 8080 },
    })
  })

  it('[P4] knows no port of the sender where the kernel draws one', () => {
    const asked: Query = { from: from('cache'), to: '203.0.113.10', protocol: 'tcp', port: 80, sport: 5555 }
    const drawing = changed('fwRule', (all) =>
      Object.fromEntries(
        Object.entries(all).map(([id, rule]) => [
          id,
          { ...rule, text: rule.text.replace(/-j MASQUERADE$/, '-j MASQUERADE --random-fully') },
        ]),
      ),
    )
    const portOf = (host: HostSnapshot) =>
      predict(host, asked).forward.hops.flatMap((hop) => (hop.kind === 'nat' ? [hop.after.sport] : []))
    expect(portOf(recorded)).toEqual([5555])
    expect(portOf(drawing)).toEqual([undefined])
  })

  it('[P9] follows docker-proxy into a connection of its own', () => {
    const root = recorded.host.rootNetns
    const way = predict(recorded, {
      from: { kind: 'netns', netns: root },
      to: '127.0.0.1',
      protocol: 'tcp',
      port: 8080,
    })
    expect(kinds(way).filter((k) => k === 'send')).toHaveLength(2)
    expect(way.forward.hops.find((hop) => hop.kind === 'deliver')).toMatchObject({ process: { comm: 'docker-proxy' } })
  })

  it("[P10] resolves names by the file first, then by Docker's name server; not on the default bridge", () => {
    const named = ping('cache', 'worker')
    expect(named.forward.hops[0]).toMatchObject({ kind: 'resolve', address: container('worker').ip, how: 'docker' })
    expect(ping('cache', 'localhost').forward.hops[0]).toMatchObject({ kind: 'resolve', how: 'hosts' })
    const { outcome, suggestions } = ping('db', 'cache')
    expect(outcome).toMatchObject({ verdict: 'undetermined', reason: 'NAME_UNRESOLVED', what: 'cache' })
    expect(suggestions.map(({ code }) => code)).toEqual(['USE_ADDRESS', 'USER_NETWORK'])
  })

  it('[P11] ends where nothing more can be seen', () => {
    const way = ping('cache', '198.51.100.7')
    expect(way.outcome).toMatchObject({ verdict: 'left' })
    expect(way.forward.hops.at(-1)?.kind).toBe('outside')
    expect(way.back).toBeUndefined()
  })

  it('[P0] a rule that is not understood matters only where it decides', () => {
    const strange = (text: string, chain: string) =>
      changed('fwRule', (all) => {
        const rules = Object.values(all).filter((r) => r.netns === recorded.host.rootNetns && r.chain === chain)
        const [first] = rules.sort((a, b) => a.position - b.position)
        if (!first) throw new Error(`no rule in ${chain}`)
        return { ...all, [first.id]: { ...first, text } }
      })
    const to = container('worker').ip
    const deciding = ping('cache', to, strange('-A DOCKER-USER -m geoip --source-country DE -j DROP', 'DOCKER-USER'))
    expect(deciding.outcome).toMatchObject({ verdict: 'undetermined', reason: 'NOT_UNDERSTOOD' })
    expect(deciding.outcome.what).toContain('geoip')
    expect(deciding.suggestions).toEqual([{ code: 'TRY_IT', params: {} }])
    const idle = ping('cache', to, strange('-A DOCKER-USER -m geoip --source-country DE -j RETURN', 'DOCKER-USER'))
    expect(idle.outcome).toMatchObject({ verdict: 'delivered' })
    const target = ping('cache', to, strange('-A DOCKER-USER -j SOMETHING --new', 'DOCKER-USER'))
    expect(target.outcome).toMatchObject({ verdict: 'undetermined', reason: 'NOT_UNDERSTOOD' })
  })

  it('[P0] what the agent cannot read is named', () => {
    const blind = changed('source', (all) => ({
      ...all,
      'source:nftables': { id: 'source:nftables', name: 'nftables', state: 'unavailable', reason: 'NOT_ROOT' },
    }))
    const { outcome, suggestions } = ping('cache', container('worker').ip, blind)
    expect(outcome).toMatchObject({ verdict: 'undetermined', reason: 'NOT_SEEN', blame: 'source:nftables' })
    expect(suggestions[0]?.code).toBe('SEE_SOURCE')
  })

  it('[P6] out of sight, an address that did not answer is no certainty', () => {
    const root = recorded.host.rootNetns
    const record = { id: 'neigh:x', netns: root, index: 2, family: 'inet' as const, address: '192.168.66.77' }
    const failed = { ...record, state: 'FAILED' as const, proxy: false, router: false, externLearn: false }
    const host = changed('neighbour', (all) => ({ ...all, [failed.id]: failed }))
    const query = { from: { kind: 'netns' as const, netns: root }, to: '192.168.66.77', protocol: 'icmp' as const }
    expect(predict(host, query).outcome).toMatchObject({
      verdict: 'undetermined',
      reason: 'NEIGHBOUR_FAILED',
      blame: 'neigh:x',
    })
    expect(predict(recorded, query).outcome).toMatchObject({ verdict: 'left' })
  })

  it('does not depend on the order in which records came, where nobody tells the order of two chains', () => {
    const forward = recordsOf(recorded, 'fwChain').find(({ chain, table }) => chain === 'FORWARD' && table === 'filter')
    if (!forward) throw new Error('nothing filters')
    const own = { ...forward, table: 'own', policy: 'ACCEPT' }
    const another = { [fwChainId(own)]: { ...own, id: fwChainId(own) } }
    const first = changed('fwChain', (all) => ({ ...another, ...all }))
    const last = changed('fwChain', (all) => ({ ...all, ...another }))
    for (const { ip } of [container('db'), container('worker')])
      expect(ping('cache', ip, first)).toEqual(ping('cache', ip, last))
  })

  it('suggests commands that the agent takes, and is the same each time', () => {
    const containers = recordsOf(recorded, 'container').flatMap(({ netns, attachments }) => {
      const ip = attachments.find((a) => a.ip)?.ip
      return netns === undefined || ip === undefined ? [] : [{ netns, ip }]
    })
    for (const [i, { netns }] of containers.entries()) {
      const to = containers[(i * 7 + 3) % containers.length]?.ip ?? ''
      const query: Query = { from: { kind: 'netns', netns }, to, protocol: 'tcp', port: 80 }
      const first = predict(recorded, query)
      for (const { command } of first.suggestions) if (command) expect(() => commandSchema.parse(command)).not.toThrow()
      expect(predict(recorded, query)).toEqual(first)
    }
  })
})
