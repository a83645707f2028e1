import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { SandboxHost } from '@hopscope/sandbox'
import type { Random } from './random.ts'

/** What the changes made so far left behind, as far as later changes need to know. */
export class Scene {
  counter = 0
  readonly namespaces: string[] = []
  readonly links: { namespace: string; name: string }[] = []
  readonly bridges: { namespace: string; name: string }[] = []
  readonly containers: string[] = []
  readonly networks: string[] = []
  readonly listeners: ChildProcess[] = []
  constructor(
    readonly host: SandboxHost,
    readonly random: Random,
  ) {}

  fresh(prefix: string): string {
    this.counter += 1
    return `${prefix}${this.counter}`
  }
  /** '' is the host's own namespace. */
  anyNamespace(): string {
    return this.random.pick(['', ...this.namespaces]) ?? ''
  }
  anyLink(): { namespace: string; name: string } | undefined {
    return this.random.pick(this.links)
  }
  /** Runs `ip`, `bridge`… in a namespace. False when the kernel refused: a refused change is not counted. */
  async in(namespace: string, ...argv: string[]): Promise<boolean> {
    const prefix = namespace ? ['nsenter', `--net=/run/netns/${namespace}`] : []
    return (await this.host.exec([...prefix, ...argv])).code === 0
  }
  async docker(...argv: string[]): Promise<boolean> {
    return (await this.host.exec(['docker', ...argv])).code === 0
  }
  forget(namespace: string): void {
    remove(this.links, (l) => l.namespace === namespace)
    remove(this.bridges, (b) => b.namespace === namespace)
  }
}

export type Change = { name: string; weight: number; run: (scene: Scene) => Promise<boolean> }

function remove<T>(list: T[], gone: (item: T) => boolean): void {
  for (let i = list.length - 1; i >= 0; i--) {
    const item = list[i]
    if (item !== undefined && gone(item)) list.splice(i, 1)
  }
}

const address = (r: Random) => `10.${200 + r.below(20)}.${r.below(4)}.${1 + r.below(250)}`
const mac = (r: Random) => `02:00:00:00:${(16 + r.below(200)).toString(16)}:${(16 + r.below(200)).toString(16)}`

