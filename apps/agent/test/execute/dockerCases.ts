import type { Command } from '@hopscope/protocol'
import type { Case } from './cases.ts'

const docker = (...words: string[]) => ['docker', ...words]
const run = (command: Partial<Extract<Command, { do: 'container.create' }>>): Command => ({
  do: 'container.create',
  name: 'fresh',
  image: 'busybox:latest',
  network: 'bridge',
  command: ['sleep', 'infinity'],
  ...command,
})

/** What the cases are about, as arguments of "docker". */
export const DOCKER_HOST: readonly (readonly string[])[] = [
  ['network', 'create', '--subnet', '10.61.0.0/24', 'shop'],
  ['network', 'create', '--subnet', '10.64.0.0/24', 'more'],
  ['network', 'create', '--subnet', '10.62.0.0/24', '--label', 'a=b', 'idle'],
  ['run', '-d', '--name', 'web', '-p', '8080:80', 'busybox:latest', 'sleep', 'infinity'],
  [
    'run',
    '-d',
    '--stop-signal',
    'KILL',
    '--name',
    'till',
    '--network',
    'shop',
    '--network-alias',
    'pay',
    '-p',
    '8070:70',
    'busybox:latest',
    'sleep',
    'infinity',
  ],
  [
    ...['run', '-d', '--stop-signal', 'KILL', '--name', 'full', '--hostname', 'full.example', '-p', '8090:80'],
    ...['-p', '127.0.0.1:8091-8092:81-82/udp', '-e', 'PASSWORD=a b#c', '-e', 'EMPTY=', '--user', '0:0', '--restart'],
    ...['unless-stopped', '--volume', '/data', '--memory', '64m', '--label', 'tier=front', '--network', 'shop'],
    ...['--ip', '10.61.0.9', '--network-alias', 'store', '--dns', '10.0.0.53', '--add-host', 'a:10.0.0.5'],
    ...['busybox:latest', 'sleep', 'infinity'],
  ],
  ['network', 'connect', '--ip', '10.64.0.9', '--alias', 'second', 'more', 'full'],
  ['run', '-d', '--name', 'powerful', '--cap-add', 'NET_ADMIN', 'busybox:latest', 'sleep', 'infinity'],
  ['run', '-d', '--name', 'open', '--network', 'host', 'busybox:latest', 'sleep', 'infinity'],
  ['run', '-d', '--stop-signal', 'KILL', '--name', 'rest', 'busybox:latest', 'sleep', 'infinity'],
  ['stop', 'rest'],
]

const FULL =
  '{{json .Config.Env}} {{.Config.User}} {{.HostConfig.RestartPolicy.Name}} {{range .Mounts}}{{.Type}} {{.Destination}}{{end}} {{.HostConfig.Memory}} ' +
  '{{.Config.Labels.tier}} {{.NetworkSettings.Networks.shop.IPAddress}} {{.NetworkSettings.Networks.more.IPAddress}} ' +
  '{{.HostConfig.Dns}} {{.HostConfig.ExtraHosts}} {{.Config.Hostname}} {{json .NetworkSettings.Ports}}'

