import type { CommandName } from '@hopscope/protocol'
import type { Messages } from '../../../i18n/messages.ts'

type Texts = Messages['changes']
export type FieldLabel = keyof Texts['field']
/** What a text must look like; the catalogue says it in words under `wrong`. */
export type Format = keyof Texts['wrong']
/** Which links of a namespace can be chosen. */
export type Among = 'any' | 'bridges' | 'pluggable' | 'ethernet'

type Common = {
  /** Where it stands in the command; a dot leads into an object. */
  path: string
  label: FieldLabel
  /** May be left empty. */
  optional?: true
}
/** One input of a command's form. */
export type Field = Common &
  (
    | { kind: 'text' | 'number'; format: Format; example: string }
    | { kind: 'netns' }
    /** `of`: the path that names their namespace. */
    | { kind: 'link'; among: Among; of?: string }
    | { kind: 'word'; words: readonly string[]; as?: 'number' | 'boolean' }
    | { kind: 'switch' }
    | { kind: 'container' }
    /** One of the images that the host has. */
    | { kind: 'image' }
    /** One of Docker's networks; with `modes`, also the other ways a container may have its network. */
    | { kind: 'network'; modes?: true }
    /** Words in one line, with spaces between. */
    | { kind: 'list'; format: Format; example: string }
  )

const netns: Field = { path: 'netns', label: 'netns', kind: 'netns' }
const link: Field = { path: 'link', label: 'link', kind: 'link', among: 'any' }
const newName = (example: string): Field => ({ path: 'name', label: 'name', kind: 'text', format: 'linkName', example })
const netnsName: Field = { path: 'name', label: 'name', kind: 'text', format: 'netnsName', example: 'blue' }
const bridge: Field = { path: 'bridge', label: 'bridge', kind: 'link', among: 'bridges' }
const cidr: Field = { path: 'address', label: 'address', kind: 'text', format: 'cidr', example: '192.168.1.5/24' }
const ip: Field = { path: 'address', label: 'address', kind: 'text', format: 'ip', example: '192.168.1.5' }
const mac: Field = { path: 'mac', label: 'mac', kind: 'text', format: 'mac', example: '02:42:ac:11:00:02' }
const via: Field = { path: 'via', label: 'via', kind: 'text', format: 'ip', example: '192.168.1.1' }
const dst: Field = { path: 'dst', label: 'dst', kind: 'text', format: 'destination', example: '10.0.0.0/8' }
const metric: Field = { path: 'metric', label: 'metric', kind: 'number', format: 'metric', example: '100' }
const table: Field = { path: 'table', label: 'table', kind: 'number', format: 'table', example: '254' }
const parent: Field = { path: 'parent', label: 'parent', kind: 'link', among: 'ethernet' }
const container: Field = { path: 'container', label: 'container', kind: 'container' }
const network: Field = { path: 'network', label: 'network', kind: 'network' }
const dockerName = (example: string): Field => ({
  path: 'name',
  label: 'name',
  kind: 'text',
  format: 'dockerName',
  example,
})
const publish: Field = { path: 'publish', label: 'publishOne', kind: 'text', format: 'publishOne', example: '8080:80' }
const way: Field = { path: 'by', label: 'by', kind: 'word', words: ['rules', 'recreate'] }
const ports = (path: 'sport' | 'dport'): Field => ({ path, label: path, kind: 'text', format: 'ports', example: '80' })
const portNumber = (path: 'sport' | 'dport'): Field => ({
  path,
  label: path,
  kind: 'number',
  format: 'port',
  example: '80',
})
const optional = (field: Field): Field => ({ ...field, optional: true })
const at = [netns, link]