const links: Change[] = [
  {
    name: 'add a veth pair',
    weight: 10,
    async run(s) {
      const [a, b] = [s.fresh('va'), s.fresh('vb')]
      const [from, to] = [s.anyNamespace(), s.anyNamespace()]
      const peer = to === from ? [] : to ? ['netns', to] : ['netns', '1']
      if (!(await s.in(from, 'ip', 'link', 'add', a, 'type', 'veth', 'peer', 'name', b, ...peer))) return false
      s.links.push({ namespace: from, name: a }, { namespace: to, name: b })
      return true
    },
  },
  {
    name: 'add a bridge',
    weight: 4,
    async run(s) {
      const link = { namespace: s.anyNamespace(), name: s.fresh('br') }
      if (!(await s.in(link.namespace, 'ip', 'link', 'add', link.name, 'type', 'bridge'))) return false
      s.links.push(link)
      s.bridges.push(link)
      return true
    },
  },
  {
    name: 'add a macvlan or a vxlan or a tap',
    weight: 4,
    async run(s) {
      const lower = s.anyLink()
      const name = s.fresh('x')
      const kind = s.random.below(3)
      const namespace = kind === 0 ? (lower?.namespace ?? '') : s.anyNamespace()
      const argv =
        kind === 0 && lower
          ? ['ip', 'link', 'add', name, 'link', lower.name, 'type', 'macvlan', 'mode', 'bridge']
          : kind === 1
            ? [
                'ip',
                'link',
                'add',
                name,
                'type',
                'vxlan',
                'id',
                String(1 + s.counter),
                'dstport',
                '4789',
                'remote',
                address(s.random),
              ]
            : ['ip', 'tuntap', 'add', 'dev', name, 'mode', 'tap']
      if (!(await s.in(namespace, ...argv))) return false
      s.links.push({ namespace, name })
      return true
    },
  },
  {
    name: 'plug a link into a bridge, or out of it',
    weight: 8,
    async run(s) {
      const bridge = s.random.pick(s.bridges)
      const link = s.random.pick(s.links.filter((l) => l.namespace === bridge?.namespace && l.name !== bridge.name))
      if (!bridge || !link) return false
      const how = s.random.next() < 0.75 ? ['master', bridge.name] : ['nomaster']
      return s.in(link.namespace, 'ip', 'link', 'set', link.name, ...how)
    },
  },
  {
    name: 'set a link up or down',
    weight: 14,
    async run(s) {
      const link = s.anyLink()
      return !!link && s.in(link.namespace, 'ip', 'link', 'set', link.name, s.random.next() < 0.75 ? 'up' : 'down')
    },
  },
  {
    name: 'rename a link',
    weight: 5,
    async run(s) {
      const link = s.anyLink()
      if (!link) return false
      const name = s.fresh('re')
      if (!(await s.in(link.namespace, 'ip', 'link', 'set', link.name, 'name', name))) return false
      link.name = name
      return true
    },
  },
  {
    name: 'change MTU, MAC, alias, promiscuity, queue length or an alternative name',
    weight: 8,
    async run(s) {
      const link = s.anyLink()
      if (!link) return false
      const set = ['ip', 'link', 'set', link.name]
      const options = [
        [...set, 'mtu', String(1200 + s.random.below(300))],
        [...set, 'address', mac(s.random)],
        [...set, 'alias', `note ${s.counter}`],
        [...set, 'promisc', s.random.next() < 0.5 ? 'on' : 'off'],
        [...set, 'txqueuelen', String(100 + s.random.below(900))],
        ['ip', 'link', 'property', 'add', 'dev', link.name, 'altname', s.fresh('altname-')],
      ]
      return s.in(link.namespace, ...(options[s.random.below(options.length)] ?? []))
    },
  },
  {
    name: 'change a bridge or a port',
    weight: 5,
    async run(s) {
      const bridge = s.random.pick(s.bridges)
      if (!bridge) return false
      const type = ['ip', 'link', 'set', bridge.name, 'type', 'bridge']
      const port = s.random.pick(s.links.filter((l) => l.namespace === bridge.namespace))
      const options = [
        [...type, 'stp_state', String(s.random.below(2))],
        [...type, 'ageing_time', String(1000 * (1 + s.random.below(60)))],
        [...type, 'priority', String(4096 * s.random.below(15))],
        ...(port ? [['bridge', 'link', 'set', 'dev', port.name, 'hairpin', s.random.next() < 0.5 ? 'on' : 'off']] : []),
        ...(port
          ? [['bridge', 'link', 'set', 'dev', port.name, 'isolated', s.random.next() < 0.5 ? 'on' : 'off']]
          : []),
      ]
      return s.in(bridge.namespace, ...(options[s.random.below(options.length)] ?? []))
    },
  },
  {
    name: 'move a link to another namespace',
    weight: 6,
    async run(s) {
      const link = s.random.pick(s.links.filter((l) => !s.bridges.includes(l)))
      const to = s.anyNamespace()
      if (!link || to === link.namespace) return false
      if (!(await s.in(link.namespace, 'ip', 'link', 'set', link.name, 'netns', to || '1'))) return false
      link.namespace = to
      return true
    },
  },
  {
    name: 'delete a link',
    weight: 5,
    async run(s) {
      const link = s.anyLink()
      if (!link || !(await s.in(link.namespace, 'ip', 'link', 'del', link.name))) return false
      remove(s.links, (l) => l === link)
      remove(s.bridges, (b) => b === link)
      return true
    },
  },
]

const namespaces: Change[] = [
  {
    name: 'add a namespace',
    weight: 5,
    async run(s) {
      const name = s.fresh('ns')
      if (!(await s.in('', 'ip', 'netns', 'add', name))) return false
      s.namespaces.push(name)
      return s.random.next() < 0.5 ? s.in(name, 'ip', 'link', 'set', 'lo', 'up') : true
    },
  },
  {
    name: 'delete a namespace with all that is in it',
    weight: 2,
    async run(s) {
      const name = s.random.pick(s.namespaces)
      if (!name || !(await s.in('', 'ip', 'netns', 'del', name))) return false
      remove(s.namespaces, (n) => n === name)
      s.forget(name)
      return true
    },
  },
]

