import { join } from 'node:path'
import type { Sandbox, SandboxHost } from '@hopscope/sandbox'
import type { Dice } from './dice.ts'
import { makeDualStack } from './dualStack.ts'
import { type Matchable, randomMatches, randomNot } from './randomMatches.ts'
import { randomFilter, randomTranslation } from './randomNft.ts'
import { type Flow, serve } from './sending.ts'

/** A host with random networks, rules and faults, and who can be asked there. */
export type RandomHost = {
  /** Namespaces by name; `host` is one. */
  senders: string[]
  addresses: string[]
  /** Those of IPv6, of a host that has both. */
  addresses6: string[]
  /** What was done to it, as somebody would type it. */
  done: string[]
}

export const OPEN_PORT = 7000
export const CLOSED_PORT = 7001

const MATCHABLE: Matchable = {
  sources: ['10.1.0.0/24', '10.2.0.0/24', '10.1.0.11', '10.9.0.2', '10.0.0.0/8'],
  destinations: ['10.1.0.0/24', '10.2.0.12', '10.1.0.12', '192.168.66.11', '10.9.0.0/24'],
  protocols: ['', '', 'tcp', 'udp', 'icmp'],
  ports: [
    ['--dport', '7000'],
    ['--sport', '7000'],
    ['-m', 'multiport', '--dports', '80,7000:7005'],
  ],
  icmp: { protocol: 'icmp', option: '--icmp-type', types: ['8', '0', 'echo-reply'], chance: 0.4 },
  states: ['NEW', 'ESTABLISHED', 'RELATED,ESTABLISHED', 'INVALID', 'DNAT'],
}

/** Makes bridges with namespaces, routers and cables on a host without Docker, and then breaks some of it. */
export async function makeRandomHost(sandbox: Sandbox, random: Dice, isDual = false): Promise<RandomHost> {
  const [host] = sandbox.hosts
  if (!host) throw new Error('a sandbox has a host')
  const maker = new Maker(host, random)
  await maker.networks()
  await maker.routers()
  await maker.switches()
  await maker.listeners()
  await maker.rules()
  await maker.faults()
  const addresses6 = isDual ? await makeDualStack(sandbox, random, maker) : []
  return { senders: [...maker.namespaces, 'host', 'outside'], addresses: maker.addresses, addresses6, done: maker.done }
}

/** Random questions about such a host. */
export function randomFlows({ senders, addresses, addresses6 }: RandomHost, random: Dice, count: number): Flow[] {
  const flows = new Map<string, Flow>()
  for (let i = 0; i < count * 4 && flows.size < count; i++) {
    const from = random.pick(senders)
    // A host that has both is asked about the other family most of the time.
    const isSix = addresses6.length > 0 && random.chance(0.8)
    const known = isSix ? addresses6 : from === 'outside' ? ['192.168.66.11'] : addresses
    const to = random.pick(known.filter((one) => from !== 'outside' || isSentFor(one)))
    const protocol = random.pick(['icmp', 'tcp', 'udp'] as const)
    const port = random.chance(0.7) ? OPEN_PORT : CLOSED_PORT
    const flow: Flow = { from, to, protocol, ...(protocol !== 'icmp' && { port }) }
    flows.set(JSON.stringify(flow), flow)
  }
  return [...flows.values()]
}

/** What a stranger sends to the host. */
const isSentFor = (address: string): boolean => /^(?:fd00:|192\.)/.test(address)

class Maker {
  readonly namespaces: string[] = []
  readonly addresses: string[] = ['192.168.66.11', '127.0.0.1', '203.0.113.10']
  readonly done: string[] = []
  readonly bridges: string[] = []
  private readonly ports: string[] = []
  private readonly host: SandboxHost
  private readonly random: Dice
  constructor(host: SandboxHost, random: Dice) {
    this.host = host
    this.random = random
  }

  private async run(...words: string[]): Promise<void> {
    this.done.push(words.join(' '))
    await this.host.run(words)
  }
  /** What a kernel may refuse, such as a second rule of the same kind. */
  private async tryTo(...words: string[]): Promise<void> {
    const { code } = await this.host.exec(words)
    this.done.push(`${words.join(' ')}${code === 0 ? '' : ' # refused'}`)
  }
  private readonly within = (netns: string, ...words: string[]): string[] =>
    netns === 'host' ? words : ['ip', 'netns', 'exec', netns, ...words]

