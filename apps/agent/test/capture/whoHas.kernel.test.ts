import { type HostSnapshot, recordsOf } from '@hopscope/model'
import type { SandboxHost } from '@hopscope/sandbox'
import { TRACE_TABLE } from '@hopscope/trace'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Proof } from '../../src/capture/proof.ts'
import type { Capturing } from './capturing.ts'
import { differences } from './differences.ts'
import { openTracedHost, type TracedHost, WEB } from './tracedHost.ts'

const OUTSIDE = '203.0.113.10'

describe.skipIf(process.getuid?.() !== 0)('who has an address', () => {
  let traced: TracedHost
  let host: SandboxHost
  let capturing: Capturing
  let snapshot: HostSnapshot

  beforeAll(async () => {
    traced = await openTracedHost('t-whohas')
    ;({ host, capturing, snapshot } = traced)
  }, 60_000)
  afterAll(() => traced?.close())

  const inNetns = (name: string) => traced.inNetns(name)
  type Asked = { proof: Proof; seen: (string | undefined)[]; predicted: (string | undefined)[] }
  const GATEWAY = '172.17.0.1'
  const inside = async (name: string, ...argv: string[]) => {
    const { path } = snapshot.records.netns[inNetns(name).netns] ?? {}
    return host.run(['nsenter', `--net=${path}`, ...argv])
  }
  const nft = (name: string, text: string) => inside(name, 'nft', text)
  const portOf = (name: string): string => {
    const { netns } = inNetns(name)
    const own = recordsOf(snapshot, 'link').find((link) => link.netns === netns && link.name === 'eth0')
    const port = recordsOf(snapshot, 'link').find(
      (link) => link.index === own?.iflink && link.netns === snapshot.host.rootNetns,
    )
    if (!port) throw new Error(`${name} has no cable`)
    return port.name
  }

  async function ask(from: string, to: string): Promise<Asked> {
    const proof = await capturing.prove({ from: inNetns(from), to, protocol: 'arp' })
    if ('because' in proof) throw new Error(proof.because)
    const of = (way: Proof['prediction']['forward'] | undefined) =>
      way && `${way.outcome.verdict} ${way.outcome.reason ?? ''}`.trim()
    return {
      proof,
      predicted: [of(proof.prediction.forward), of(proof.prediction.back)],
      seen: [of(proof.forward?.story.way), of(proof.back?.story.way)],
    }
  }

  const ANSWERED: [string, string, string, string][] = [
    ['a container about another', 'client', WEB, 'eth0'],
    ['the host about a container', 'host', WEB, 'eth0'],
    ['a container about the host', 'client', GATEWAY, 'docker0'],
  ]
  it.each(ANSWERED)('is answered as predicted: %s', async (_name, from, to, link) => {
    const { proof, predicted, seen } = await ask(from, to)
    expect([predicted, seen]).toEqual([
      ['delivered', 'delivered'],
      ['delivered', 'delivered'],
    ])
    expect([differences(proof.forward), differences(proof.back)]).toEqual([[], []])
    expect(proof.asked).toMatchObject({ link: { name: link } })
    const { netns, index } = proof.asked?.link ?? {}
    const own = recordsOf(snapshot, 'link').find((one) => one.netns === netns && one.index === index)
    expect(proof.asked?.lladdr).toBe(own?.address)
  })

  /** Changes something, asks, and changes it back. */
  const SILENT: [string, () => Promise<unknown>, string, () => Promise<unknown>][] = [
    ['nobody has it', async () => undefined, 'NO_SUCH_ADDRESS', async () => undefined],
    [
      'a rule of the arp family',
      () =>
        nft(
          'web',
          'table arp t { chain i { type filter hook input priority 0; arp operation request arp daddr ip 172.17.0.2 drop; }\n}',
        ),
      'RULE_DROP',
      () => nft('web', 'delete table arp t'),
    ],
    [
      'a rule of the arp family for the answer',
      () =>
        nft(
          'web',
          'table arp t { chain o { type filter hook output priority 0; policy drop; arp operation request accept; }\n}',
        ),
      'POLICY_DROP',
      () => nft('web', 'delete table arp t'),
    ],
    [
      'a rule on the bridge',
      () =>
        nft(
          'host',
          `table bridge t { chain f { type filter hook forward priority 0; ether type arp oifname "${portOf('web')}" drop; }\n}`,
        ),
      'RULE_DROP',
      () => nft('host', 'delete table bridge t'),
    ],
    [
      'a rule where it comes to the bridge',
      () =>
        nft(
          'host',
          'table bridge t { chain p { type filter hook prerouting priority 0; arp operation request drop; }\n}',
        ),
      'RULE_DROP',
      () => nft('host', 'delete table bridge t'),
    ],
    [
      'isolated ports',
      () =>
        Promise.all(
          ['web', 'client'].map((name) => host.run(['bridge', 'link', 'set', 'dev', portOf(name), 'isolated', 'on'])),
        ),
      'ISOLATED_BRIDGE_PORT',
      () =>
        Promise.all(
          ['web', 'client'].map((name) => host.run(['bridge', 'link', 'set', 'dev', portOf(name), 'isolated', 'off'])),
        ),
    ],
    [
      'a link without ARP',
      () => inside('web', 'ip', 'link', 'set', 'eth0', 'arp', 'off'),
      'NO_ARP',
      () => inside('web', 'ip', 'link', 'set', 'eth0', 'arp', 'on'),
    ],
  ]
  it.each(SILENT)('is answered by nobody, as predicted: %s', async (name, change, reason, back) => {
    await change()
    try {
      const { proof } = await ask('client', name === 'nobody has it' ? '172.17.0.78' : WEB)
      expect(proof.prediction.outcome).toMatchObject({ verdict: 'dropped', reason })
      expect([differences(proof.forward), differences(proof.back) ?? []]).toEqual([[], []])
      expect([proof.forward, proof.back].map((one) => one?.comparison.sameVerdict ?? true)).toEqual([true, true])
    } finally {
      await back()
    }
  })

  it('asks nobody about what is on no link, and leaves nothing behind', async () => {
    expect(await capturing.prove({ from: inNetns('client'), to: OUTSIDE, protocol: 'arp' })).toEqual({
      because: 'NOT_ASKED',
    })
    const known = await inside('client', 'ip', 'neigh', 'show', '172.17.0.78')
    expect(known).toBe('')
    expect(await inside('client', 'nft', 'list', 'tables')).not.toContain(TRACE_TABLE)
  })
})
