import { makeNetns, type TestNetns } from './netns.ts'

/** A namespace with one of everything that rtnetlink knows on this kernel, and a second one that a veth leads to. */
export type Scene = { netns: TestNetns; other: TestNetns; remove: () => void }

export function makeScene(): Scene {
  const netns = makeNetns()
  const other = makeNetns()
  const remove = () => {
    netns.remove()
    other.remove()
  }
  try {
    addLinks(netns, other)
    addAddressesAndRoutes(netns)
  } catch (cause) {
    remove()
    throw cause
  }
  return { netns, other, remove }
}

function addLinks({ ip, run }: TestNetns, other: TestNetns): void {
  ip('link', 'set', 'lo', 'up')
  ip('link', 'add', 'br0', 'address', '02:00:00:00:00:b0', 'type', 'bridge', 'stp_state', '1', 'priority', '4096')
  ip(
    'link',
    'add',
    'v0',
    'address',
    '02:00:00:00:00:a0',
    'type',
    'veth',
    'peer',
    'name',
    'v1',
    'address',
    '02:00:00:00:00:a1',
  )
  ip('link', 'add', 'far0', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', other.name)
  ip('link', 'set', 'v0', 'master', 'br0')
  run('bridge', 'link', 'set', 'dev', 'v0', 'hairpin', 'on', 'isolated', 'on', 'cost', '77')
  ip('link', 'add', 'mv0', 'link', 'v1', 'type', 'macvlan', 'mode', 'bridge')
  ip('link', 'add', 'mvt0', 'link', 'v1', 'type', 'macvtap', 'mode', 'vepa')
  ip(
    'link',
    'add',
    'vx0',
    'type',
    'vxlan',
    'id',
    '42',
    'local',
    '10.0.0.1',
    'dev',
    'br0',
    'dstport',
    '4789',
    'group',
    '239.1.1.1',
  )
  ip(
    'link',
    'add',
    'vx6',
    'type',
    'vxlan',
    'id',
    '43',
    'local',
    '2001:db8::1',
    'dstport',
    '8472',
    'nolearning',
    'proxy',
    'l2miss',
    'l3miss',
    'ttl',
    '9',
  )
  ip('tuntap', 'add', 'tap0', 'mode', 'tap', 'user', '0')
  ip('tuntap', 'add', 'tun0', 'mode', 'tun', 'multi_queue')
  ip('link', 'set', 'br0', 'alias', 'the bridge — 网桥')
  ip('link', 'property', 'add', 'dev', 'br0', 'altname', 'backbone')
  ip('link', 'set', 'mv0', 'mtu', '1400', 'txqlen', '77')
  for (const name of ['br0', 'v0', 'v1', 'far0', 'vx0', 'vx6', 'mv0']) ip('link', 'set', name, 'up')
  ip('link', 'set', 'v1', 'promisc', 'on')
}

function addAddressesAndRoutes({ ip, run }: TestNetns): void {
  ip('addr', 'add', '10.9.0.1/24', 'brd', '+', 'dev', 'br0')
  ip('addr', 'add', '10.9.0.2/24', 'dev', 'br0', 'label', 'br0:second', 'valid_lft', '5000', 'preferred_lft', '4000')
  ip('addr', 'add', '10.8.0.1', 'peer', '10.8.0.2/32', 'dev', 'far0', 'scope', 'link')
  ip('addr', 'add', '2001:db8:1::1/64', 'dev', 'br0', 'nodad', 'noprefixroute')
  ip('addr', 'add', '::ffff:192.0.2.1/128', 'dev', 'far0', 'nodad')
  ip('route', 'add', 'default', 'via', '10.9.0.254', 'metric', '100')
  ip('route', 'add', '10.20.0.0/16', 'via', '10.9.0.253', 'src', '10.9.0.1', 'mtu', '1300', 'table', '100')
  ip(
    'route',
    'add',
    '10.21.0.0/16',
    'nexthop',
    'via',
    '10.9.0.251',
    'weight',
    '3',
    'nexthop',
    'via',
    '10.9.0.252',
    'weight',
    '1',
  )
  ip('route', 'add', 'blackhole', '10.22.0.0/16')
  ip('route', 'add', '10.23.0.0/16', 'via', '192.168.77.1', 'dev', 'br0', 'onlink')
  ip('route', 'add', '10.24.0.0/16', 'via', 'inet6', '2001:db8:1::99', 'dev', 'br0', 'onlink')
  ip('-6', 'route', 'add', 'default', 'via', '2001:db8:1::fe', 'dev', 'br0', 'onlink', 'pref', 'high')
  ip('-6', 'route', 'add', '2001:db8:2::/48', 'via', '2001:db8:1::99', 'dev', 'br0', 'onlink', 'expires', '900')
  ip('-6', 'route', 'add', 'unreachable', '2001:db8:3::/48', 'metric', '50')
  ip('rule', 'add', 'priority', '100', 'from', '10.9.0.0/24', 'fwmark', '0x10/0xff', 'table', '100')
  ip(
    'rule',
    'add',
    'priority',
    '110',
    'not',
    'to',
    '10.50.0.0/16',
    'iif',
    'br0',
    'ipproto',
    'tcp',
    'dport',
    '80-90',
    'unreachable',
  )
  ip('rule', 'add', 'priority', '120', 'table', 'main', 'suppress_prefixlength', '0')
  ip('rule', 'add', 'priority', '130', 'oif', 'v1', 'uidrange', '1000-2000', 'goto', '32766')
  ip('-6', 'rule', 'add', 'priority', '100', 'from', '2001:db8::/32', 'sport', '53', 'table', '100')
  ip('neigh', 'add', '10.9.0.77', 'lladdr', '02:00:00:00:00:77', 'dev', 'br0', 'nud', 'permanent')
  ip('neigh', 'add', '10.9.0.78', 'lladdr', '02:00:00:00:00:78', 'dev', 'br0', 'nud', 'stale', 'extern_learn')
  ip('neigh', 'add', '2001:db8:1::77', 'lladdr', '02:00:00:00:00:79', 'dev', 'br0', 'router', 'nud', 'permanent')
  run('bridge', 'fdb', 'add', '02:00:00:00:00:cc', 'dev', 'v0', 'master', 'static')
  run('bridge', 'fdb', 'add', '02:00:00:00:00:cd', 'dev', 'v0', 'master', 'dynamic', 'extern_learn')
  run(
    'bridge',
    'fdb',
    'append',
    '00:00:00:00:00:00',
    'dev',
    'vx6',
    'dst',
    '2001:db8::2',
    'port',
    '4790',
    'vni',
    '99',
    'via',
    'br0',
  )
  run('bridge', 'fdb', 'add', '02:00:00:00:00:ce', 'dev', 'vx0', 'dst', '10.0.0.9')
}
