import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Sandbox, SandboxHost } from '@hopscope/sandbox'
import type { Dice } from './dice.ts'
import { type Matchable, randomMatches } from './randomMatches.ts'
import { serve } from './sending.ts'

/** What there is already, by IPv4. */
export type Made = { bridges: readonly string[]; namespaces: readonly string[]; done: string[] }
export const OUTSIDE_6 = '2001:db8:ffff::10'
const HOST_6 = 'fd00:66::11'

/** Gives a random host IPv6 beside its IPv4: addresses, routes, rules and faults of its own. Tells which addresses may be asked for. */
export async function makeDualStack(sandbox: Sandbox, random: Dice, made: Made): Promise<string[]> {
  const [host] = sandbox.hosts
  if (!host) throw new Error('a sandbox has a host')
  const maker = new DualStack(host, random, made)
  await outside(sandbox)
  await maker.networks()
  await maker.switches()
  await maker.listeners()
  await maker.rules()
  await maker.faults()
  await maker.settled()
  return maker.addresses
}

async function outside({ fabric, outside: stranger }: Sandbox): Promise<void> {
  const there = [
    'address add fd00:66::1/64 dev switch nodad',
    'address add 2001:db8:ffff::1/64 dev outside nodad',
    // So that strangers may send to whom the host forwards to.
    `route add fd00::/16 via ${HOST_6}`,
    // What the host sends away does not come back.
    'rule add iif switch to fd00::/16 blackhole',
  ]
  for (const line of there) await fabric.run(['ip', '-6', ...line.split(' ')])
  await fabric.run(['sysctl', '-qw', 'net.ipv6.conf.all.forwarding=1', 'net.ipv6.icmp.ratelimit=0'])
  for (const line of [`address add ${OUTSIDE_6}/64 dev eth0 nodad`, 'route add default via 2001:db8:ffff::1'])
    await stranger.run(['ip', '-6', ...line.split(' ')])
}

class DualStack {
  readonly addresses: string[] = [HOST_6, '::1', OUTSIDE_6]
  private readonly members: string[]
  private readonly host: SandboxHost
  private readonly random: Dice
  private readonly made: Made
  constructor(host: SandboxHost, random: Dice, made: Made) {
    this.host = host
    this.random = random
    this.made = made
    this.members = made.namespaces.filter((name) => /^n\d+$/.test(name))
  }

  private async run(...words: string[]): Promise<void> {
    this.made.done.push(words.join(' '))
    await this.host.run(words)
  }
  private async tryTo(...words: string[]): Promise<void> {
    const { code } = await this.host.exec(words)
    this.made.done.push(`${words.join(' ')}${code === 0 ? '' : ' # refused'}`)
  }
  private readonly within = (netns: string, ...words: string[]): string[] =>
    netns === 'host' ? words : ['ip', 'netns', 'exec', netns, ...words]
  private readonly ip = (netns: string, line: string): Promise<void> =>
    this.tryTo('ip', ...(netns === 'host' ? [] : ['-n', netns]), '-6', ...line.split(' '))

  private async address(netns: string, link: string, text: string): Promise<void> {
    await this.ip(netns, `address add ${text} dev ${link} nodad`)
    this.addresses.push(text.replace(/\/.*/, ''))
  }

  async networks(): Promise<void> {
    const { random } = this
    await this.ip('host', `address add ${HOST_6}/64 dev ${this.host.nic} nodad`)
    if (random.chance(0.9)) await this.ip('host', 'route add default via fd00:66::1')
    for (const bridge of this.made.bridges) {
      const b = bridge.slice(2)
      if (random.chance(0.85)) await this.address('host', bridge, `fd00:${b}::1/64`)
      if (random.chance(0.3)) await this.ip('host', `address add fe80::1/64 dev ${bridge} nodad`)
      this.addresses.push(`fd00:${b}::99`)
    }
    for (const name of this.members) await this.member(name)
    await this.address('host', 'to-w1', 'fd00:9::1/64')
    await this.address('w1', 'eth0', 'fd00:9::2/64')
    await this.ip('w1', 'route add default via fd00:9::1')
    if (this.made.namespaces.includes('r')) await this.router()
  }

  private async member(name: string): Promise<void> {
    const { random } = this
    const [, b = '', i = ''] = name
    await this.address(name, 'eth0', `fd00:${b}::1${i}/64`)
    const gateway = random.pick([`fd00:${b}::1`, `fd00:${b}::1`, 'fe80::1'])
    if (random.chance(0.9)) await this.ip(name, `route add default via ${gateway} dev eth0`)
    // More addresses to choose a source from.
    if (random.chance(0.2)) await this.address(name, 'eth0', `2001:db8:${b}::1${i}/64`)
    if (random.chance(0.1)) await this.ip(name, `address add fd00:${b}::2${i}/64 dev eth0 nodad preferred_lft 0`)
  }