/** The inputs of every command, in the order in which they are asked for. */
export const FIELDS: Readonly<Record<CommandName, readonly Field[]>> = {
  'link.up': at,
  'link.down': at,
  'link.rename': [...at, { path: 'to', label: 'newName', kind: 'text', format: 'linkName', example: 'uplink0' }],
  'link.mtu': [...at, { path: 'mtu', label: 'mtu', kind: 'number', format: 'mtu', example: '1500' }],
  'link.mac': [...at, mac],
  'link.promisc': [...at, { path: 'on', label: 'promisc', kind: 'switch' }],
  'link.move': [...at, { path: 'to', label: 'toNetns', kind: 'netns' }],
  'link.attach': [netns, { ...link, among: 'pluggable' }, bridge],
  'link.detach': at,
  'link.delete': at,
  'veth.create': [
    netns,
    newName('veth0'),
    { path: 'peer.netns', label: 'peerNetns', kind: 'netns' },
    { path: 'peer.name', label: 'peerName', kind: 'text', format: 'linkName', example: 'veth1' },
  ],
  'bridge.create': [netns, newName('br0'), { path: 'stp', label: 'stp', kind: 'switch', optional: true }],
  'macvlan.create': [
    netns,
    newName('macvlan0'),
    parent,
    { path: 'mode', label: 'mode', kind: 'word', words: ['bridge', 'private', 'vepa', 'passthru'] },
  ],
  'vxlan.create': [
    netns,
    newName('vxlan0'),
    { path: 'vni', label: 'vni', kind: 'number', format: 'vni', example: '42' },
    { path: 'port', label: 'port', kind: 'number', format: 'port', example: '4789' },
    optional({ path: 'local', label: 'local', kind: 'text', format: 'ip', example: '192.168.1.5' }),
    optional({ path: 'remote', label: 'remote', kind: 'text', format: 'ip', example: '192.168.1.6' }),
    optional(parent),
  ],
  'dummy.create': [netns, newName('dummy0')],
  'address.add': [...at, cidr],
  'address.delete': [...at, cidr],
  'route.add': [
    netns,
    dst,
    optional(via),
    optional(link),
    optional(metric),
    optional(table),
    {
      path: 'type',
      label: 'type',
      kind: 'word',
      words: ['unicast', 'blackhole', 'unreachable', 'prohibit'],
    },
  ],
  'route.delete': [netns, dst, optional(via), optional(link), optional(metric), optional(table)],
  'route.replaceDefault': [netns, via, optional(link)],
  'neighbour.add': [...at, ip, mac],
  'neighbour.delete': [...at, ip],
  'neighbour.flush': at,
  'fdb.add': [...at, mac],
  'fdb.delete': [...at, mac],
  'fdb.flush': [netns, bridge],
  'netns.add': [netnsName],
  'netns.delete': [netnsName],
  'sysctl.set': [
    netns,
    {
      path: 'key',
      label: 'key',
      kind: 'word',
      words: ['ip_forward', 'ipv6_forwarding', 'bridge-nf-call-iptables', 'rp_filter', 'proxy_arp'],
    },
    optional(link),
    { path: 'value', label: 'value', kind: 'word', words: ['0', '1', '2'], as: 'number' },
  ],
  'network.create': [
    dockerName('shop'),
    { path: 'driver', label: 'driver', kind: 'word', words: ['bridge', 'macvlan', 'ipvlan', 'overlay'] },
    optional({ path: 'subnet', label: 'subnet', kind: 'text', format: 'cidr', example: '10.20.0.0/24' }),
    optional({ path: 'gateway', label: 'gateway', kind: 'text', format: 'ip', example: '10.20.0.1' }),
    optional({ path: 'ipRange', label: 'ipRange', kind: 'text', format: 'cidr', example: '10.20.0.128/25' }),
    // Docker's parents are links of the host itself.
    optional({ path: 'parent', label: 'parent', kind: 'link', among: 'ethernet', of: 'root' }),
    { path: 'internal', label: 'internal', kind: 'switch', optional: true },
    optional({ path: 'icc', label: 'icc', kind: 'word', words: ['true', 'false'], as: 'boolean' }),
    optional({ path: 'masquerade', label: 'masquerade', kind: 'word', words: ['true', 'false'], as: 'boolean' }),
    optional({ path: 'mtu', label: 'mtu', kind: 'number', format: 'mtu', example: '1500' }),
    optional({ path: 'subnet6', label: 'subnet6', kind: 'text', format: 'cidr6', example: 'fd00:20::/64' }),
    optional({ path: 'gateway6', label: 'gateway6', kind: 'text', format: 'ip', example: 'fd00:20::1' }),
    optional({ path: 'labels', label: 'labels', kind: 'list', format: 'labels', example: 'team=shop' }),
  ],
  'network.delete': [network],
  'network.connect': [
    container,
    network,
    optional(ip),
    optional({ path: 'aliases', label: 'aliases', kind: 'list', format: 'hostnames', example: 'db' }),
  ],
  'network.disconnect': [container, network],
  'container.create': [
    dockerName('web'),
    { path: 'image', label: 'image', kind: 'image' },
    { path: 'network', label: 'network', kind: 'network', modes: true },
    optional({
      path: 'publish',
      label: 'publish',
      kind: 'list',
      format: 'publish',
      example: '8080:80 127.0.0.1:5353:53/udp',
    }),
    optional({ path: 'command', label: 'command', kind: 'list', format: 'command', example: 'httpd -f -p 80' }),
    optional(ip),
    optional({ path: 'hostname', label: 'hostname', kind: 'text', format: 'hostname', example: 'web.example' }),
    optional(mac),
    optional({ path: 'dns', label: 'dns', kind: 'list', format: 'ips', example: '10.0.0.53' }),
    { path: 'publishAll', label: 'publishAll', kind: 'switch', optional: true },
    optional({ path: 'links', label: 'links', kind: 'list', format: 'links', example: 'db:database' }),
    optional({ path: 'dnsSearch', label: 'dnsSearch', kind: 'list', format: 'hostnames', example: 'example.com' }),
    optional({ path: 'extraHosts', label: 'extraHosts', kind: 'list', format: 'extraHosts', example: 'db:10.0.0.5' }),
    optional({
      path: 'restart',
      label: 'restart',
      kind: 'word',
      words: ['no', 'always', 'unless-stopped', 'on-failure'],
    }),
  ],
  'container.start': [container],
  'container.stop': [container],
  'container.restart': [container],
  'container.remove': [container],
  'port.publish': [container, publish, way],
  'port.unpublish': [container, publish, way],
  'rule.add': [
    netns,
    {
      path: 'action',
      label: 'action',
      kind: 'word',
      words: ['accept', 'drop', 'reject', 'snat', 'masquerade', 'dnat'],
    },
    {
      path: 'chain',
      label: 'chain',
      kind: 'word',
      words: ['INPUT', 'FORWARD', 'OUTPUT', 'PREROUTING', 'POSTROUTING'],
    },
    optional({ path: 'protocol', label: 'protocol', kind: 'word', words: ['tcp', 'udp', 'icmp'] }),
    optional({ path: 'src', label: 'src', kind: 'text', format: 'cidr', example: '192.168.1.0/24' }),
    optional({ path: 'dst', label: 'dst', kind: 'text', format: 'cidr', example: '10.0.0.5/32' }),
    optional(ports('sport')),
    optional(ports('dport')),
    optional({ path: 'in', label: 'in', kind: 'link', among: 'any' }),
    optional({ path: 'out', label: 'out', kind: 'link', among: 'any' }),
    optional({ path: 'toAddress', label: 'toAddress', kind: 'text', format: 'natTarget', example: '10.0.0.5:80' }),
    optional({ path: 'state', label: 'state', kind: 'list', format: 'states', example: 'NEW' }),
    { path: 'family', label: 'family', kind: 'word', words: ['inet', 'inet6'] },
    optional({ path: 'position', label: 'position', kind: 'number', format: 'position', example: '1' }),
  ],
  'rule.delete': [
    {
      path: 'rule',
      label: 'rule',
      kind: 'text',
      format: 'rule',
      example: 'fwrule:4026531840:nft:ip:filter:HOPSCOPE-INPUT:4',
    },
    optional({
      path: 'text',
      label: 'text',
      kind: 'text',
      format: 'ruleText',
      example: '-A HOPSCOPE-INPUT -p icmp -j DROP',
    }),
  ],
  'conntrack.delete': [
    netns,
    { path: 'protocol', label: 'protocol', kind: 'text', format: 'protocol', example: 'tcp' },
    { path: 'src', label: 'src', kind: 'text', format: 'ip', example: '192.168.1.5' },
    { path: 'dst', label: 'dst', kind: 'text', format: 'ip', example: '192.168.1.6' },
    optional(portNumber('sport')),
    optional(portNumber('dport')),
    optional({ path: 'icmpId', label: 'icmpId', kind: 'number', format: 'icmpId', example: '1' }),
  ],
}
