import { fwChainId, fwRuleId, fwTableId, type HostSnapshot, type Link, linkId, recordsOf } from '@hopscope/model'
import { recordedHost } from '@hopscope/testkit/recorded'
import { describe, expect, it } from 'vitest'
import { predict } from '../predict.ts'
import { hopByHand } from '../words/byHand.ts'
import { namerOf } from '../words/namer.ts'
import { sayHop, sayOutcome } from '../words/say.ts'

const recorded = recordedHost(46)
const root = recorded.host.rootNetns

function container(name: string) {
  const found = recordsOf(recorded, 'container').find((c) => c.name === name)
  const ip = found?.attachments.find((a) => a.ip)?.ip
  if (found?.netns === undefined || ip === undefined) throw new Error(`${name} has no network`)
  return { netns: found.netns, ip }
}
const ASKER = container('cache')
const OWNER = container('worker')

const ask = (to: string, host = recorded, netns = ASKER.netns) =>
  predict(host, { from: { kind: 'netns', netns }, to, protocol: 'arp' })

function changed<K extends keyof HostSnapshot['records']>(
  kind: K,
  change: (all: HostSnapshot['records'][K]) => HostSnapshot['records'][K],
  host = recorded,
): HostSnapshot {
  return { ...host, records: { ...host.records, [kind]: change(host.records[kind]) } }
}
const withLink = (id: string, change: (link: Link) => Partial<Link>, host = recorded) =>
  changed(
    'link',
    (all) => {
      const link = all[id]
      if (!link) throw new Error(`no link ${id}`)
      return { ...all, [id]: { ...link, ...change(link) } }
    },
    host,
  )

/** eth0 of a container, and the port of its bridge. */
function cableOf(netns: string): { eth0: Link; port: Link } {
  const eth0 = recordsOf(recorded, 'link').find((link) => link.netns === netns && link.name === 'eth0')
  const port = recorded.records.link[linkId(root, eth0?.iflink ?? -1)]
  if (!eth0 || !port) throw new Error('no cable')
  return { eth0, port }
}

type Placed = { netns: string; family: 'arp' | 'bridge'; hook: string; text: string; policy?: 'accept' | 'drop' }
/** The same host with one more table, with one chain and one rule in it. */
function withRule({ netns, family, hook, text, policy = 'accept' }: Placed): HostSnapshot {
  const at = { netns, engine: 'nft' as const, family, table: 't' }
  const table = { ...at, dialect: 'nftables' as const, flags: [] }
  const chain = { ...at, chain: 'c', type: 'filter', hook, priority: 0, policy }
  const rule = { ...at, chain: 'c', handle: 4, position: 1, text }
  const add = <T>(id: string, record: T) => ({ [id]: { id, ...record } })
  let host = changed('fwTable', (all) => ({ ...all, ...add(fwTableId(at), table) }))
  host = changed('fwChain', (all) => ({ ...all, ...add(fwChainId(chain), chain) }), host)
  return changed('fwRule', (all) => ({ ...all, ...add(fwRuleId(rule), rule) }), host)
}

