import { recordsOf } from '@hopscope/model'
import { namerOf, sayHop, sayOutcome } from '@hopscope/path'
import { createSandbox, type Sandbox, type SandboxHost } from '@hopscope/sandbox'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Observation, type Observed, observe } from '../oracle/observed.ts'
import { type Compared, compare, type Flow, flowText, into, serve } from './sending.ts'

const OPEN = 7000
const CLOSED = 7001

const flow = (from: string, to: string, protocol: Flow['protocol'], port?: number): Flow => ({
  from,
  to,
  protocol,
  ...(port !== undefined && { port }),
})

/** As Docker makes it: networks, an internal one and one without icc, published ports, host and none. */
const AS_MADE: readonly (readonly [Flow, string])[] = [
  [flow('client', '172.17.0.2', 'icmp'), 'delivered'],
  [flow('host', '172.17.0.2', 'icmp'), 'delivered'],
  [flow('client', '10.20.0.10', 'icmp'), 'dropped RULE_DROP'],
  [flow('db', '10.20.0.10', 'icmp'), 'delivered'],
  [flow('v2', '10.30.0.10', 'icmp'), 'delivered'],
  [flow('v2', '10.20.0.10', 'icmp'), 'dropped RULE_DROP'],
  [flow('v2', '203.0.113.10', 'icmp'), 'dropped RULE_DROP'],
  [flow('q2', '10.60.0.10', 'icmp'), 'dropped RULE_DROP'],
  [flow('q2', '172.17.0.1', 'icmp'), 'delivered'],
  [flow('client', '203.0.113.10', 'icmp'), 'left'],
  [flow('client', '172.17.0.99', 'icmp'), 'dropped NO_SUCH_ADDRESS'],
  [flow('alone', '127.0.0.1', 'icmp'), 'delivered'],
  [flow('alone', '10.20.0.10', 'icmp'), 'refused NO_ROUTE'],
  [flow('outside', '192.168.66.11', 'icmp'), 'delivered'],
  [flow('outside', '172.17.0.2', 'icmp'), 'dropped POLICY_DROP'],
  [flow('client', '172.17.0.2', 'tcp', 80), 'delivered'],
  [flow('client', '172.17.0.2', 'tcp', 81), 'refused NOT_LISTENING'],
  [flow('outside', '192.168.66.11', 'tcp', 8080), 'delivered'],
  [flow('outside', '192.168.66.11', 'tcp', 8099), 'refused NOT_LISTENING'],
  [flow('outside', '192.168.66.11', 'tcp', OPEN), 'delivered'],
  [flow('outside', '192.168.66.11', 'tcp', CLOSED), 'refused NOT_LISTENING'],
  [flow('host', '127.0.0.1', 'tcp', 8080), 'delivered'],
  [flow('host', '127.0.0.1', 'tcp', 8099), 'refused NOT_LISTENING'],
  [flow('host', '192.168.66.11', 'tcp', 8080), 'delivered'],
  [flow('web', '172.17.0.1', 'tcp', 8080), 'delivered'],
  [flow('db', '192.168.66.11', 'tcp', 8080), 'delivered'],
  [flow('q2', '10.60.0.10', 'tcp', OPEN), 'dropped RULE_DROP'],
  [flow('host', '10.20.0.11', 'udp', OPEN), 'delivered'],
  [flow('host', '10.20.0.11', 'udp', CLOSED), 'refused NOT_LISTENING'],
  [flow('outside', '192.168.66.11', 'udp', OPEN), 'delivered'],
  [flow('host', '127.0.0.1', 'udp', 9053), 'dropped NOT_LISTENING'],
  [flow('host', '192.168.66.70', 'icmp'), 'dropped MACVLAN_PARENT'],
  [flow('lan', '192.168.66.11', 'icmp'), 'left'],
  [flow('left', '10.10.1.11', 'icmp'), 'dropped POLICY_DROP'],
  [flow('s1', 'fd00:40::11', 'icmp'), 'delivered'],
  [flow('s1', 'fd00:40::11', 'tcp', 80), 'delivered'],
  [flow('s1', 'fd00:40::11', 'tcp', 81), 'refused NOT_LISTENING'],
  [flow('s1', 'fd00:40::11', 'udp', 81), 'refused NOT_LISTENING'],
  [flow('s1', 'fd00:40::99', 'icmp'), 'dropped NO_SUCH_ADDRESS'],
  [flow('host', 'fd00:40::10', 'icmp'), 'delivered'],
  [flow('s1', 'fd00:40::1', 'tcp', CLOSED), 'refused NOT_LISTENING'],
  [flow('client', 'fd00:40::10', 'icmp'), 'refused NO_ROUTE'],
  [flow('host', '::1', 'tcp', 8080), 'delivered'],
  [flow('host', '::1', 'tcp', 8099), 'refused NOT_LISTENING'],
]

