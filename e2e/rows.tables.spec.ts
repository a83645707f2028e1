import type { SandboxHost } from '@hopscope/sandbox'
import { containerPlace, hostPlace, linesOf, list, namedPlace, type Place } from './kernel.ts'
import { expect, test } from './rowsTest.ts'

const few = async (host: SandboxHost): Promise<Place[]> => [
  hostPlace(host),
  namedPlace(host, 'router'),
  namedPlace(host, 'left'),
  await containerPlace(host, 'client'),
  await containerPlace(host, 'api'),
]
/** What is on one side only, for lists that change while they are compared. */
function differences(shown: string[], known: string[]): string[] {
  const onlyShown = shown.filter((x) => !known.includes(x)).map((x) => `only shown: ${x}`)
  return [...onlyShown, ...known.filter((x) => !shown.includes(x)).map((x) => `not shown: ${x}`)]
}

const within = (host: SandboxHost, place: Place) => `host:${host.name} namespace:"${place.name}"`

test('row 5: the CAM table: MAC, port, learned or permanent', async ({ reader, host }) => {
  await host.docker('exec', 'client', 'wget', '-q', '-O', '-', 'http://www/')
  await reader.table('CAM table (FDB)', within(host, hostPlace(host)))
  type Entry = { mac: string; ifname: string; state?: string; master?: string }
  // What belongs to a switch; a device's own list of multicast groups does not.
  const known = async () => list<Entry>(await host.run(['bridge', '-j', 'fdb', 'show'])).filter((e) => e.master)
  const wanted = (e: Entry) => `${e.mac} ${e.ifname} ${e.state || 'learned'} ${e.master ?? '–'}`
  await expect
    .poll(async () => {
      const switched = (await reader.lines()).filter((l) => l.Bridge !== '–')
      const shown = switched.map((l) => `${l.MAC} ${l.Port} ${l.Entry} ${l.Bridge}`)
      return differences(shown, (await known()).map(wanted))
    })
    .toEqual([])
  const mac = (await host.docker('exec', 'client', 'cat', '/sys/class/net/eth0/address')).trim()
  const learned = (await known()).find((e) => e.mac === mac)
  await reader.search('docker0', new RegExp(`^docker0.*${host.name}`))
  const row = (await reader.section('CAM table (FDB)')).getByRole('button', { name: mac })
  await expect(row).toContainText(learned?.ifname ?? 'the switch did not learn it')
})

test('row 6: ARP entries and their state in every namespace', async ({ reader, host }) => {
  await host.run(['ip', 'netns', 'exec', 'left', 'ping', '-c', '1', '-W', '1', '10.10.2.10'])
  await host.docker('exec', 'client', 'ping', '-c', '1', '-W', '1', 'web')
  type Entry = { dst: string; dev: string; lladdr?: string; state: string[] }
  for (const place of await few(host)) {
    await reader.table('ARP / neighbours', `${within(host, place)} family:ipv4`)
    await expect
      .poll(
        async () => {
          const shown = (await reader.lines()).map((l) => `${l.Address} ${l.Interface} ${l.MAC} ${l['ARP state']}`)
          const known = list<Entry>(await place.run('ip', '-4', '-j', 'neigh', 'show'))
          const wanted = known.map((n) => `${n.dst} ${n.dev} ${n.lladdr ?? '–'} ${n.state[0]}`)
          return differences(shown, wanted)
        },
        { message: place.name, timeout: 20_000 },
      )
      .toEqual([])
  }
})