  private async router(): Promise<void> {
    for (const b of [1, 2]) await this.address('r', `eth${b}`, `fd00:${b}::fe/64`)
    if (this.random.chance(0.8)) await this.sysctl('r', 'net.ipv6.conf.all.forwarding=1')
    for (const name of this.members.filter((n) => /^n[12]/.test(n))) {
      const [own, other] = name.startsWith('n1') ? [1, 2] : [2, 1]
      if (this.random.chance(0.6)) await this.ip(name, `route add fd00:${other}::/64 via fd00:${own}::fe`)
    }
  }

  private sysctl = (netns: string, setting: string): Promise<void> =>
    this.run(...this.within(netns, 'sysctl', '-qw', setting))

  async switches(): Promise<void> {
    const { random } = this
    await this.sysctl('host', `net.ipv6.conf.all.forwarding=${random.chance(0.85) ? 1 : 0}`)
    await this.sysctl('host', `net.bridge.bridge-nf-call-ip6tables=${random.chance(0.6) ? 1 : 0}`)
    for (const netns of ['host', ...this.made.namespaces]) await this.sysctl(netns, 'net.ipv6.icmp.ratelimit=0')
  }

  async listeners(): Promise<void> {
    const some = this.made.namespaces.filter((_, i) => i % 3 === 1)
    for (const name of some) await serve(this.host, this.within(name), [7000], 'inet6')
    await serve(this.host, [], [7000], 'inet6')
  }

  async rules(): Promise<void> {
    const { random } = this
    if (random.chance(0.4)) {
      const file = join(import.meta.dirname, 'ruleSets', random.pick(['docker6.rules', 'ufw6.rules']))
      await this.run(random.pick(['ip6tables-restore', 'ip6tables-legacy-restore']), file)
    }
    const count = random.pick([0, 2, 5, 9])
    for (let i = 0; i < count; i++) {
      const netns = random.chance(0.7) ? 'host' : random.pick(this.made.namespaces)
      await random.pick([
        () => this.filter(netns),
        () => this.filter(netns),
        () => this.nft(netns, i),
        () => this.nat(netns),
      ])()
    }
  }

  private async filter(netns: string): Promise<void> {
    const { random } = this
    const program = random.pick(['ip6tables', 'ip6tables', 'ip6tables-legacy'])
    const [table, chain] = random.pick([
      ['filter', 'FORWARD'],
      ['filter', 'FORWARD'],
      ['filter', 'INPUT'],
      ['filter', 'OUTPUT'],
      ['raw', 'PREROUTING'],
      ['mangle', 'POSTROUTING'],
    ])
    if (random.chance(0.08) && table === 'filter')
      return this.tryTo(...this.within(netns, program, '-w', '-P', chain, 'DROP'))
    const targets = table === 'filter' ? ['ACCEPT', 'DROP', 'REJECT', 'RETURN', 'LOG'] : ['ACCEPT', 'DROP', 'RETURN']
    const target = random.pick(targets)
    const how = random.pick([[], [], ['icmp6-adm-prohibited'], ['icmp6-addr-unreachable'], ['icmp6-no-route']])
    const settings = target === 'REJECT' ? how.flatMap((one) => ['--reject-with', one]) : []
    await this.tryTo(
      ...this.within(netns, program, '-w', '-t', table, '-A', chain, ...this.matches(chain), '-j', target, ...settings),
    )
  }

  private matches(chain: string): string[] {
    const { random } = this
    const words = randomMatches(random, chain, MATCHABLE)
    if (random.chance(0.1)) words.push('-m', 'hl', '--hl-eq', '64')
    if (random.chance(0.3) && chain === 'PREROUTING') words.push('-m', 'rpfilter', '--validmark', '--invert')
    return words
  }

  private async nat(netns: string): Promise<void> {
    const { random } = this
    const program = random.pick(['ip6tables', 'ip6tables-legacy'])
    const target = random.pick(this.addresses.filter((a) => a.startsWith('fd00:')))
    const words = random.pick([
      ['POSTROUTING', '-s', 'fd00:1::/64', '!', '-o', 'br1', '-j', 'MASQUERADE'],
      ['POSTROUTING', '-d', 'fd00:2::/64', '-j', 'MASQUERADE'],
      ['PREROUTING', '-p', 'tcp', '--dport', '7001', '-j', 'DNAT', '--to-destination', `[${target}]:7000`],
      ['PREROUTING', '-d', random.pick(this.addresses), '-j', 'DNAT', '--to-destination', target],
      ['OUTPUT', '-p', 'udp', '--dport', '7001', '-j', 'DNAT', '--to-destination', `[${target}]:7000`],
      ['PREROUTING', '-p', 'tcp', '--dport', '7001', '-j', 'REDIRECT', '--to-ports', '7000'],
      ['OUTPUT', '-p', 'tcp', '--dport', '7001', '-j', 'REDIRECT', '--to-ports', '7000'],
      ['POSTROUTING', '-s', 'fd00:9::/64', '-j', 'SNAT', '--to-source', random.pick([HOST_6, 'fd00:1::1'])],
    ])
    await this.tryTo(...this.within(netns, program, '-w', '-t', 'nat', '-A', ...words))
  }

