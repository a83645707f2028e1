import { type HostSnapshot, sysctlId } from '@hopscope/model'
import { netnsRefOf } from './choices.ts'
import { type Draft, draft } from './draft.ts'

/** Everything of a namespace, its switches alone, or what a container's namespace allows. */
export type Part = 'all' | 'switches' | 'inside'

/** What can be done in and to a namespace. */
export function netnsActions(snapshot: HostSnapshot, id: string, part: Part = 'all'): Draft[] {
  const netns = netnsRefOf(snapshot, id)
  const switches = switchActions(snapshot, id, netns)
  if (part === 'switches') return switches
  const made = createActions(netns).filter(({ do: name }) => part === 'all' || !IN_NAMED_ONLY.includes(name))
  const name = snapshot.records.netns[id]?.names.find(({ by }) => by === 'iproute2')?.name
  const here = made.map((one): Draft => ({ ...one, fixed: ['netns'], object: netns }))
  return [
    ...here,
    draft('changeDefault', 'route.replaceDefault', { netns }, netns),
    ...switches,
    ...(part === 'all' && name !== undefined ? [draft('deleteNetns', 'netns.delete', { name }, name)] : []),
  ]
}
const IN_NAMED_ONLY: readonly Draft['do'][] = ['bridge.create', 'vxlan.create']

/** What can be made in a namespace. */
export function createActions(netns: string): Draft[] {
  const make = (label: Draft['label'], name: Draft['do'], more: Draft['values'] = {}): Draft => ({
    ...{ label, do: name, values: { netns, ...more }, fixed: [] },
  })
  return [
    make('bridge', 'bridge.create'),
    make('veth', 'veth.create', { 'peer.netns': netns }),
    make('macvlan', 'macvlan.create', { mode: 'bridge' }),
    make('vxlan', 'vxlan.create', { port: '4789' }),
    make('dummy', 'dummy.create'),
    make('addAddress', 'address.add'),
    make('addRoute', 'route.add', { type: 'unicast' }),
    make('addRule', 'rule.add', { action: 'drop', chain: 'INPUT', family: 'inet' }),
  ]
}

/** The menu of things to make on a host; its own namespace is where they begin. */
export const createMenu = (): Draft[] => {
  const [bridge, veth, ...others] = createActions('root')
  const netns: Draft = { label: 'netns', do: 'netns.add', values: {}, fixed: [] }
  const docker: Draft[] = [
    { label: 'container', do: 'container.create', values: { network: 'bridge' }, fixed: [] },
    { label: 'network', do: 'network.create', values: { driver: 'bridge' }, fixed: [] },
  ]
  return [...docker, ...[bridge, veth].filter((one) => one !== undefined), netns, ...others]
}

function switchActions(snapshot: HostSnapshot, id: string, netns: string): Draft[] {
  const switches = snapshot.records.sysctl[sysctlId(id)]
  if (switches === undefined) return []
  const turn = (on: boolean | undefined, key: string, labels: readonly [Draft['label'], Draft['label']]): Draft[] =>
    on === undefined
      ? []
      : [{ ...draft(labels[on ? 1 : 0], 'sysctl.set', { netns, key, value: on ? '0' : '1' }, netns), fixed: SWITCH }]
  return [
    ...turn(switches.ipForward, 'ip_forward', ['forwardOn', 'forwardOff']),
    ...turn(switches.ip6Forwarding, 'ipv6_forwarding', ['forward6On', 'forward6Off']),
    ...turn(switches.bridgeNfCallIptables, 'bridge-nf-call-iptables', ['bridgeNfOn', 'bridgeNfOff']),
  ]
}
/** Of all links, so that no link is asked for. */
const SWITCH = ['netns', 'key', 'value', 'link']