  async networks(): Promise<void> {
    const count = this.random.between(1, 3)
    for (let b = 1; b <= count; b++) {
      const bridge = `br${b}`
      this.bridges.push(bridge)
      await this.run('ip', 'link', 'add', bridge, 'up', 'type', 'bridge')
      const gateway = `10.${b}.0.1`
      if (this.random.chance(0.85)) {
        await this.run('ip', 'address', 'add', `${gateway}/24`, 'dev', bridge)
        this.addresses.push(gateway)
      }
      const members = this.random.between(2, 3)
      for (let i = 1; i <= members; i++)
        await this.member(`n${b}${i}`, { bridge, address: `10.${b}.0.${10 + i}`, gateway })
      this.addresses.push(`10.${b}.0.99`)
    }
    await this.pair()
  }

  private async member(
    name: string,
    { bridge, address, gateway }: { bridge: string; address: string; gateway: string },
  ) {
    const port = `p-${name}`
    await this.newNetns(name)
    await this.plug(name, { port, nic: 'eth0', bridge })
    await this.run('ip', '-n', name, 'address', 'add', `${address}/24`, 'dev', 'eth0')
    if (this.random.chance(0.9)) await this.run('ip', '-n', name, 'route', 'add', 'default', 'via', gateway)
    this.addresses.push(address)
  }

  private async newNetns(name: string): Promise<void> {
    this.namespaces.push(name)
    await this.run('ip', 'netns', 'add', name)
    if (this.random.chance(0.95)) await this.run('ip', '-n', name, 'link', 'set', 'lo', 'up')
  }

  private async plug(
    name: string,
    { port, nic, bridge }: { port: string; nic: string; bridge: string },
  ): Promise<void> {
    await this.run('ip', 'link', 'add', port, 'type', 'veth', 'peer', 'name', nic, 'netns', name)
    await this.run('ip', 'link', 'set', port, 'master', bridge, 'up')
    await this.run('ip', '-n', name, 'link', 'set', nic, 'up')
    this.ports.push(port)
  }

