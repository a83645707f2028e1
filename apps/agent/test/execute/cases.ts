import type { Command } from '@hopscope/protocol'

export type Case = {
  command: Command
  /** A program and what its answer must hold once the command is done. */
  shows: { argv: readonly string[]; holds: RegExp }
  /** Every step is one of another case as well, whose failures and kills are tried. */
  quick?: true
  /** The same command with an input that cannot work, and the code of the refusal. */
  refused: { command: Command; code: string }
}

const ip = (...words: string[]) => ['ip', ...words]

/** One case or more for every command, on the host that `prepare` has made. */
export const CASES: readonly Case[] = [
  {
    command: { do: 'link.up', netns: 'root', link: 'off0' },
    shows: { argv: ip('link', 'show', 'off0'), holds: /[<,]UP[,>]/ },
    refused: { command: { do: 'link.up', netns: 'root', link: 'br0' }, code: 'NOTHING_TO_DO' },
  },
  {
    command: { do: 'link.down', netns: 'blue', link: 'eth0' },
    shows: { argv: ip('-n', 'blue', 'link', 'show', 'eth0'), holds: /state DOWN/ },
    refused: { command: { do: 'link.down', netns: 'root', link: 'off0' }, code: 'NOTHING_TO_DO' },
  },
  {
    command: { do: 'link.rename', netns: 'root', link: 'off0', to: 'new0' },
    shows: { argv: ip('link', 'show', 'new0'), holds: /new0/ },
    refused: { command: { do: 'link.rename', netns: 'root', link: 'off0', to: 'br0' }, code: 'NAME_TAKEN' },
  },
  {
    command: { do: 'link.mtu', netns: 'blue', link: 'eth0', mtu: 1400 },
    shows: { argv: ip('-n', 'blue', 'link', 'show', 'eth0'), holds: /mtu 1400/ },
    refused: { command: { do: 'link.mtu', netns: 'root', link: 'mv0', mtu: 9000 }, code: 'MTU_TOO_LARGE' },
  },
  {
    command: { do: 'link.mtu', netns: 'blue', link: 'eth0', mtu: 1000 },
    shows: { argv: ip('-n', 'blue', 'link', 'show', 'eth0'), holds: /mtu 1000/ },
    refused: { command: { do: 'link.mtu', netns: 'blue', link: 'none0', mtu: 1000 }, code: 'LINK_MISSING' },
  },
  {
    command: { do: 'link.mac', netns: 'blue', link: 'eth0', mac: '02:00:00:00:99:01' },
    shows: { argv: ip('-n', 'blue', 'link', 'show', 'eth0'), holds: /02:00:00:00:99:01/ },
    refused: { command: { do: 'link.mac', netns: 'root', link: 'lo', mac: '02:00:00:00:99:01' }, code: 'NO_MAC' },
  },
  {
    command: { do: 'link.promisc', netns: 'blue', link: 'eth0', on: true },
    shows: { argv: ip('-n', 'blue', 'link', 'show', 'eth0'), holds: /PROMISC/ },
    refused: { command: { do: 'link.promisc', netns: 'blue', link: 'eth0', on: false }, code: 'NOTHING_TO_DO' },
  },
  {
    command: { do: 'link.move', netns: 'blue', link: 'side0', to: 'green' },
    shows: { argv: ip('-n', 'green', 'link', 'show', 'side0'), holds: /side0/ },
    refused: { command: { do: 'link.move', netns: 'root', link: 'blue0', to: 'green' }, code: 'LINK_IS_PORT' },
  },
  {
    command: { do: 'link.attach', netns: 'root', link: 'off1', bridge: 'br0' },
    shows: { argv: ip('link', 'show', 'off1'), holds: /master br0/ },
    refused: { command: { do: 'link.attach', netns: 'root', link: 'off0', bridge: 'br0' }, code: 'LINK_CARRIES' },
  },
  {
    command: { do: 'link.detach', netns: 'root', link: 'blue0' },
    shows: { argv: ip('link', 'show', 'blue0'), holds: /blue0(?![\s\S]*master)/ },
    refused: { command: { do: 'link.detach', netns: 'root', link: 'off0' }, code: 'LINK_NOT_PORT' },
  },
  {
    command: { do: 'link.delete', netns: 'blue', link: 'eth0' },
    shows: { argv: ip('-n', 'blue', '-br', 'link'), holds: /^(?![\s\S]*eth0)/ },
    refused: { command: { do: 'link.delete', netns: 'root', link: 'lo' }, code: 'LINK_IS_LOOPBACK' },
  },
  {
    command: { do: 'link.delete', netns: 'root', link: 'br0' },
    shows: { argv: ip('-br', 'link'), holds: /^(?![\s\S]*br0)/ },
    refused: { command: { do: 'link.delete', netns: 'root', link: 'none0' }, code: 'LINK_MISSING' },
  },
  {
    command: { do: 'link.delete', netns: 'root', link: 'mv0' },
    shows: { argv: ip('-br', 'link'), holds: /^(?![\s\S]*mv0)/ },
    refused: { command: { do: 'link.delete', netns: 'nowhere', link: 'mv0' }, code: 'NETNS_MISSING' },
  },
  {
    command: { do: 'link.delete', netns: 'root', link: 'vx0' },
    shows: { argv: ip('-br', 'link'), holds: /^(?![\s\S]*vx0)/ },
    refused: { command: { do: 'link.delete', netns: 'nowhere', link: 'mv0' }, code: 'NETNS_MISSING' },
  },
  {
    command: { do: 'veth.create', netns: 'root', name: 'new0', peer: { netns: 'green', name: 'new1' } },
    shows: { argv: ip('-n', 'green', 'link', 'show', 'new1'), holds: /alias made by Hopscope/ },
    refused: {
      command: { do: 'veth.create', netns: 'root', name: 'new0', peer: { netns: 'blue', name: 'eth0' } },
      code: 'NAME_TAKEN',
    },
  },
  {
    command: { do: 'bridge.create', netns: 'green', name: 'br7', stp: true },
    shows: { argv: ip('-n', 'green', '-d', 'link', 'show', 'br7'), holds: /stp_state 1/ },
    refused: { command: { do: 'bridge.create', netns: 'root', name: 'br0' }, code: 'NAME_TAKEN' },
  },
  {
    command: { do: 'macvlan.create', netns: 'root', name: 'mv7', parent: 'off0', mode: 'bridge' },
    shows: { argv: ip('-d', 'link', 'show', 'mv7'), holds: /macvlan mode bridge/ },
    refused: {
      command: { do: 'macvlan.create', netns: 'root', name: 'mv7', parent: 'lo', mode: 'bridge' },
      code: 'NO_MAC',
    },
  },
  {
    command: {
      do: 'vxlan.create',
      netns: 'root',
      name: 'vx7',
      vni: 77,
      port: 4789,
      local: '10.5.0.1',
      remote: '10.5.0.9',
    },
    shows: { argv: ip('-d', 'link', 'show', 'vx7'), holds: /vxlan id 77 remote 10\.5\.0\.9 local 10\.5\.0\.1/ },
    refused: { command: { do: 'vxlan.create', netns: 'root', name: 'vx7', vni: 5, port: 4789 }, code: 'VNI_TAKEN' },
  },
  {
    command: { do: 'address.add', netns: 'blue', link: 'eth0', address: '10.7.0.2/24' },
    shows: { argv: ip('-n', 'blue', 'address', 'show', 'eth0'), holds: /10\.7\.0\.2\/24 brd 10\.7\.0\.255/ },
    refused: {
      command: { do: 'address.add', netns: 'root', link: 'off0', address: '10.5.0.1/24' },
      code: 'ADDRESS_TAKEN',
    },
  },
  {
    command: { do: 'address.add', netns: 'blue', link: 'eth0', address: '2001:db8:7::2/64' },
    shows: { argv: ip('-n', 'blue', '-6', 'address', 'show', 'eth0'), holds: /2001:db8:7::2\/64/ },
    refused: {
      command: { do: 'address.add', netns: 'blue', link: 'eth0', address: '10.5.0.2/24' },
      code: 'NOTHING_TO_DO',
    },
  },
  {
    command: { do: 'address.delete', netns: 'blue', link: 'eth0', address: '10.5.0.2/24' },
    shows: { argv: ip('-n', 'blue', 'address', 'show', 'eth0'), holds: /^(?![\s\S]*10\.5\.0\.2)/ },
    refused: {
      command: { do: 'address.delete', netns: 'blue', link: 'eth0', address: '10.5.0.77/24' },
      code: 'ADDRESS_MISSING',
    },
  },
  {
    command: { do: 'route.add', netns: 'blue', dst: '10.66.0.0/16', via: '10.5.0.1', table: 254, type: 'unicast' },
    shows: { argv: ip('-n', 'blue', 'route'), holds: /10\.66\.0\.0\/16 via 10\.5\.0\.1/ },
    refused: {
      command: { do: 'route.add', netns: 'blue', dst: '10.66.0.0/16', via: '10.99.0.1', table: 254, type: 'unicast' },
      code: 'GATEWAY_UNREACHABLE',
    },
  },
  {
    command: { do: 'route.add', netns: 'blue', dst: '10.67.0.0/16', table: 100, type: 'blackhole' },
    shows: { argv: ip('-n', 'blue', 'route', 'show', 'table', '100'), holds: /blackhole 10\.67\.0\.0\/16/ },
    refused: {
      command: { do: 'route.add', netns: 'blue', dst: '10.66.0.0/16', table: 254, type: 'unicast' },
      code: 'ROUTE_NEEDS_WAY',
    },
  },
  {
    command: { do: 'route.delete', netns: 'blue', dst: '10.77.0.0/16', table: 254 },
    shows: { argv: ip('-n', 'blue', 'route'), holds: /^(?![\s\S]*10\.77)/ },
    refused: { command: { do: 'route.delete', netns: 'blue', dst: '10.78.0.0/16', table: 254 }, code: 'ROUTE_MISSING' },
  },
  {
    command: { do: 'route.replaceDefault', netns: 'blue', via: '10.5.0.9' },
    shows: { argv: ip('-n', 'blue', 'route'), holds: /default via 10\.5\.0\.9/ },
    refused: { command: { do: 'route.replaceDefault', netns: 'blue', via: '10.5.0.1' }, code: 'NOTHING_TO_DO' },
  },
  {
    command: { do: 'neighbour.add', netns: 'blue', link: 'eth0', address: '10.5.0.200', mac: '02:00:00:00:00:c8' },
    shows: { argv: ip('-n', 'blue', 'neigh'), holds: /10\.5\.0\.200 .*02:00:00:00:00:c8 PERMANENT/ },
    refused: {
      command: { do: 'neighbour.add', netns: 'root', link: 'off0', address: '10.5.0.200', mac: '02:00:00:00:00:c8' },
      code: 'LINK_DOWN',
    },
  },
  {
    command: { do: 'neighbour.delete', netns: 'blue', link: 'eth0', address: '10.5.0.50' },
    shows: { argv: ip('-n', 'blue', 'neigh'), holds: /^(?![\s\S]*10\.5\.0\.50 )/ },
    refused: {
      command: { do: 'neighbour.delete', netns: 'blue', link: 'eth0', address: '10.5.0.51' },
      code: 'NEIGHBOUR_MISSING',
    },
  },
  {
    command: { do: 'neighbour.flush', netns: 'blue', link: 'eth0' },
    shows: { argv: ip('-n', 'blue', 'neigh'), holds: /^(?![\s\S]*10\.5\.0\.50 )/ },
    refused: { command: { do: 'neighbour.flush', netns: 'root', link: 'off0' }, code: 'NOTHING_TO_DO' },
  },
  {
    command: { do: 'fdb.add', netns: 'root', link: 'blue0', mac: '02:00:00:00:0f:01' },
    shows: { argv: ['bridge', 'fdb', 'show', 'dev', 'blue0'], holds: /02:00:00:00:0f:01 master br0 static/ },
    refused: {
      command: { do: 'fdb.add', netns: 'root', link: 'off0', mac: '02:00:00:00:0f:01' },
      code: 'LINK_NOT_PORT',
    },
  },
  {
    command: { do: 'fdb.delete', netns: 'root', link: 'blue0', mac: '02:00:00:00:0f:02' },
    shows: { argv: ['bridge', 'fdb', 'show', 'dev', 'blue0'], holds: /^(?![\s\S]*0f:02)/ },
    refused: {
      command: { do: 'fdb.delete', netns: 'root', link: 'blue0', mac: '02:00:00:00:0f:09' },
      code: 'FDB_MISSING',
    },
  },
  {
    command: { do: 'netns.add', name: 'red' },
    shows: { argv: ip('netns', 'list'), holds: /red/ },
    refused: { command: { do: 'netns.add', name: 'blue' }, code: 'NETNS_TAKEN' },
  },
  {
    command: { do: 'netns.delete', name: 'blue' },
    shows: { argv: ip('netns', 'list'), holds: /^(?![\s\S]*blue)/ },
    refused: { command: { do: 'netns.delete', name: 'busy' }, code: 'NETNS_BUSY' },
  },
  {
    command: { do: 'sysctl.set', netns: 'blue', key: 'ip_forward', value: 1 },
    shows: { argv: ip('netns', 'exec', 'blue', 'cat', '/proc/sys/net/ipv4/ip_forward'), holds: /^1/ },
    refused: { command: { do: 'sysctl.set', netns: 'blue', key: 'ip_forward', value: 2 }, code: 'VALUE_OUT_OF_RANGE' },
  },
  {
    command: { do: 'sysctl.set', netns: 'blue', key: 'rp_filter', link: 'eth0', value: 2 },
    shows: { argv: ip('netns', 'exec', 'blue', 'cat', '/proc/sys/net/ipv4/conf/eth0/rp_filter'), holds: /^2/ },
    refused: { command: { do: 'sysctl.set', netns: 'blue', key: 'proxy_arp', value: 1 }, code: 'LINK_NEEDED' },
  },
]

