import { address, type Change, mac, remove } from './scene.ts'

export const links: Change[] = [
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