describe('[P16] who has an address', () => {
  it('is asked of all on the link, and answered by who has it', () => {
    const { forward, back, outcome, suggestions } = ask(OWNER.ip)
    const { eth0, port } = cableOf(OWNER.netns)
    expect(forward.hops.map(({ kind }) => kind)).toEqual('send route leave veth bridge veth arrive deliver'.split(' '))
    expect(back?.hops.map(({ kind }) => kind)).toEqual('send leave veth bridge veth arrive deliver'.split(' '))
    const bridge = forward.hops.find((hop) => hop.kind === 'bridge')
    expect(bridge).toMatchObject({ how: 'flooded', toHost: true })
    expect(bridge?.outPorts.map(({ index }) => index)).toContain(port.index)
    expect(bridge?.outPorts.map(({ index }) => index)).not.toContain(cableOf(ASKER.netns).port.index)
    expect(outcome).toEqual({
      verdict: 'delivered',
      netns: OWNER.netns,
      blame: eth0.id,
      what: `${eth0.address} (eth0)`,
    })
    expect(suggestions).toEqual([])
  })

  it('is said with its objects, and with the command that asks the same', () => {
    const { forward, back, outcome } = ask(OWNER.ip)
    const namer = namerOf(recorded)
    const { address } = cableOf(OWNER.netns).eth0
    expect(sayOutcome(outcome, 'en', namer)).toBe(`Delivered. Container worker answers: ${address} (eth0).`)
    for (const language of ['en', 'zh-CN'] as const)
      for (const hop of [...forward.hops, ...(back?.hops ?? [])])
        expect(sayHop(hop, language, namer)).not.toMatch(/[{}]|undefined/)
    const [sent] = forward.hops
    expect(sent && hopByHand(sent, namer)).toMatch(/ arping -c 1 -I eth0 \d+\.\d+\.\d+\.\d+$/)
  })

  it('the host is asked as well, and asks', () => {
    const gateway = recordsOf(recorded, 'route').find((r) => r.netns === ASKER.netns && r.dst === 'default')?.gateway
    expect(ask(gateway ?? '').outcome).toMatchObject({ verdict: 'delivered', netns: root })
    const asked = ask(OWNER.ip, recorded, root)
    expect(asked.outcome).toMatchObject({ verdict: 'delivered', netns: OWNER.netns })
    expect(asked.forward.hops.find((hop) => hop.kind === 'bridge')).not.toHaveProperty('inPort')
  })

  it('is not asked about oneself, about what a gateway leads to, nor on a link without ARP', () => {
    expect(ask(ASKER.ip).outcome).toMatchObject({ verdict: 'refused', reason: 'OWN_ADDRESS', what: ASKER.ip })
    const { forward, outcome, suggestions } = ask('203.0.113.10')
    expect(outcome).toMatchObject({ verdict: 'refused', reason: 'NOT_ON_LINK' })
    expect(suggestions).toEqual([{ code: 'ASK_GATEWAY', params: { address: outcome.what } }])
    expect(forward.hops.map(({ kind }) => kind)).toEqual(['route'])
    const noArp = withLink(cableOf(ASKER.netns).eth0.id, ({ flags }) => ({ flags: [...flags, 'NOARP'] }))
    expect(ask(OWNER.ip, noArp).outcome).toMatchObject({ verdict: 'refused', reason: 'NO_ARP', what: 'eth0' })
    expect(predict(recorded, { from: { kind: 'outside' }, to: OWNER.ip, protocol: 'arp' }).outcome).toMatchObject({
      verdict: 'undetermined',
    })
  })

  it('nobody answers: nobody has it, ports are isolated, a link is down or without ARP', () => {
    const nobody = `${ASKER.ip.split('.').slice(0, 3).join('.')}.250`
    const { forward, outcome } = ask(nobody)
    expect(outcome).toMatchObject({ verdict: 'dropped', reason: 'NO_SUCH_ADDRESS', what: nobody })
    expect(forward.hops.at(-1)?.kind).toBe('bridge')
    const isolated = [ASKER, OWNER].reduce((host, { netns }) => {
      const { port } = cableOf(netns)
      return withLink(port.id, () => (port.port ? { port: { ...port.port, isolated: true } } : {}), host)
    }, recorded)
    const apart = ask(OWNER.ip, isolated)
    expect(apart.outcome).toMatchObject({ verdict: 'dropped', reason: 'ISOLATED_BRIDGE_PORT' })
    const given = apart.forward.hops.at(-1)
    const ports = given?.kind === 'bridge' ? given.outPorts.map(({ index }) => index) : []
    expect(ports).not.toContain(cableOf(OWNER.netns).port.index)
    const noArp = withLink(cableOf(OWNER.netns).eth0.id, ({ flags }) => ({ flags: [...flags, 'NOARP'] }))
    expect(ask(OWNER.ip, noArp).outcome).toMatchObject({ verdict: 'dropped', reason: 'NO_ARP', netns: OWNER.netns })
    const down = withLink(cableOf(OWNER.netns).eth0.id, ({ flags }) => ({ flags: flags.filter((f) => f !== 'UP') }))
    expect(ask(OWNER.ip, down).outcome).toMatchObject({ verdict: 'dropped', reason: 'LINK_DOWN', what: 'eth0' })
  })

  const { netns } = OWNER
  const isAt = (hook: string, more: Partial<Placed> = {}): Placed => ({
    netns,
    family: 'arp',
    hook,
    text: 'drop',
    ...more,
  })
  const onBridge = (text: string): Placed => ({ netns: root, family: 'bridge', hook: 'forward', text })
  it.each<[string, Placed, string, 'forward' | 'back']>([
    ['a rule that drops it', isAt('input', { text: `arp daddr ip ${OWNER.ip} drop` }), 'dropped RULE_DROP', 'forward'],
    ['one about another', isAt('input', { text: 'arp daddr ip 10.99.99.99 drop' }), 'delivered', 'forward'],
    ['one about answers', isAt('input', { text: 'arp operation reply drop' }), 'delivered', 'forward'],
    [
      'a policy for the answer',
      isAt('output', { text: 'arp operation request accept', policy: 'drop' }),
      'dropped POLICY_DROP',
      'back',
    ],
    ['one on the bridge', onBridge('ether type arp drop'), 'dropped RULE_DROP', 'forward'],
    ['one on the bridge for the answer', onBridge('arp operation reply drop'), 'dropped RULE_DROP', 'back'],
    ['one on the bridge about IP', onBridge(`ip daddr ${OWNER.ip} drop`), 'delivered', 'forward'],
    [
      'one that is not understood',
      onBridge('ether saddr 02:00:00:00:00:01 drop'),
      'undetermined NOT_UNDERSTOOD',
      'forward',
    ],
    [
      'one that would stop the own kernel',
      isAt('output', { netns: ASKER.netns }),
      'undetermined NOT_UNDERSTOOD',
      'forward',
    ],
  ])('rules: %s', (_name, rule, outcome, way) => {
    const asked = ask(OWNER.ip, withRule(rule))
    const { verdict, reason } = asked.outcome
    expect([[verdict, reason].filter((word) => word !== undefined).join(' '), asked.way]).toEqual([outcome, way])
  })
})