/** What the cases are about: lines of `ip -batch` and of `bridge -batch`, by namespace. */
export const HOST = {
  namespaces: ['netns add blue', 'netns add green', 'netns add busy'],
  root: [
    'link add br0 type bridge',
    'link set br0 up',
    'address add 10.5.0.1/24 dev br0',
    'link add blue0 type veth peer name eth0 netns blue',
    'link set blue0 master br0 up',
    'neigh add 10.5.0.60 lladdr 02:00:00:00:00:60 dev br0 nud permanent',
    'link add off0 type veth peer name off1',
    'link add mv0 link off0 type macvlan mode private',
    'link add vx0 type vxlan id 5 dstport 4789 remote 10.5.0.8 local 10.5.0.1',
    'link add side0 netns blue type veth peer name side1',
  ],
  blue: [
    'link set lo up',
    'link set eth0 up',
    'address add 10.5.0.2/24 broadcast + dev eth0',
    'address add 10.5.0.3/24 dev eth0',
    'address add 2001:db8:5::2/64 dev eth0 nodad',
    'route add default via 10.5.0.1',
    'route add 10.77.0.0/16 via 10.5.0.1 metric 7',
    'route add 2001:db8:77::/48 via 2001:db8:5::1',
    'neigh add 10.5.0.50 lladdr 02:00:00:00:00:50 dev eth0 nud permanent',
    'link set side0 mtu 1300 up',
    'address add 10.6.0.2/24 dev side0',
  ],
  fdb: ['fdb add 02:00:00:00:0f:02 dev blue0 master static'],
} as const