/** What people change by hand, in words of the shell; all of it stands at once. */
const CHANGES: readonly string[] = [
  'iptables -I DOCKER-USER -s 172.17.0.3 -d 172.17.0.2 -p tcp --dport 80 -j DROP',
  'iptables -I DOCKER-USER -i br-app -p udp -j REJECT',
  'iptables-legacy -A INPUT -p tcp --dport 7000 -j REJECT --reject-with tcp-reset',
  'iptables -I DOCKER-USER -i seg1 -o seg1 -j ACCEPT',
  'nft table inet own { chain c { type filter hook input priority 5; ip saddr . tcp dport { 172.17.0.2 . 80, 172.17.0.3 . 9100 } drop; }\n}',
  'ip route add blackhole 10.20.0.10',
  'ip -n far route add default via 10.10.9.1',
]
const AFTER: readonly (readonly [Flow, string])[] = [
  [flow('client', '172.17.0.2', 'tcp', 80), 'dropped RULE_DROP'],
  [flow('client', '172.17.0.2', 'tcp', 81), 'refused NOT_LISTENING'],
  [flow('db', '10.20.0.10', 'udp', OPEN), 'refused RULE_REJECT'],
  [flow('outside', '192.168.66.11', 'tcp', OPEN), 'refused RULE_REJECT'],
  [flow('client', '172.17.0.1', 'tcp', 9100), 'dropped RULE_DROP'],
  [flow('web', '172.17.0.1', 'tcp', 9100), 'delivered'],
  [flow('left', '10.10.1.11', 'icmp'), 'delivered'],
  [flow('host', '10.20.0.10', 'icmp'), 'refused ROUTE_REFUSES'],
  [flow('outside', '192.168.66.11', 'tcp', 8090), 'dropped ROUTE_REFUSES'],
  [flow('far', '10.10.1.10', 'icmp'), 'delivered'],
  [flow('far', '203.0.113.10', 'icmp'), 'dropped NO_SUCH_ADDRESS'],
]

describe.skipIf(process.getuid?.() !== 0)('predicted and really sent', () => {
  let sandbox: Sandbox
  let host: SandboxHost
  let observation: Observation

  beforeAll(async () => {
    sandbox = await createSandbox({ name: 't-flows' })
    const [first] = sandbox.hosts
    if (!first) throw new Error('a sandbox has a host')
    host = first
    await containers(host)
    await segment(host)
    // So that strangers may send to containers as well as to published ports.
    await sandbox.fabric.run(['ip', 'route', 'add', '172.17.0.0/16', 'via', host.address])
    observation = await observe(host)
    const { snapshot } = await tested()
    await Promise.all(['db', 'q1'].map((name) => serve(host, into(snapshot, name), [OPEN])))
    await serve(host, [], [OPEN])
  })
  afterAll(async () => {
    await observation?.close()
    await sandbox?.down()
  })

  it('a host as Docker makes it', () => agreeing(AS_MADE))

  it('after rules and routes were added by hand', async () => {
    for (const line of CHANGES) await host.run(line.startsWith('nft ') ? ['nft', line.slice(4)] : line.split(' '))
    await agreeing(AFTER)
  })

  /** Fresh addresses of IPv6 are tested for a second or two: until that is over nobody knows whether they answer. */
  async function tested(): Promise<Observed> {
    let seen = await observation.look()
    while (recordsOf(seen.snapshot, 'address').some(({ flags }) => flags.includes('tentative')))
      seen = await observation.look({ than: seen.revision, withinMs: 5_000 })
    return seen
  }

  async function agreeing(cases: readonly (readonly [Flow, string])[]): Promise<void> {
    const { snapshot } = await observation.audit()
    const compared = await compare(
      sandbox,
      snapshot,
      cases.map(([one]) => one),
    )
    const namer = namerOf(snapshot)
    const story = ({ predicted }: Compared) =>
      [predicted.forward, predicted.back]
        .flatMap(
          (way) => way && [...way.hops.map((hop) => sayHop(hop, 'en', namer)), sayOutcome(way.outcome, 'en', namer)],
        )
        .join('\n')
    const wrong = compared.filter(({ right }) => !right)
    expect(wrong.map((one) => `${flowText(one.flow)} was ${one.sent}\n${story(one)}`)).toEqual([])
    const said = compared.map(({ flow: one, predicted: { outcome } }) => [
      flowText(one),
      `${outcome.verdict}${outcome.reason === undefined ? '' : ` ${outcome.reason}`}`,
    ])
    expect(said).toEqual(cases.map(([one, outcome]) => [flowText(one), outcome]))
  }
})

