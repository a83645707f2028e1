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
    | { kind: 'word'; words: readonly string[]; number?: true }
    | { kind: 'switch' }
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
    { path: 'value', label: 'value', kind: 'word', words: ['0', '1', '2'], number: true },
  ],
}