export const DOCKER_CASES: readonly Case[] = [
  {
    command: {
      do: 'network.create',
      name: 'fresh',
      driver: 'bridge',
      subnet: '10.63.0.0/24',
      gateway: '10.63.0.9',
      internal: true,
    },
    shows: {
      argv: docker('network', 'inspect', '-f', '{{.Internal}} {{(index .IPAM.Config 0).Gateway}}', 'fresh'),
      holds: /true 10\.63\.0\.9/,
    },
    refused: {
      command: { do: 'network.create', name: 'fresh', driver: 'bridge', subnet: '10.61.0.128/25' },
      code: 'SUBNET_TAKEN',
    },
  },
  {
    command: {
      do: 'network.create',
      name: 'six',
      driver: 'bridge',
      subnet: '10.66.0.0/24',
      subnet6: 'fd00:66::/64',
      gateway6: 'fd00:66::9',
      labels: ['team=shop front'],
    },
    shows: {
      argv: docker('network', 'inspect', '-f', '{{.EnableIPv6}} {{.IPAM.Config}} {{.Labels.team}}', 'six'),
      holds: /true .*10\.66\.0\.0\/24.*fd00:66::\/64.*fd00:66::9.* shop front/,
    },
    refused: {
      command: { do: 'network.create', name: 'six', driver: 'bridge', subnet6: 'fd00:66::/64', gateway6: 'fd00:67::9' },
      code: 'OUTSIDE_SUBNET',
    },
    quick: true,
  },
  {
    command: { do: 'network.delete', network: 'idle' },
    shows: { argv: docker('network', 'ls'), holds: /^(?![\s\S]*idle)/ },
    refused: { command: { do: 'network.delete', network: 'shop' }, code: 'NETWORK_BUSY' },
  },
  {
    command: { do: 'network.connect', network: 'shop', container: 'web', address: '10.61.0.50', aliases: ['front'] },
    shows: {
      argv: docker('inspect', '-f', '{{.NetworkSettings.Networks.shop.IPAddress}}', 'web'),
      holds: /10\.61\.0\.50/,
    },
    refused: { command: { do: 'network.connect', network: 'shop', container: 'open' }, code: 'NETWORK_SHARED' },
  },
  {
    command: { do: 'network.disconnect', network: 'shop', container: 'till' },
    shows: { argv: docker('inspect', '-f', '{{.NetworkSettings.Networks}}', 'till'), holds: /map\[\]/ },
    refused: { command: { do: 'network.disconnect', network: 'shop', container: 'web' }, code: 'NOT_CONNECTED' },
  },
  {
    command: run({
      publish: ['127.0.0.1:8081:80', '9000-9001:9000-9001/udp'],
      dns: ['10.0.0.53'],
      hostname: 'fresh.example',
    }),
    shows: { argv: docker('port', 'fresh'), holds: /80\/tcp -> 127\.0\.0\.1:8081/ },
    refused: { command: run({ publish: ['8080:80'] }), code: 'PORT_TAKEN' },
  },
  {
    command: run({ network: 'shop', address: '10.61.0.77' }),
    shows: {
      argv: docker('inspect', '-f', '{{.NetworkSettings.Networks.shop.IPAddress}}', 'fresh'),
      holds: /10\.61\.0\.77/,
    },
    refused: { command: run({ network: 'shop', address: '10.62.0.77' }), code: 'OUTSIDE_SUBNET' },
  },
  {
    command: { do: 'container.start', container: 'rest' },
    shows: { argv: docker('inspect', '-f', '{{.State.Running}}', 'rest'), holds: /true/ },
    refused: { command: { do: 'container.start', container: 'web' }, code: 'NOTHING_TO_DO' },
  },
  {
    command: { do: 'container.stop', container: 'till' },
    shows: { argv: docker('inspect', '-f', '{{.State.Running}}', 'till'), holds: /false/ },
    refused: { command: { do: 'container.stop', container: 'rest' }, code: 'NOTHING_TO_DO' },
  },
  {
    command: { do: 'port.publish', container: 'full', publish: '8099:83', by: 'recreate' },
    shows: {
      argv: docker('inspect', '-f', FULL, 'full'),
      holds:
        // The docker command puts what it was given with "-e" in any order.
        /^\["(?:PASSWORD=a b#c","EMPTY=|EMPTY=","PASSWORD=a b#c)"\] 0:0 unless-stopped volume \/data 67108864 front 10\.61\.0\.9 10\.64\.0\.9 \[10\.0\.0\.53\] \[a:10\.0\.0\.5\] full\.example .*"HostPort":"8090".*"HostPort":"8091".*"HostPort":"8092".*"HostPort":"8099"/,
    },
    refused: {
      command: { do: 'port.publish', container: 'powerful', publish: '8099:83', by: 'recreate' },
      code: 'RECREATE_POWER',
    },
  },
  {
    command: { do: 'port.unpublish', container: 'till', publish: '8070:70', by: 'recreate' },
    shows: {
      argv: docker('inspect', '-f', '{{.State.Running}} {{.NetworkSettings.Ports}}', 'till'),
      holds: /true map\[\]/,
    },
    refused: {
      command: { do: 'port.unpublish', container: 'till', publish: '8071:71', by: 'recreate' },
      code: 'NOT_PUBLISHED',
    },
    quick: true,
  },
  {
    command: { do: 'port.publish', container: 'till', publish: '9200-9201:80-81/udp', by: 'rules' },
    shows: { argv: ['iptables-save', '-t', 'nat'], holds: /--dport 9200:9201 .*hopscope:till:9200-9201->80-81\/udp/ },
    refused: {
      command: { do: 'port.publish', container: 'till', publish: '127.0.0.1:9200:80', by: 'rules' },
      code: 'LOOPBACK_BY_RULES',
    },
  },
]