async function containers(host: SandboxHost): Promise<void> {
  const network = (name: string, subnet: string, ...options: string[]) =>
    host.docker('network', 'create', '--subnet', subnet, ...options, name)
  const run = (name: string, options: string[], program: string[] = ['sleep', 'infinity']) =>
    host.docker('run', '-d', '--name', name, '--stop-signal', 'KILL', ...options, 'busybox', ...program)
  const httpd = (port: number) => ['httpd', '-f', '-p', String(port)]
  const bridge = (option: string) => ['-o', `com.docker.network.bridge.${option}`]
  await Promise.all([
    network('app', '10.20.0.0/24', ...bridge('name=br-app')),
    network('vault', '10.30.0.0/24', '--internal'),
    network('six', '10.40.0.0/24', '--ipv6', '--subnet', 'fd00:40::/64'),
    network('quiet', '10.60.0.0/24', ...bridge('enable_icc=false')),
    network('wire', '192.168.66.0/24', '-d', 'macvlan', '-o', `parent=${host.nic}`, '--gateway', '192.168.66.1'),
  ])
  await run('web', ['-p', '8080:80', '-p', '8099:99'], httpd(80))
  await Promise.all([
    run('client', []),
    run('api', ['--network', 'app', '--ip', '10.20.0.10', '-p', '8090:80', '-p', '9053:53/udp'], httpd(80)),
    run('db', ['--network', 'app', '--ip', '10.20.0.11']),
    run('s1', ['--network', 'six', '--ip6', 'fd00:40::10']),
    run('s2', ['--network', 'six', '--ip6', 'fd00:40::11'], httpd(80)),
    run('v1', ['--network', 'vault', '--ip', '10.30.0.10']),
    run('v2', ['--network', 'vault', '--ip', '10.30.0.11']),
    run('q1', ['--network', 'quiet', '--ip', '10.60.0.10']),
    run('q2', ['--network', 'quiet', '--ip', '10.60.0.11']),
    run('lan', ['--network', 'wire', '--ip', '192.168.66.70']),
    run('monitor', ['--network', 'host'], httpd(9100)),
    run('alone', ['--network', 'none']),
  ])
}

/** `left` and `right` on a bridge of their own, and `far` behind a cable to `right`, which forwards. */
async function segment(host: SandboxHost): Promise<void> {
  const lines = [
    'netns add left',
    'netns add right',
    'netns add far',
    'link add seg1 up type bridge',
    'link add port-left type veth peer name eth0 netns left',
    'link add port-right type veth peer name eth0 netns right',
    'link set port-left master seg1 up',
    'link set port-right master seg1 up',
    '-n left address add 10.10.1.10/24 dev eth0',
    '-n left link set eth0 up',
    '-n right address add 10.10.1.11/24 dev eth0',
    '-n right link set eth0 up',
    '-n right link add eth1 type veth peer name eth0 netns far',
    '-n right address add 10.10.9.1/24 dev eth1',
    '-n right link set eth1 up',
    '-n far address add 10.10.9.2/24 dev eth0',
    '-n far link set eth0 up',
    '-n left route add 10.10.9.0/24 via 10.10.1.11',
    '-n right route add default via 10.10.1.1',
  ]
  for (const line of lines) await host.run(['ip', ...line.split(' ')])
  await host.run(['ip', 'netns', 'exec', 'right', 'sysctl', '-qw', 'net.ipv4.ip_forward=1'])
}