const layer3: Change[] = [
  {
    name: 'add an address',
    weight: 14,
    async run(s) {
      const link = s.anyLink()
      if (!link) return false
      const six = s.random.next() < 0.25
      const prefix = six ? `fd00:${s.random.below(99)}::${1 + s.random.below(99)}/64` : `${address(s.random)}/24`
      return s.in(link.namespace, 'ip', 'addr', 'add', prefix, 'dev', link.name, ...(six ? ['nodad'] : []))
    },
  },
  {
    name: 'delete the addresses of a link',
    weight: 4,
    async run(s) {
      const link = s.anyLink()
      return !!link && s.in(link.namespace, 'ip', 'addr', 'flush', 'dev', link.name)
    },
  },
  {
    name: 'add a route',
    weight: 8,
    async run(s) {
      const link = s.anyLink()
      if (!link) return false
      const r = s.random
      const table = r.next() < 0.4 ? ['table', String(100 + r.below(5))] : []
      const metric = r.next() < 0.3 ? ['metric', String(1 + r.below(500))] : []
      const dst = `10.${100 + r.below(50)}.${r.below(200)}.0/24`
      const options = [
        ['ip', 'route', 'add', dst, 'dev', link.name, ...table, ...metric],
        ['ip', 'route', 'add', 'blackhole', dst, ...table, ...metric],
        ['ip', 'route', 'add', 'unreachable', dst, ...table],
        ['ip', '-6', 'route', 'add', `fd01:${r.below(999)}::/64`, 'dev', link.name, ...table],
        ['ip', 'route', 'add', dst, 'via', address(r), 'dev', link.name, 'onlink', ...table],
      ]
      return s.in(link.namespace, ...(options[r.below(options.length)] ?? []))
    },
  },
  {
    name: 'flush the routes of a table',
    weight: 2,
    run: (s) => s.in(s.anyNamespace(), 'ip', 'route', 'flush', 'table', String(100 + s.random.below(5))),
  },
  {
    name: 'add or delete a policy rule',
    weight: 5,
    async run(s) {
      const priority = String(1000 + s.random.below(8))
      const namespace = s.anyNamespace()
      if (s.random.next() < 0.35) return s.in(namespace, 'ip', 'rule', 'del', 'priority', priority)
      const selectors = [
        ['from', `${address(s.random)}/32`],
        ['to', '10.9.0.0/16'],
        ['fwmark', String(1 + s.random.below(9))],
        ['iif', 'lo'],
      ]
      const selector = selectors[s.random.below(selectors.length)] ?? []
      return s.in(
        namespace,
        'ip',
        'rule',
        'add',
        'priority',
        priority,
        ...selector,
        'lookup',
        String(100 + s.random.below(5)),
      )
    },
  },
  {
    name: 'add or delete a neighbour',
    weight: 8,
    async run(s) {
      const link = s.anyLink()
      if (!link) return false
      const to = `10.222.0.${1 + s.random.below(6)}`
      const r = s.random.next()
      if (r < 0.3) return s.in(link.namespace, 'ip', 'neigh', 'del', to, 'dev', link.name)
      if (r < 0.4) return s.in(link.namespace, 'ip', 'neigh', 'add', 'proxy', to, 'dev', link.name)
      return s.in(
        link.namespace,
        'ip',
        'neigh',
        'replace',
        to,
        'lladdr',
        mac(s.random),
        'dev',
        link.name,
        'nud',
        'permanent',
      )
    },
  },
  {
    name: 'add or delete an entry of a CAM table',
    weight: 6,
    async run(s) {
      const link = s.anyLink()
      if (!link) return false
      const verb = s.random.next() < 0.7 ? 'add' : 'del'
      const entry = `02:00:00:00:00:0${1 + s.random.below(5)}`
      return s.in(link.namespace, 'bridge', 'fdb', verb, entry, 'dev', link.name, 'master', 'static')
    },
  },
  {
    name: 'throw a switch',
    weight: 4,
    run: (s) => {
      const namespace = s.random.pick(s.namespaces)
      if (!namespace) return Promise.resolve(false)
      const link = s.random.pick(s.links.filter((l) => l.namespace === namespace))?.name ?? 'lo'
      const switches = [
        `net.ipv4.ip_forward=${s.random.below(2)}`,
        `net.ipv6.conf.all.forwarding=${s.random.below(2)}`,
        `net.ipv4.conf.${link}.rp_filter=${s.random.below(3)}`,
        `net.ipv4.conf.all.rp_filter=${s.random.below(3)}`,
        `net.ipv4.conf.${link}.proxy_arp=${s.random.below(2)}`,
        `net.bridge.bridge-nf-call-iptables=${s.random.below(2)}`,
      ]
      return s.in(namespace, 'sysctl', '-qw', s.random.pick(switches) ?? '')
    },
  },
  {
    name: 'listen, or stop listening',
    weight: 4,
    async run(s) {
      const listener = s.random.next() < 0.4 && s.listeners.pop()
      if (listener) {
        // It may have ended by itself: nobody listens in a namespace that is gone.
        if (listener.exitCode !== null) return false
        const ended = once(listener, 'exit')
        listener.kill('SIGKILL')
        await ended
        return true
      }
      const namespace = s.anyNamespace()
      const prefix = namespace ? ['nsenter', `--net=/run/netns/${namespace}`] : []
      const how = s.random.pick([[], ['-u'], ['-s', '127.0.0.1']]) ?? []
      const port = String(10_000 + s.counter++)
      s.listeners.push(s.host.spawn([...prefix, 'busybox', 'nc', '-l', ...how, '-p', port], { stdio: 'ignore' }))
      return true
    },
  },
]

