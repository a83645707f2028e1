import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeNetns, type TestNetns, withoutRoot } from '../../test/netns.ts'
import { NETLINK, withNetlink } from '../socket.ts'
import { openTraceEvents } from '../traceEvents.ts'
import { dumpConntrack } from './conntrack.ts'
import { makeOwnedTables, type OwnedTables, type TableSpec } from './ownedTable.ts'
import { compare, counter, limitRate, limitTotal, lookup, metaLoad, startTracing, verdict } from './ruleExpressions.ts'
import type { NftTrace } from './trace.ts'

const RULES = `
table ip probe {
  chain knock {
    counter accept
  }
  chain in {
    type filter hook input priority 0; policy drop
    ct state invalid drop
    ip protocol icmp jump knock
  }
}`

const spec = (seconds: number, packets = 3): TableSpec => ({
  family: 'ip',
  name: 'owned',
  timedSets: [{ name: 'armed', element: Buffer.of(2), seconds }],
  chains: [
    {
      name: 'arm',
      rules: [
        [
          metaLoad('nfproto'),
          lookup('armed'),
          counter(),
          limitRate(1000),
          limitTotal(packets),
          counter(),
          ...startTracing(),
        ],
      ],
    },
    {
      name: 'prerouting',
      hook: { hook: 'prerouting', priority: -350 },
      rules: [[metaLoad('l4proto'), compare('eq', Buffer.of(1)), verdict({ goto: 'arm' })]],
    },
  ],
})

const chainOf = ({ family, table, chain }: Pick<NftTrace, 'family' | 'table' | 'chain'>) =>
  `${family} ${table} ${chain}`

describe.skipIf(withoutRoot)('traced packets', () => {
  let netns: TestNetns
  let owned: OwnedTables | undefined
  const closers: (() => void)[] = []
  const list = () => netns.run('nft', '-s', 'list', 'ruleset')
  const ping = (count: number) => netns.run('ping', '-w', '5', '-i', '0.01', '-c', String(count), '127.0.0.1')

  beforeEach(() => {
    netns = makeNetns()
    netns.ip('link', 'set', 'lo', 'up')
    netns.feed(RULES, 'nft', '-f', '-')
  })
  afterEach(() => {
    owned?.close()
    for (const close of closers.splice(0)) close()
    netns.remove()
  })

  it('says what "nft monitor trace" says, with the connection', async () => {
    owned = makeOwnedTables(netns.path, [spec(60, 1)])
    const heard: NftTrace[] = []
    let wake = () => {}
    const events = openTraceEvents({
      netns: netns.path,
      onTrace: (_nsid, trace) => {
        heard.push(trace)
        wake()
      },
      onLoss: (code) => expect.fail(code),
    })
    closers.push(events.close)
    const monitor = spawn('nsenter', [`--net=${netns.path}`, 'nft', 'monitor', 'trace'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let printed = ''
    monitor.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      printed += chunk
      wake()
    })
    // The monitor says nothing when it listens: packets are sent, each with a table of its own, until it has printed one.
    while (!/ in (rule|policy|verdict)/.test(printed)) {
      owned.close()
      heard.length = 0
      owned = makeOwnedTables(netns.path, [spec(60, 1)])
      ping(1)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    printed = ''
    heard.length = 0
    owned.close()
    owned = makeOwnedTables(netns.path, [spec(60, 1)])
    ping(1)
    const conntrack = withNetlink(netns.path, NETLINK.NETFILTER, dumpConntrack)
    // The rule that arms, the end of its chain, the rule that jumps, the one that accepts.
    while (heard.length < 4 || !/verdict accept/.test(printed)) {
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
    monitor.kill()
    await once(monitor, 'exit')

    const said = [
      ...printed.matchAll(/^trace id \w+ (\S+ \S+ \S+) (?:unknown )?(?:rule .*\(verdict (.*)\)|policy (\w+) )$/gm),
    ]
    expect(heard.map(({ verdict, policy, ...at }) => [chainOf(at), verdict, policy])).toEqual(
      said.map(([, chain, verdict, policy]) => [chain, verdict?.split(' ')[0], policy]),
    )
    expect(heard.map(({ chain }) => chain)).toEqual(['arm', 'prerouting', 'in', 'knock'])
    const [first, , input, last] = heard
    expect(first).toMatchObject({
      type: 'rule',
      iif: 1,
      l3: expect.stringMatching(/^45/),
      l4: expect.stringMatching(/^08/),
    })
    expect([input?.to, last?.verdict]).toEqual(['knock', 'accept'])
    expect(first?.handle).toBe(owned.rules().find((rule) => rule.chain === 'arm')?.handle)
    expect(conntrack.map(({ id }) => id)).toContain(input?.ct?.id)
    expect(events.tally()).toEqual({ truncated: 0, unknown: 0 })
  })

  it('are no more than the limit, and none when the time is over; both counters tell', async () => {
    owned = makeOwnedTables(netns.path, [spec(0.5)])
    const counters = () =>
      owned
        ?.rules()
        .find((rule) => rule.chain === 'arm')
        ?.expressions.filter(({ name }) => name === 'counter')
        .map(({ attributes }) => Number.parseInt(attributes.find(({ type }) => type === 2)?.hex ?? '', 16))
    ping(4)
    // Requests and answers.
    expect(counters()).toEqual([8, 3])
    while (netns.run('nft', 'list', 'ruleset').includes('expires'))
      await new Promise((resolve) => setTimeout(resolve, 50))
    ping(1)
    expect(counters()).toEqual([8, 3])
  })

  it('end with the socket, and leave the rules as they were', () => {
    const before = list()
    owned = makeOwnedTables(netns.path, [spec(60), { ...spec(60), family: 'ip6' }, { ...spec(60), family: 'bridge' }])
    expect(list()).toContain('flags owner')
    owned.close()
    expect(list()).toBe(before)
  })

  it('may get more chains, which end with them', () => {
    const before = list()
    owned = makeOwnedTables(netns.path, [spec(60)])
    const rules = owned.rules().length
    const late = { name: 'late', hook: { hook: 'input' as const, priority: 350 }, rules: [[verdict('accept')]] }
    for (let times = 0; times < 2; times++) owned.add([{ ...spec(60), chains: [...spec(60).chains, late] }])
    expect(owned.rules()).toHaveLength(rules + 1)
    expect(list()).toMatch(/chain late \{\s+type filter hook input priority 350; policy accept;\s+accept/)
    owned.close()
    expect(list()).toBe(before)
  })

  it('are refused as a whole when a part cannot be', () => {
    const before = list()
    const bad = { ...spec(60), chains: [...spec(60).chains, { name: 'arm', rules: [] }] }
    expect(() => makeOwnedTables(netns.path, [bad])).toThrow(/EEXIST/)
    expect(list()).toBe(before)
  })
})