test('row 7: routes and policy rules in every namespace, direct or by a gateway', async ({ reader, host }) => {
  type Route = { dst: string; gateway?: string; dev?: string; table?: string; prefsrc?: string }
  for (const place of await few(host)) {
    await reader.table('Routes', `${within(host, place)} family:ipv4`)
    const known = list<Route>(await place.run('ip', '-4', '-j', 'route', 'show', 'table', 'all'))
    const wanted = known.map(
      (r) => `${bare(r.dst)} ${r.gateway ?? '–'} ${r.dev ?? '–'} ${r.table ?? 'main'} ${r.prefsrc ?? '–'}`,
    )
    await expect
      .poll(
        async () =>
          (await reader.lines())
            .map((l) => `${bare(l.Destination)} ${l.Gateway} ${l.Interface} ${l.Table} ${l.Source}`)
            .sort(),
        { message: place.name },
      )
      .toEqual(wanted.sort())
    for (const line of await reader.lines()) {
      if (line.Table !== 'main') continue
      expect(line.Way).toBe(line.Gateway === '–' ? 'directly connected' : `via gateway ${line.Gateway}`)
    }
    type Rule = { priority: number; src: string; table: string }
    const rules = list<Rule>(await place.run('ip', '-4', '-j', 'rule', 'show'))
    await reader.table('Policy rules', `${within(host, place)} family:ipv4`)
    await expect
      .poll(async () =>
        (await reader.lines()).map((l) => `${l.Priority?.replace(',', '')} ${l['Which packets']} ${l.Action}`),
      )
      .toEqual(rules.map((r) => `${r.priority} from ${r.src} lookup ${r.table}`))
  }
})

const bare = (dst = ''): string => dst.replace(/\/32$/, '')

test('row 8: IP forwarding and the bridge-nf switches, as they are and as they change', async ({ reader, host }) => {
  const root = hostPlace(host)
  const read = async (place: Place, name: string) =>
    (await place.run('sysctl', '-n', name)).trim() === '1' ? 'on' : 'off'
  for (const place of [
    root,
    namedPlace(host, 'router'),
    namedPlace(host, 'left'),
    await containerPlace(host, 'client'),
  ]) {
    await reader.table('Switches (sysctl)', within(host, place))
    const expected = { ip_forward: await read(place, 'net.ipv4.ip_forward') }
    await expect.poll(async () => (await reader.lines())[0], { message: place.name }).toMatchObject(expected)
  }
  await reader.table('Switches (sysctl)', within(host, root))
  const names = ['bridge-nf-call-iptables', 'bridge-nf-call-ip6tables', 'bridge-nf-call-arptables']
  const line: Record<string, string> = {}
  for (const name of names) line[name] = await read(root, `net.bridge.${name}`)
  await expect.poll(async () => (await reader.lines())[0]).toMatchObject(line)

  await reader.search('left', /^left/)
  const forwarding = await reader.fact('Kernel switches', 'IP forwarding')
  const left = namedPlace(host, 'left')
  await left.run('sysctl', '-qw', 'net.ipv4.ip_forward=1')
  await expect(forwarding).toHaveText('on: a router')
  await left.run('sysctl', '-qw', 'net.ipv4.ip_forward=0')
  await expect(forwarding).toHaveText('off: packets for others are dropped')
})

test('row 9: iptables of both back ends and native nftables: rules, policies, counters', async ({ reader, host }) => {
  const rulesOf = async (program: string) =>
    linesOf(await host.run([program]))
      .filter((line) => line.startsWith('-A'))
      .sort()
  await reader.table('Firewall rules')
  await reader.column('Whole rule')
  const shown = async (filter: string, family = '') => {
    await reader.table('Firewall rules', `${within(host, hostPlace(host))} ${filter}`)
    const lines = await reader.lines()
    return lines
      .filter((l) => family === '' || l.Family === family)
      .map((l) => l['Whole rule'] ?? '')
      .sort()
  }
  for (const table of ['filter', 'nat']) {
    // "family:ip" finds ip6 too; the column behind it tells them apart.
    const saved = linesOf(await host.run(['iptables-save', '-t', table])).filter((l) => l.startsWith('-A'))
    await expect.poll(() => shown(`engine:nft table:${table}`, 'ip')).toEqual(saved.sort())
  }
  await expect.poll(() => shown('engine:legacy table:filter')).toEqual(await rulesOf('iptables-legacy-save'))
  const native = await host.run(['nft', 'list', 'table', 'inet', 'demo'])
  expect(native).toContain('comment "pings that this host answered"')
  await expect.poll(async () => (await shown('table:demo')).join()).toContain('icmp type echo-request counter')

  await reader.table('Chains', `${within(host, hostPlace(host))} engine:nft table:filter family:ip hook:forward`)
  const policy = linesOf(await host.run(['iptables-save', '-t', 'filter'])).find((l) => l.startsWith(':FORWARD'))
  await expect
    .poll(async () => (await reader.lines()).find((l) => l.Chain === 'FORWARD'))
    .toMatchObject({ Policy: policy?.split(' ')[1]?.toLowerCase() })
})