const rules: Change[] = [
  {
    name: 'add an iptables rule, either back end',
    weight: 9,
    run(s) {
      const program = s.random.pick(['iptables-nft', 'iptables-legacy', 'ip6tables-nft', 'iptables-nft']) ?? ''
      const place =
        s.random.pick([
          ['filter', 'INPUT'],
          ['filter', 'FORWARD'],
          ['mangle', 'PREROUTING'],
          ['filter', 'OUTPUT'],
        ]) ?? []
      const [table = '', chain = ''] = place
      const match =
        s.random.pick([
          ['-p', 'tcp', '--dport', String(1 + s.random.below(9000))],
          ['-i', 'lo'],
          ['-m', 'comment', '--comment', `rule number ${s.counter}`],
        ]) ?? []
      const how = s.random.next() < 0.5 ? '-A' : '-I'
      return s.in(
        s.anyNamespace(),
        program,
        '-w',
        '-t',
        table,
        how,
        chain,
        ...match,
        '-j',
        s.random.pick(['ACCEPT', 'DROP', 'RETURN']) ?? '',
      )
    },
  },
  {
    name: 'delete an iptables rule by its place',
    weight: 4,
    run(s) {
      const program = s.random.pick(['iptables-nft', 'iptables-legacy', 'ip6tables-nft']) ?? ''
      return s.in(s.anyNamespace(), program, '-w', '-D', s.random.pick(['INPUT', 'OUTPUT']) ?? '', '1')
    },
  },
  {
    name: 'add an iptables chain and a jump to it',
    weight: 3,
    async run(s) {
      const program = s.random.pick(['iptables-nft', 'iptables-legacy']) ?? ''
      const namespace = s.anyNamespace()
      const chain = s.fresh('CHAIN-')
      return (
        (await s.in(namespace, program, '-w', '-N', chain)) &&
        s.in(namespace, program, '-w', '-A', 'INPUT', '-j', chain)
      )
    },
  },
  {
    name: 'add native nftables',
    weight: 6,
    async run(s) {
      const namespace = s.anyNamespace()
      await s.in(namespace, 'nft', 'add', 'table', 'inet', 'own')
      const base = '{ type filter hook input priority 10; policy accept; }'
      if (!(await s.in(namespace, 'nft', `add chain inet own input ${base}`))) return false
      return s.in(
        namespace,
        'nft',
        `add rule inet own input tcp dport ${1 + s.random.below(9000)} counter accept comment "n ${s.counter}"`,
      )
    },
  },
  {
    name: 'flush or delete native nftables',
    weight: 2,
    run: (s) => s.in(s.anyNamespace(), 'nft', s.random.pick(['flush', 'delete']) ?? '', 'table', 'inet', 'own'),
  },
  {
    name: 'make connections',
    weight: 3,
    async run(s) {
      const container = s.random.pick(s.containers)
      return !!container && s.docker('exec', container, 'ping', '-c', '1', '-W', '1', '192.168.66.1')
    },
  },
  { name: 'flush connection tracking', weight: 1, run: (s) => s.in('', 'conntrack', '-F') },
]

