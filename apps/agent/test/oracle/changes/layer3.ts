import { once } from 'node:events'
import { address, type Change, mac } from './scene.ts'

export const layer3: Change[] = [
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