  private async nft(netns: string, serial: number): Promise<void> {
    const { random } = this
    const family = random.pick(['ip6', 'inet'])
    const hook = random.pick(['input', 'forward', 'forward', 'output', 'prerouting', 'postrouting'])
    const rule = random.pick(PLAIN)
    if (/reject/.test(rule) && /routing/.test(hook)) return
    if (rule.includes(' oif ') && hook !== 'prerouting') return
    const policy = random.chance(0.1) ? 'drop' : 'accept'
    const chain = `chain c { type filter hook ${hook} priority ${random.pick([-250, -150, 0, 10])}; policy ${policy}; ${rule}; }`
    await this.tryTo(...this.within(netns, 'nft', `table ${family} six${serial} {\n${chain}\n}`))
  }

  async faults(): Promise<void> {
    const { random } = this
    const some = (): string => random.pick(this.made.namespaces)
    const refusing = (): string => random.pick(['blackhole', 'unreachable', 'prohibit'])
    const faults: (() => Promise<void>)[] = [
      () => this.ip(some(), `route add ${refusing()} fd00:2::12`),
      () => this.ip('host', `route add ${refusing()} fd00:1::12`),
      () => this.ip(some(), 'route del default'),
      () => this.ip(random.pick(this.members), 'route add default via fd00:1::fe dev eth0 metric 2000'),
      () => this.ip(some(), 'address add fd00:1::50/128 dev lo'),
      () =>
        this.ip(random.pick(this.members), 'neigh replace fd00:1::12 lladdr 02:00:00:00:00:99 dev eth0 nud permanent'),
      // Somebody has it already.
      () => this.ip(random.pick(this.members), 'address add fd00:1::11/64 dev eth0'),
      () =>
        this.ip(
          'host',
          `rule add from fd00:1::/64 priority 100 ${random.pick(['unreachable', 'lookup 100', 'prohibit'])}`,
        ),
      () =>
        this.ip(
          'host',
          `rule add to fd00:2::/64 priority 101 ${random.pick(['unreachable', 'lookup 100', 'goto 32766'])}`,
        ),
      () => this.ip('host', 'route add default via fd00:66::1 table 100'),
      () => this.sysctl(some(), 'net.ipv6.conf.all.disable_ipv6=1'),
    ]
    const count = random.between(0, 3)
    for (let i = 0; i < count; i++) await random.pick(faults)()
  }

  /** Until every address has been found to be nobody else's, or not. */
  async settled(): Promise<void> {
    for (const netns of ['host', ...this.made.namespaces])
      for (let tries = 0; tries < 100; tries++) {
        const argv = this.within(netns, 'ip', '-6', '-o', 'address', 'show', 'tentative')
        const left = (await this.host.run(argv))
          .split('\n')
          .filter((line) => line !== '' && !line.includes('dadfailed'))
        if (left.length === 0) break
        // No event tells of an address in another namespace without a socket there.
        await wait(50)
      }
  }
}

const MATCHABLE: Matchable = {
  sources: ['fd00:1::/64', 'fd00:2::/64', 'fd00:1::11', 'fd00::/16'],
  destinations: ['fd00:1::/64', 'fd00:2::12', HOST_6, 'fd00:9::/64'],
  protocols: ['', 'tcp', 'udp', 'ipv6-icmp'],
  ports: [
    ['--dport', '7000'],
    ['--sport', '7000'],
  ],
  icmp: {
    protocol: 'ipv6-icmp',
    option: '--icmpv6-type',
    types: ['128', '129', 'echo-reply', '135', '1'],
    chance: 0.7,
  },
  states: ['NEW', 'RELATED,ESTABLISHED', 'INVALID', 'UNTRACKED'],
}

const PLAIN = [
  'ip6 saddr { fd00:1::11, fd00:2::/64 } drop',
  'ip6 daddr != fd00:1::/64 tcp dport { 7000, 7005-7010 } reject with tcp reset',
  'ct state vmap { established : accept, related : accept, invalid : drop }',
  'meta l4proto vmap { ipv6-icmp : accept, udp : drop }',
  'icmpv6 type echo-request counter drop',
  'icmpv6 type nd-neighbor-solicit drop',
  'icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept; ip6 nexthdr ipv6-icmp drop',
  'iifname "br*" udp dport 7000 accept',
  'th dport 7001 reject',
  'udp dport 7000 reject with icmpx admin-prohibited',
  'tcp dport 7000 reject with icmpv6 no-route',
  'fib daddr type local counter',
  'ip6 hoplimit 64 tcp dport 7000 drop',
  'icmpv6 type { nd-router-advert, nd-neighbor-solicit } accept; fib saddr . mark . iif oif missing drop',
  'ip saddr 10.0.0.0/8 drop',
  'meta nfproto ipv4 drop; udp dport 7001 drop',
  'meta mark set 0x2; meta mark 0x2 udp dport 7000 drop',
]