  /** Two namespaces on one cable, the second of which may know the way to the host's networks. */
  private async pair(): Promise<void> {
    await this.newNetns('w1')
    await this.run('ip', 'link', 'add', 'to-w1', 'up', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', 'w1')
    await this.run('ip', 'address', 'add', '10.9.0.1/24', 'dev', 'to-w1')
    await this.run('ip', '-n', 'w1', 'link', 'set', 'eth0', 'up')
    await this.run('ip', '-n', 'w1', 'address', 'add', '10.9.0.2/24', 'dev', 'eth0')
    await this.run('ip', '-n', 'w1', 'route', 'add', 'default', 'via', '10.9.0.1')
    this.addresses.push('10.9.0.1', '10.9.0.2')
  }

  async routers(): Promise<void> {
    if (this.bridges.length < 2 || this.random.chance(0.3)) return
    await this.newNetns('r')
    for (const b of [1, 2]) {
      await this.plug('r', { port: `p-r${b}`, nic: `eth${b}`, bridge: `br${b}` })
      await this.run('ip', '-n', 'r', 'address', 'add', `10.${b}.0.254/24`, 'dev', `eth${b}`)
      this.addresses.push(`10.${b}.0.254`)
    }
    if (this.random.chance(0.8)) await this.sysctl('r', 'net.ipv4.ip_forward=1')
    for (const name of this.namespaces.filter((n) => /^n[12]/.test(n))) {
      const [own, other] = name.startsWith('n1') ? [1, 2] : [2, 1]
      if (this.random.chance(0.6))
        await this.run('ip', '-n', name, 'route', 'add', `10.${other}.0.0/24`, 'via', `10.${own}.0.254`)
    }
  }

  private sysctl = (netns: string, setting: string): Promise<void> =>
    this.run(...this.within(netns, 'sysctl', '-qw', setting))

  async switches(): Promise<void> {
    const { random } = this
    await this.sysctl('host', `net.ipv4.ip_forward=${random.chance(0.85) ? 1 : 0}`)
    await this.sysctl('host', `net.bridge.bridge-nf-call-iptables=${random.chance(0.6) ? 1 : 0}`)
    for (const netns of ['host', ...this.namespaces]) {
      // All flows are sent at once; without this, only the first six of a sender are told that they are refused.
      await this.sysctl(netns, 'net.ipv4.icmp_ratelimit=0')
      if (random.chance(0.8)) continue
      await this.sysctl(netns, `net.ipv4.conf.all.rp_filter=${random.pick([1, 1, 2])}`)
    }
  }

  async listeners(): Promise<void> {
    const some = this.namespaces.filter((_, i) => i % 3 === 0)
    for (const name of some) await serve(this.host, this.within(name), [OPEN_PORT])
    await serve(this.host, [], [OPEN_PORT])
  }

  async rules(): Promise<void> {
    const { random } = this
    if (random.chance(0.3)) await this.ruleSet()
    const count = random.between(0, 14)
    for (let i = 0; i < count; i++) {
      const netns = random.chance(0.7) ? 'host' : random.pick(this.namespaces)
      const act = random.pick([
        () => this.iptables(netns),
        () => this.iptables(netns),
        () => this.nft(netns, i),
        () => this.nft(netns, i),
        () => this.translation(netns),
      ])
      await act()
    }
  }

  /** Rules as programs in wide use make them, for the links and addresses that are made here. */
  private async ruleSet(): Promise<void> {
    const { random } = this
    const file = random.pick(['ufw.rules', 'firewalld.nft', 'docker.nft', 'kubeProxy.rules', 'kubeProxy.nft'])
    const path = join(import.meta.dirname, 'ruleSets', file)
    const program = file.endsWith('.nft')
      ? ['nft', '-f']
      : [random.pick(['iptables-restore', 'iptables-legacy-restore'])]
    await this.run(...program, path)
    if (file.startsWith('kube')) this.addresses.push('10.96.0.10', '10.96.0.11', '10.96.0.12')
  }

  private async iptables(netns: string): Promise<void> {
    const { random } = this
    const program = random.pick(['iptables', 'iptables', 'iptables-legacy'])
    const [table, chain] = random.pick([
      ['filter', 'FORWARD'],
      ['filter', 'FORWARD'],
      ['filter', 'INPUT'],
      ['filter', 'OUTPUT'],
      ['raw', 'PREROUTING'],
      ['mangle', 'FORWARD'],
      ['mangle', 'PREROUTING'],
      ['mangle', 'POSTROUTING'],
    ])
    const targets =
      table === 'filter' ? ['ACCEPT', 'DROP', 'REJECT', 'RETURN', 'LOG'] : ['ACCEPT', 'DROP', 'MARK', 'RETURN']
    const target = random.pick(targets)
    const settings = target === 'MARK' && table === 'mangle' ? ['--set-mark', String(random.between(1, 3))] : []
    if (target === 'MARK' && table !== 'mangle') return
    if (random.chance(0.08) && table === 'filter')
      return this.tryTo(...this.within(netns, program, '-w', '-P', chain, 'DROP'))
    await this.tryTo(
      ...this.within(netns, program, '-w', '-t', table, '-A', chain, ...this.matches(chain), '-j', target, ...settings),
    )
  }

  private matches(chain: string): string[] {
    const { random } = this
    const words = randomMatches(random, chain, MATCHABLE)
    if (random.chance(0.1)) words.push('-m', 'mark', ...randomNot(random), '--mark', '1')
    if (random.chance(0.1) && /FORWARD|POST/.test(chain))
      words.push('-m', 'physdev', ...randomNot(random), '--physdev-is-bridged')
    if (random.chance(0.06)) words.push('-m', 'limit', '--limit', '1000/sec')
    return words
  }

  private async translation(netns: string): Promise<void> {
    const { random } = this
    const program = random.pick(['iptables', 'iptables-legacy'])
    const target = random.pick(this.addresses.filter((a) => a.startsWith('10.')))
    const words = random.pick([
      ['-A', 'POSTROUTING', '-s', '10.1.0.0/24', '!', '-o', 'br1', '-j', 'MASQUERADE'],
      ['-A', 'POSTROUTING', '-d', '10.2.0.0/24', '-j', 'MASQUERADE'],
      ['-A', 'PREROUTING', '-p', 'tcp', '--dport', '7001', '-j', 'DNAT', '--to-destination', `${target}:7000`],
      ['-A', 'PREROUTING', '-d', random.pick(this.addresses), '-j', 'DNAT', '--to-destination', target],
      ['-A', 'OUTPUT', '-p', 'udp', '--dport', '7001', '-j', 'DNAT', '--to-destination', `${target}:7000`],
      ['-A', 'PREROUTING', '-p', 'tcp', '--dport', '7001', '-j', 'REDIRECT', '--to-ports', '7000'],
      [
        '-A',
        'POSTROUTING',
        '-s',
        '10.9.0.0/24',
        '-j',
        'SNAT',
        '--to-source',
        random.pick(['192.168.66.11', '10.1.0.1']),
      ],
    ])
    await this.tryTo(...this.within(netns, program, '-w', '-t', 'nat', ...words))
  }

  private async nft(netns: string, serial: number): Promise<void> {
    const { random } = this
    const own = this.addresses.filter((a) => a.startsWith('10.'))
    const asked = random.chance(0.2) ? randomTranslation(random, serial, own) : randomFilter(random, serial)
    for (const words of asked ?? []) await this.tryTo(...this.within(netns, 'nft', ...words))
  }

  async faults(): Promise<void> {
    const { random } = this
    const faults: (() => Promise<void>)[] = [
      () => this.tryTo('ip', 'link', 'set', random.pick(this.ports), 'down'),
      () => this.tryTo('ip', '-n', random.pick(this.namespaces), 'link', 'set', 'eth0', 'down'),
      () => this.isolate(),
      () => this.tryTo('bridge', 'link', 'set', 'dev', random.pick(this.ports), 'hairpin', 'on'),
      () => this.strayNeighbour(),
      () =>
        this.tryTo(
          'ip',
          '-n',
          random.pick(this.namespaces),
          'route',
          'add',
          random.pick(['blackhole', 'unreachable', 'prohibit']),
          '10.2.0.12',
        ),
      () =>
        this.tryTo(
          'ip',
          'route',
          'add',
          random.pick(['blackhole', 'unreachable', 'prohibit', 'throw']),
          '10.1.0.12/32',
        ),
      () => this.policyRouting(),
      () => this.tryTo('ip', 'link', 'set', random.pick(this.bridges), 'down'),
      () => this.tryTo('ip', '-n', random.pick(this.namespaces), 'route', 'del', 'default'),
      () => this.tryTo('ip', '-n', random.pick(this.namespaces), 'address', 'add', '10.1.0.50/32', 'dev', 'lo'),
    ]
    const count = random.between(0, 3)
    for (let i = 0; i < count; i++) await random.pick(faults)()
  }

  private async isolate(): Promise<void> {
    for (const port of this.ports.filter(() => this.random.chance(0.6)))
      await this.tryTo('bridge', 'link', 'set', 'dev', port, 'isolated', 'on')
  }

  private async strayNeighbour(): Promise<void> {
    const netns = this.random.pick(this.namespaces)
    const address = this.random.pick(this.addresses.filter((a) => a.startsWith('10.1.')))
    await this.tryTo(
      'ip',
      '-n',
      netns,
      'neigh',
      'replace',
      address,
      'lladdr',
      '02:00:00:00:00:99',
      'dev',
      'eth0',
      'nud',
      'permanent',
    )
  }

  private async policyRouting(): Promise<void> {
    const { random } = this
    const selector = random.pick([
      ['from', '10.1.0.0/24'],
      ['to', '10.2.0.0/24'],
      ['fwmark', '1'],
      ['iif', 'br1'],
      ['ipproto', 'udp'],
      ['from', '10.9.0.2'],
    ])
    const leads = [
      ['lookup', '100'],
      ['lookup', '100'],
      ['goto', '32767'],
    ]
    // `ping` asks by udp for its own address, and gives up where that is refused.
    const action = random.pick(selector.includes('udp') ? leads : [...leads, ['unreachable'], ['blackhole']])
    await this.tryTo('ip', 'route', 'add', 'default', 'via', '192.168.66.1', 'table', '100')
    if (random.chance(0.5)) await this.tryTo('ip', 'route', 'add', '10.2.0.0/24', 'dev', 'br1', 'table', '100')
    await this.tryTo('ip', 'rule', 'add', ...selector, 'priority', String(random.between(100, 105)), ...action)
  }
}
