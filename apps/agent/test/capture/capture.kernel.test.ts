import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type HostSnapshot, type Outcome, recordsOf } from '@hopscope/model'
import { flowsBefore, type PassedOver, passedOver, type Query } from '@hopscope/path'
import type { SandboxHost } from '@hopscope/sandbox'
import { ourChain, type Story, TRACE_TABLE, type TraceSummary } from '@hopscope/trace'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Observed, observe } from '../oracle/observed.ts'
import { type Capturing, openCapturing } from './capturing.ts'
import { differences } from './differences.ts'
import { linesOf, type Monitor, openMonitor } from './monitor.ts'
import { storyTexts } from './normal.ts'
import { openTracedHost, type TracedHost, WEB } from './tracedHost.ts'

const isRoot = process.getuid?.() === 0
const OUTSIDE = '203.0.113.10'
/** Half a second each. */
const KILLS = Number(process.env.HOPSCOPE_KILLS ?? 10)
/** Chains of iptables count their packets, whatever is traced; its listings begin and end with the time. */
const COUNTS = /\[\d+:\d+\]|^#.*$/gm

describe.skipIf(!isRoot)('packets of a Docker host', () => {
  let traced: TracedHost
  let host: SandboxHost
  let capturing: Capturing
  let snapshot: HostSnapshot

  beforeAll(async () => {
    traced = await openTracedHost('t-trace')
    ;({ host, capturing, snapshot } = traced)
  }, 60_000)
  afterAll(async () => {
    // Others have followed those that were killed.
    await capturing?.close()
    await traced?.close()
  })

  const limit = { packets: 50, seconds: 30 }
  /** All rules of all namespaces, byte for byte but for counters and times. */
  const rulesets = () =>
    Promise.all(
      recordsOf(snapshot, 'netns').flatMap(({ path }) =>
        [['nft', '-s', 'list', 'ruleset'], ['iptables-save'], ['iptables-legacy-save']].map(async (argv) =>
          (await host.run(['nsenter', `--net=${path}`, ...argv])).replaceAll(COUNTS, ''),
        ),
      ),
    )

  /** What the monitors beside it say, of the namespaces by id. */
  async function monitored(act: () => Promise<{ stories: Story[] }>) {
    const monitors = new Map<string, Monitor>()
    for (const { id, path } of recordsOf(snapshot, 'netns')) monitors.set(id, await openMonitor(host, path))
    const { stories } = await act()
    const wanted = (netns: string) => stories.flatMap((story) => linesOf(story.way, netns))
    // The monitor prints when it gets to it.
    for (const [netns, { lines }] of monitors)
      while (lines().length < wanted(netns).length) await new Promise((resolve) => setTimeout(resolve, 20))
    const said = [...monitors].map(([netns, { lines }]) => ({ netns, lines: lines() }))
    const told = [...monitors.keys()].map((netns) => ({ netns, lines: wanted(netns) }))
    for (const { close } of monitors.values()) await close()
    return { stories, said, told }
  }

  async function golden(name: string, stories: readonly Story[]): Promise<void> {
    const now = await capturing.snapshot()
    for (const language of ['en', 'zh-CN'] as const) {
      const file = join(import.meta.dirname, 'golden', `${name}.${language}.txt`)
      await expect(storyTexts(stories, now, language)).toMatchFileSnapshot(file)
    }
  }

  /** What the kernel passed over without a word, and why. */
  const passedOverIn = (stories: readonly Story[], now: HostSnapshot): PassedOver[] =>
    stories.flatMap(({ way: { hops } }) => {
      const flows = flowsBefore(hops)
      return hops.flatMap((hop, i) => (hop.kind === 'chain' ? passedOver(hop, flows[i], now) : []))
    })
  const isCertain = ({ miss }: PassedOver) => miss.why === 'differs' || miss.why === 'lacks'

  const ping = (address: string) => ['ping', '-c', '1', '-W', '5', address]
  const PINGS: [string, () => Promise<unknown>][] = [
    ['container-to-container', () => host.docker('exec', 'client', ...ping(WEB))],
    ['host-to-container', () => host.run(ping(WEB))],
    ['container-to-outside', () => host.docker('exec', 'client', ...ping(OUTSIDE))],
  ]

  it.each(PINGS)('tells a ping as nft monitor does, with every hop between: %s', async (name, act) => {
    const { stories, said, told } = await monitored(() =>
      capturing.trace({ filter: 'icmp', limit, enough: (all) => all.length >= 2 }, act),
    )
    expect(told).toEqual(said)
    expect(stories.map(({ partial }) => partial)).toEqual([false, false])
    const passed = passedOverIn(stories, await capturing.snapshot())
    expect(passed.length).toBeGreaterThan(0)
    expect(passed.filter((one) => !isCertain(one))).toEqual([])
    await golden(name, stories)
  })

  it('tells a connection to a published port from outside as nft monitor does', async () => {
    const wget = ['busybox', 'wget', '-q', '-O', '-', `http://${host.address}:8080/`]
    const { stories, said, told } = await monitored(() =>
      capturing.trace({ filter: 'tcp', limit, enough: (all) => all.length >= 10 }, () =>
        traced.sandbox.outside.run(wget),
      ),
    )
    // Both ends talk at once: of later packets the order is nobody's.
    const sorted = (all: typeof said) => all.map(({ netns, lines }) => ({ netns, lines: [...lines].sort() }))
    expect(sorted(told)).toEqual(sorted(said))
    const [first] = stories
    if (first === undefined) throw new Error('nothing was told')
    for (const { netns, lines } of said) {
      const own = linesOf(first.way, netns)
      expect(own).toEqual(lines.slice(0, own.length))
    }
    const passed = passedOverIn(stories, await capturing.snapshot())
    expect(passed.filter((one) => !isCertain(one))).toEqual([])
    await golden('outside-to-published-port', stories.slice(0, 2))
  })

  it('follows what a filter means through its translation, and nothing else', async () => {
    const wget = (port: number) => [
      'busybox',
      'wget',
      '-q',
      '-O',
      '-',
      `http://${port === 80 ? WEB : host.address}:${port}/`,
    ]
    const published = await capturing.trace(
      { filter: 'tcp dst port 8080', limit, enough: (all) => all.length >= 3 },
      async () => {
        await host.run(wget(80))
        await traced.sandbox.outside.run(wget(8080))
      },
    )
    const [first] = published.stories
    expect(first?.flow).toMatchObject({ src: OUTSIDE, dport: 8080 })
    expect(first?.way.hops.at(-1)).toMatchObject({ kind: 'deliver', process: { comm: 'httpd' } })
    expect(first?.way.outcome.verdict).toBe('delivered')

    const client = recordsOf(snapshot, 'container').find(({ name }) => name === 'client')?.attachments[0]?.ip
    const { stories } = await capturing.trace(
      { filter: `icmp and host ${client}`, limit, enough: (all) => all.length >= 2 },
      () => host.docker('exec', 'client', ...ping(OUTSIDE)),
    )
    const [, answer] = stories
    expect(answer?.way.hops.slice(0, 3)).toMatchObject([
      { kind: 'arrive', link: { name: 'ens33' } },
      { kind: 'conntrack', state: 'established' },
      { kind: 'nat', change: 'reverse', basis: 'inferred', before: { dst: host.address }, after: { dst: client } },
    ])
    expect(answer?.way.outcome.verdict).toBe('delivered')
    expect(stories.map(({ partial }) => partial)).toEqual([false, false])
  })

  it('says which rule drops or rejects, and whom nobody knows', async () => {
    const outcome = async (target: string) => {
      await host.run(['iptables', '-I', 'DOCKER-USER', '-p', 'icmp', '-j', target])
      const { stories } = await capturing.trace(
        { filter: `icmp and dst ${WEB}`, limit, enough: (all) => all.length > 0 },
        () => host.exec(['docker', 'exec', 'client', 'ping', '-c', '1', '-W', '1', WEB]),
      )
      await host.run(['iptables', '-D', 'DOCKER-USER', '1'])
      return stories[0]?.way.outcome
    }
    const nobody = '172.17.0.77'
    const asked = await capturing.trace(
      { filter: `icmp and dst ${nobody}`, limit, enough: (all) => all.length > 0 },
      () => host.exec(['docker', 'exec', 'client', 'ping', '-c', '1', '-W', '1', nobody]),
    )
    expect(asked.stories[0]?.way.outcome).toMatchObject({ reason: 'NEIGHBOUR_FAILED', what: nobody })
    expect(asked.stories[0]?.way.hops.at(-1)).toMatchObject({ kind: 'neighbour', address: nobody })
    expect(await outcome('DROP')).toMatchObject({
      verdict: 'dropped',
      reason: 'RULE_DROP',
      what: '-A DOCKER-USER -p icmp -j DROP',
    })
    expect(await outcome('REJECT')).toMatchObject({
      verdict: 'refused',
      reason: 'RULE_REJECT',
      blame: expect.any(String),
    })
  })

  const inNetns = (name: string) => traced.inNetns(name)
  const QUERIES: [string, () => Query, Outcome['verdict']][] = [
    ['a ping to a neighbour', () => ({ from: inNetns('client'), to: WEB, protocol: 'icmp' }), 'delivered'],
    ['a connection to it', () => ({ from: inNetns('client'), to: WEB, protocol: 'tcp', port: 80 }), 'delivered'],
    ['a port that is closed', () => ({ from: inNetns('client'), to: WEB, protocol: 'tcp', port: 81 }), 'refused'],
    [
      'a published port',
      () => ({ from: inNetns('client'), to: host.address, protocol: 'tcp', port: 8080 }),
      'delivered',
    ],
    ['a ping to the outside', () => ({ from: inNetns('client'), to: OUTSIDE, protocol: 'icmp' }), 'left'],
    ['the host to a container', () => ({ from: inNetns('host'), to: WEB, protocol: 'tcp', port: 80 }), 'delivered'],
  ]

  it.each(QUERIES)('proves what is predicted: %s', (_name, query, verdict) => proving(query(), verdict))

  it('proves what is predicted by IPv6', async () => {
    const client = inNetns('client')
    const into = ['nsenter', `--net=${snapshot.records.netns[client.netns]?.path}`]
    await host.run(['ip', '-6', 'address', 'add', 'fd00:17::1/64', 'dev', 'docker0', 'nodad'])
    await host.run([...into, 'sysctl', '-qw', 'net.ipv6.conf.eth0.disable_ipv6=0'])
    await host.run([...into, 'ip', '-6', 'address', 'add', 'fd00:17::3/64', 'dev', 'eth0', 'nodad'])
    await proving({ from: client, to: 'fd00:17::1', protocol: 'icmp' }, 'delivered')
    await proving({ from: client, to: 'fd00:17::1', protocol: 'tcp', port: 81 }, 'refused')
    await proving({ from: client, to: 'fd00:17::1', protocol: 'udp', port: 81 }, 'refused')
  })

  async function proving(query: Query, verdict: Outcome['verdict']): Promise<void> {
    const proof = await capturing.prove(query)
    if ('because' in proof) throw new Error(proof.because)
    const { forward, back, prediction } = proof
    expect(forward?.story.way.outcome.verdict).toBe(verdict)
    expect(forward?.comparison).toMatchObject({ sameVerdict: true })
    expect(differences(forward)).toEqual([])
    if (prediction.back === undefined) return
    expect(back?.comparison).toMatchObject({ sameVerdict: true })
    expect(differences(back)).toEqual([])
  }

  describe('in a flood', () => {
    const most = { packets: 10_000, rate: 10_000, seconds: 60 }
    const flood = (count: number) => host.run(['ping', '-q', '-f', '-c', String(count), '-W', '1', WEB])
    /** What tells a whole way from one that lacks something. */
    const shape = ({ way }: Story) => JSON.stringify([way.hops.map(({ kind }) => kind), way.outcome.verdict])
    let whole: Set<string>

    it('counts every packet: told and lost are what the kernel traced', async () => {
      const enough = (stories: readonly Story[]) => stories.length >= 2000
      const { stories, starts, summary } = await capturing.trace({ filter: 'icmp', limit: most, enough }, () =>
        flood(1000),
      )
      // Out of the host's output, on its bridge, into the container; the answer out of that, on the bridge, and what iptables sees there.
      expect(summary).toMatchObject({ meant: 6000, traced: 6000, lost: 0, overruns: 0, shown: 2000, partial: 0 })
      expect(starts).toBe(6000)
      expect(accountedFor(summary)).toBe(6000)
      expect(stories.every(({ way }) => way.outcome.verdict === 'delivered')).toBe(true)
      whole = new Set(stories.map(shape))
    }, 60_000)

    it('shows nothing as whole of which the limits cut off a part', async () => {
      const few = { ...most, rate: 50 }
      const { stories, summary } = await capturing.trace({ filter: 'icmp', limit: few, enough: () => true }, () =>
        flood(1000),
      )
      expect(summary.meant).toBeGreaterThan(summary.traced)
      expect([summary.lost, accountedFor(summary)]).toEqual([0, summary.traced])
      const told = stories.filter(({ partial }) => !partial)
      expect(told.length).toBeGreaterThan(0)
      expect(told.map(shape).filter((one) => !whole.has(one))).toEqual([])
      expect(summary.partial).toBe(stories.length - told.length)
    })

    it('shows nothing as whole that is not, and counts what was lost, when it cannot keep up', async () => {
      await capturing.snapshot()
      const enough = (stories: readonly Story[]) => stories.some(({ partial }) => !partial)
      // So little waits that some of it is lost as soon as nobody reads.
      const what = { filter: 'icmp', limit: most, receiveBuffer: 1 << 20, enough }
      const { stories, starts, summary } = await capturing.trace(what, async () => {
        await capturing.signal('STOP')
        await flood(2000)
        await capturing.signal('CONT')
        // Time enough for all to be calm again.
        await host.run(['ping', '-q', '-i', '0.3', '-c', '6', '-W', '1', WEB])
      })
      expect(summary.lost).toBeGreaterThan(0)
      expect(summary.overruns).toBeGreaterThan(0)
      expect([starts, accountedFor(summary)]).toEqual([summary.starts.shown, summary.traced])
      const told = stories.filter(({ partial }) => !partial)
      expect(told.map(shape).filter((one) => !whole.has(one))).toEqual([])
      expect(summary.partial).toBeGreaterThan(0)
      expect(summary.shown).toBe(stories.length)
    }, 60_000)

    const ENDINGS: [TraceSummary['ended'], { packets?: number; seconds?: number }, number][] = [
      ['packets', { packets: 150 }, 1],
      ['seconds', { seconds: 2 }, 3],
      ['stopped', {}, 1],
    ]
    it.each(ENDINGS)(
      'accounts for all that was traced when it ends in its midst: %s',
      async (ended, less, lasts) => {
        let flooding: Promise<unknown> = Promise.resolve()
        const what = {
          ...{ filter: 'icmp', snapshot, limit: { ...most, rate: 1_000, ...less }, receiveBuffer: 1 << 20 },
          enough: (stories: readonly Story[]) => ended === 'stopped' && stories.length >= 50,
        }
        const { stories, starts, summary } = await capturing.trace(what, async () => {
          // 120 packets are told, and of the next, while nobody reads, some 80 more: enough for the end at 150.
          await host.run(['ping', '-q', '-i', '0.01', '-c', '60', WEB])
          await capturing.signal('STOP')
          await flood(300)
          await capturing.signal('CONT')
          flooding = host.run(['ping', '-q', '-f', '-w', String(lasts), WEB])
        })
        await flooding
        expect(summary.ended).toBe(ended)
        expect(summary.lost).toBeGreaterThan(0)
        expect(accountedFor(summary)).toBe(summary.traced)
        expect([stories.length, starts]).toEqual([summary.shown, summary.starts.shown])
      },
      60_000,
    )
  })

  it('traces no more than the limits, and says how much was beyond', async () => {
    const { summary } = await capturing.trace(
      { filter: `icmp and dst ${WEB}`, limit: { packets: 5, seconds: 20 } },
      () => host.run(['ping', '-i', '0.01', '-c', '40', '-W', '1', WEB]),
    )
    expect(summary).toMatchObject({ ended: 'packets', shown: 5, lost: 0 })
    expect(accountedFor(summary)).toBe(summary.traced)
    expect(summary.meant).toBeGreaterThan(summary.traced)
  })

  it('looks before and behind the chains that come meanwhile', async () => {
    const { path } =
      recordsOf(snapshot, 'container').flatMap(({ netns }) => snapshot.records.netns[netns ?? ''] ?? [])[0] ?? {}
    const nft = (...words: string[]) => host.run(['nsenter', `--net=${path}`, 'nft', ...words])
    await capturing.arm({ filter: 'icmp', limit: { seconds: 60 } })
    const ours = () => nft('list', 'table', 'ip', TRACE_TABLE)
    expect(await ours()).not.toContain(ourChain('enter', 'input'))
    await nft('add', 'table', 'ip', 'late')
    await nft('add', 'chain', 'ip', 'late', 'in', '{ type filter hook input priority 0; }')
    while (!(await ours()).includes(ourChain('enter', 'input'))) await new Promise((resolve) => setTimeout(resolve, 20))
    await nft('delete', 'table', 'ip', 'late')
    await capturing.stop()
  })

  it('lets nobody read the rules again, neither when it begins nor when it ends', async () => {
    const observation = await observe(host)
    const firewall = ({ snapshot: { records } }: Observed) => [records.fwTable, records.fwChain, records.fwRule]
    const before = await observation.audit()
    const enough = (stories: readonly Story[]) => stories.length > 0
    await capturing.trace({ filter: 'icmp', limit, snapshot, enough }, () => host.run(ping(WEB)))
    // What is told of these comes after all that is told of the tracing.
    const marker = ['table', 'ip', 'marker']
    const isThere = ({ snapshot: now }: Observed) => recordsOf(now, 'fwTable').some(({ table }) => table === 'marker')
    const until = async (there: boolean) => {
      let now = await observation.look()
      while (isThere(now) !== there) now = await observation.look({ than: now.revision, withinMs: 5_000 })
      return now
    }
    await host.run(['nft', 'add', ...marker])
    await until(true)
    await host.run(['nft', 'delete', ...marker])
    const after = await until(false)
    expect(Number(after.stats.rulesets) - Number(before.stats.rulesets)).toBe(2)
    expect(firewall(after)).toEqual(firewall(before))
    // What is read while it lasts is without its tables.
    await capturing.arm({ filter: 'icmp', limit: { seconds: 60 }, snapshot })
    expect(firewall(await observation.audit())).toEqual(firewall(before))
    await capturing.stop()
    await observation.close()
  })

  it(`leaves nothing behind after ${KILLS} kill -9`, async () => {
    const before = await rulesets()
    let next = openCapturing(host)
    for (let i = 0; i < KILLS; i++) {
      const doomed = await next
      next = openCapturing(host)
      await doomed.arm({ filter: 'icmp', limit: { seconds: 60 }, snapshot })
      if (i === 0) expect(await rulesets()).not.toEqual(before)
      await doomed.signal('KILL')
      expect(await rulesets()).toEqual(before)
    }
    await (await next).close()
  }, 90_000)

  it('ends by itself while its process is stopped', async () => {
    const before = await rulesets()
    const stopped = await openCapturing(host)
    await stopped.arm({ filter: 'icmp', limit: { seconds: 1 }, snapshot })
    await stopped.signal('STOP')
    const list = () => host.run(['nft', 'list', 'table', 'ip', TRACE_TABLE])
    while ((await list()).includes('expires')) await new Promise((resolve) => setTimeout(resolve, 50))
    await host.run(ping(WEB))
    expect(await list()).toMatch(/@armed counter packets 0 .* counter packets 0 /)
    await stopped.signal('CONT')
    await stopped.close()
    expect(await rulesets()).toEqual(before)
  })

  describe('with rules of iptables-legacy', () => {
    const LOGGER = '/proc/sys/net/netfilter/nf_log/2'
    const RULES = [
      ['-t', 'raw', '-A', 'PREROUTING', '-i', 'docker0', '-p', 'icmp'],
      ['-N', 'guard'],
      ['-A', 'FORWARD', '-p', 'icmp', '-j', 'guard'],
      ['-A', 'guard', '-d', OUTSIDE, '-j', 'RETURN'],
      ['-A', 'guard', '-j', 'MARK', '--set-mark', '7'],
      [
        '-t',
        'nat',
        '-A',
        'POSTROUTING',
        '-s',
        '172.17.0.0/16',
        '-p',
        'icmp',
        '-d',
        OUTSIDE,
        '-j',
        'SNAT',
        '--to',
        '192.168.66.11',
      ],
    ]
    const legacy = (...words: string[]) => host.run(['iptables-legacy', '-w', ...words])
    const saved = async () => (await host.run(['iptables-legacy-save'])).replaceAll(COUNTS, '')
    const counters = async () =>
      new Map(
        [...(await host.run(['iptables-legacy-save', '-c'])).matchAll(/^\[(\d+):\d+\] (-A .*)$/gm)].map(
          ([, packets, text = '']): [string, number] => [text, Number(packets)],
        ),
      )
    const hitsOf = (stories: readonly Story[]) =>
      stories.flatMap(({ way }) =>
        way.hops.flatMap((hop) => (hop.kind === 'chain' && hop.engine === 'legacy' ? hop.hits : [])),
      )
    let before: { rules: string; logger: string }
    const now = async () => ({ rules: await saved(), logger: await host.run(['cat', LOGGER]) })

    beforeAll(async () => {
      // So that only these translate.
      await host.run(['iptables', '-t', 'nat', '-I', 'POSTROUTING', '-p', 'icmp', '-j', 'ACCEPT'])
      for (const rule of RULES) await legacy(...rule)
      before = await now()
    })
    afterAll(async () => {
      await host.run(['iptables', '-t', 'nat', '-D', 'POSTROUTING', '1'])
      for (const table of ['raw', 'filter', 'nat']) {
        await legacy('-t', table, '-F')
        await legacy('-t', table, '-X')
      }
    })

    it('tells which of them matched, as often as they count, and leaves them and the logger as they were', async () => {
      await capturing.snapshot()
      const counted = await counters()
      const { stories, summary } = await capturing.trace(
        { filter: 'icmp', limit, enough: (all) => all.length >= 6 },
        async () => {
          await host.docker('exec', 'client', ...ping(OUTSIDE))
          await host.docker('exec', 'client', ...ping(WEB))
          await host.run(ping(WEB))
        },
      )
      expect(summary).toMatchObject({ partial: 0, lost: 0, overruns: 0, legacy: [] })
      const told = new Map<string, number>()
      for (const { text = '' } of hitsOf(stories)) told.set(text, (told.get(text) ?? 0) + 1)
      const grown = [...(await counters())].map(([text, packets]): [string, number] => [
        text,
        packets - (counted.get(text) ?? 0),
      ])
      expect(Object.fromEntries(told)).toEqual(Object.fromEntries(grown.filter(([, packets]) => packets > 0)))
      const [first] = stories
      const nat = first?.way.hops.find((hop) => hop.kind === 'nat')
      expect(nat).toMatchObject({
        change: 'snat',
        after: { src: host.address },
        ruleId: expect.stringContaining('legacy'),
      })
      expect(await now()).toEqual(before)
    })

    it('proves what is predicted, and says which of them drops', async () => {
      // A ping of before may have had the same identifier.
      await host.run(['conntrack', '-D', '-p', 'icmp'])
      const proof = await capturing.prove({ from: inNetns('client'), to: WEB, protocol: 'icmp' })
      if ('because' in proof) throw new Error(proof.because)
      expect(differences(proof.forward)).toEqual([])
      const hits = hitsOf(proof.forward ? [proof.forward.story] : [])
      expect(hits.map(({ chain, position, verdict }) => [chain, position, verdict])).toEqual([
        ['PREROUTING', 1, 'continue'],
        ['FORWARD', 1, 'jump'],
        ['guard', 2, 'continue'],
      ])
      await legacy('-A', 'guard', '-p', 'icmp', '-j', 'DROP')
      await capturing.snapshot()
      const { stories } = await capturing.trace(
        { filter: `icmp and dst ${WEB}`, limit, enough: (all) => all.length > 0 },
        () => host.exec(['docker', 'exec', 'client', 'ping', '-c', '1', '-W', '1', WEB]),
      )
      await legacy('-D', 'guard', '3')
      expect(stories[0]).toMatchObject({ partial: false })
      expect(stories[0]?.way.outcome).toMatchObject({
        verdict: 'dropped',
        reason: 'RULE_DROP',
        what: '-A guard -p icmp -j DROP',
        blame: expect.stringContaining('legacy'),
      })
    })

    it('gives the logger back when the next one starts after kill -9, and says when somebody else listens', async () => {
      const known = await capturing.snapshot()
      const tracing = { filter: 'icmp', limit: { seconds: 60 }, snapshot: known }
      const doomed = await openCapturing(host)
      await doomed.arm(tracing)
      expect((await now()).logger.trim()).toBe('nfnetlink_log')
      const second = await capturing.trace({ ...tracing, enough: () => true }, () => undefined)
      expect(second.summary.legacy).toEqual([{ netns: known.host.rootNetns, because: 'GROUP_TAKEN' }])
      await doomed.signal('KILL')
      expect((await now()).rules).toBe(before.rules)
      const leases = join(traced.changes, 'loggers')
      expect(readdirSync(leases)).toHaveLength(1)
      writeFileSync(join(leases, 'cut-off.json'), '{"boot":"')
      const next = await openCapturing(host)
      await next.arm(tracing)
      await next.stop()
      await next.close()
      expect(await now()).toEqual(before)
      expect(readdirSync(leases)).toEqual([])
    })
  })

  it('asks the kernel what the filter says', async () => {
    await capturing.arm({ filter: 'tcp dst port 80 and src net 172.17.0.0/16 and not port 81', limit: { seconds: 60 } })
    const list = await host.run(['nft', '-s', 'list', 'chain', 'ip', TRACE_TABLE, ourChain('match', 'prerouting')])
    expect(list).toContain('ip saddr 172.17.0.0/16')
    expect(list).toContain('tcp dport 80')
    expect(list).toContain('tcp dport != 81')
    expect(list).toContain('priority -350')
    // The hub's port, which is nobody else's traffic.
    expect(list).toMatch(/tcp dport 7117 return[\s\S]*goto/)
    await capturing.stop()
  })
})

const accountedFor = ({ starts: { shown, leftOut, unmeant }, lost }: TraceSummary): number =>
  shown + leftOut + unmeant + lost