const docker: Change[] = [
  {
    name: 'start a container',
    weight: 6,
    async run(s) {
      const name = s.fresh('c')
      const r = s.random
      const other = r.pick(s.containers)
      const modes = [
        [],
        [],
        ['--network', 'none'],
        ['--network', 'host'],
        ...s.networks.map((n) => ['--network', n]),
        ...(other ? [['--network', `container:${other}`]] : []),
      ]
      const mode = r.pick(modes) ?? []
      const bridged = mode.length === 0 || s.networks.includes(mode[1] ?? '')
      const ports = [
        [],
        ['-p', `${20000 + s.counter}:80`],
        ['-p', `127.0.0.1::8${r.below(9)}`],
        ['-p', `${30000 + s.counter}:53/udp`],
      ]
      const port = bridged ? (r.pick(ports) ?? []) : []
      if (!(await s.docker('run', '-d', '--name', name, ...mode, ...port, 'busybox', 'sleep', '100000'))) return false
      s.containers.push(name)
      return true
    },
  },
  {
    name: 'kill, stop and start, pause or remove a container',
    weight: 5,
    async run(s) {
      const name = s.random.pick(s.containers)
      if (!name) return false
      const what = s.random.below(5)
      if (what === 0) return s.docker('kill', name)
      if (what === 1) return s.docker('start', name)
      if (what === 2) return s.docker('pause', name)
      if (what === 3) return s.docker('unpause', name)
      if (!(await s.docker('rm', '-f', name))) return false
      remove(s.containers, (c) => c === name)
      return true
    },
  },
  {
    name: 'rename a container',
    weight: 2,
    async run(s) {
      const index = s.random.below(s.containers.length)
      const was = s.containers[index]
      const name = s.fresh('renamed')
      if (!was || !(await s.docker('rename', was, name))) return false
      s.containers[index] = name
      return true
    },
  },
  {
    name: 'add or remove a network',
    weight: 2,
    async run(s) {
      if (s.networks.length > 2 || s.random.next() < 0.3) {
        const name = s.random.pick(s.networks)
        if (!name || !(await s.docker('network', 'rm', name))) return false
        remove(s.networks, (n) => n === name)
        return true
      }
      const name = s.fresh('net')
      if (!(await s.docker('network', 'create', ...(s.random.next() < 0.3 ? ['--internal'] : []), name))) return false
      s.networks.push(name)
      return true
    },
  },
  {
    name: 'connect a container to a network, or disconnect it',
    weight: 4,
    async run(s) {
      const network = s.random.pick(s.networks)
      const container = s.random.pick(s.containers)
      if (!network || !container) return false
      return s.docker('network', s.random.next() < 0.65 ? 'connect' : 'disconnect', network, container)
    },
  },
]

export const CHANGES: readonly Change[] = [...links, ...namespaces, ...layer3, ...rules, ...docker]

/** A change by weight. */
export function pickChange(random: Random): Change {
  let left = random.next() * CHANGES.reduce((sum, c) => sum + c.weight, 0)
  for (const change of CHANGES) {
    left -= change.weight
    if (left < 0) return change
  }
  throw new Error('unreachable: the weights add up to the sum')
}