test('row 10: NAT: MASQUERADE and DNAT with the addresses before and after', async ({ reader, host }) => {
  const saved = linesOf(await host.run(['iptables-save', '-t', 'nat'])).filter((l) => /-j (DNAT|MASQUERADE)/.test(l))
  await reader.table('NAT, published ports', within(host, hostPlace(host)))
  await expect
    .poll(async () => {
      const lines = (await reader.lines()).filter((l) => l.Engine !== 'Docker')
      return lines.map((l) => `${l.Translation} ${l.Before}, ${l.After}`).sort()
    })
    .toEqual(saved.map(translation).sort())
  expect(saved.some((l) => l.includes('-s 172.17.0.0/16'))).toBe(true)
})

function translation(rule: string): string {
  const [, what = ''] = /-j (\S+)/.exec(rule) ?? []
  const before = rule.replace(/^-A \S+ ?/, '').replace(/ ?-j .*$/, '')
  const after = /--to-destination (\S+)/.exec(rule)?.[1] ?? 'address of the way out'
  return `${what} ${before}, ${after}`
}

test('row 11: connection tracking', async ({ reader, host, demo }) => {
  const started = await demo.outside.exec(['busybox', 'wget', '-q', '-O', '-', `http://${host.address}:8080/`])
  expect(started.code).toBe(0)
  await reader.table('Connections (conntrack)', `${within(host, hostPlace(host))} ${demo.outside.address} :8080`)
  const tracked = linesOf(
    await host.run(['conntrack', '-L', '-p', 'tcp', '-s', demo.outside.address, '--dport', '8080']),
  )
  expect(tracked.length).toBeGreaterThan(0)
  await expect
    .poll(async () => {
      const lines = await reader.lines()
      return lines.map((l) => `${l.Source} ${l.Destination} ${l['Reply from']} ${l['Reply to']} ${l.NAT}`).sort()
    })
    .toEqual(tracked.map(tuple).sort())
})

function tuple(line: string): string {
  const all = (key: string) => [...line.matchAll(new RegExp(`\\b${key}=(\\S+)`, 'g'))].map((m) => m[1])
  const [src, dst, sport, dport] = [all('src'), all('dst'), all('sport'), all('dport')]
  const marks = [src[1] !== dst[0] ? ['DNAT'] : [], dst[1] !== src[0] ? ['SNAT'] : []].flat().join(', ') || '–'
  return `${src[0]}:${sport[0]} ${dst[0]}:${dport[0]} ${src[1]}:${sport[1]} ${dst[1]}:${dport[1]} ${marks}`
}

test('row 12: a TRACE rule put in by hand, and that packets meet it', async ({ reader, host }) => {
  const rule = ['-p', 'icmp', '-j', 'TRACE']
  await host.run(['iptables', '-w', '-t', 'raw', '-A', 'PREROUTING', ...rule])
  await reader.table('Firewall rules', `${within(host, hostPlace(host))} table:raw chain:PREROUTING TRACE`)
  const line = async () => (await reader.lines())[0]
  await expect.poll(line).toMatchObject({ Matches: '-p icmp', Target: 'TRACE' })
  await host.run(['ping', '-c', '2', '-i', '0.2', '-W', '1', host.address])
  const counted = /^\[(\d+):/.exec(
    linesOf(await host.run(['iptables-save', '-c', '-t', 'raw'])).find((l) => l.includes('-j TRACE')) ?? '',
  )?.[1]
  expect(Number(counted)).toBeGreaterThanOrEqual(2)
  await expect.poll(async () => Number((await line())?.Packets)).toBeGreaterThanOrEqual(Number(counted))
  await host.run(['iptables', '-w', '-t', 'raw', '-D', 'PREROUTING', ...rule])
  await expect.poll(line).toBeUndefined()
})
