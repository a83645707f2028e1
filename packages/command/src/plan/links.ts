import { type HostSnapshot, type Link, recordsOf } from '@hopscope/model'
import { netnsWord } from '../argv.ts'
import {
  farLink,
  findLink,
  findNetns,
  isBridge,
  isUp,
  linkNamed,
  masterOf,
  netnsName,
  requireFreeName,
} from '../find.ts'
import { type Act, type Expect, Refused } from '../plan.ts'
import { restorePlug } from '../restore/bridgePorts.ts'
import { goneWith, uppersOf } from '../restore/gone.ts'
import { remakeAll, restoreAfterDown, restoreSettings } from '../restore/links.ts'
import { lostOutside, lostWith } from '../restore/lost.ts'
import { restoreNeighbours } from '../restore/neighbours.ts'
import { expectLinks, type Planners, phrase, requireChange, set, single } from './context.ts'

type Names =
  | 'link.up'
  | 'link.down'
  | 'link.rename'
  | 'link.mtu'
  | 'link.mac'
  | 'link.promisc'
  | 'link.move'
  | 'link.attach'
  | 'link.detach'
  | 'link.delete'

export const linkPlanners: Planners<Names> = {
  'link.up'(command, snapshot) {
    const link = find(snapshot, command)
    requireChange(!isUp(link))
    const title = phrase('link.up', { link: link.name })
    return single({ command, title, act: set(link, 'up'), undo: [set(link, 'down')], on: [link], snapshot })
  },
  'link.down'(command, snapshot) {
    const link = find(snapshot, command)
    requireChange(isUp(link))
    const undo = [set(link, 'up'), ...restoreAfterDown(snapshot, link)]
    const title = phrase('link.down', { link: link.name })
    const lost = [phrase('lost.learned', { link: link.name }), ...lostOutside(snapshot, link)]
    return single({ command, title, act: set(link, 'down'), undo, lost, on: [link], snapshot })
  },
  'link.rename'(command, snapshot) {
    const link = find(snapshot, command)
    requireNoLoopback(link)
    requireChange(link.name !== command.to)
    requireFreeName(snapshot, link.netns, command.to, 'to')
    const renamed = { ...link, name: command.to }
    const title = phrase('link.rename', { link: link.name, to: command.to })
    const act = set(link, 'name', command.to)
    return single({ command, title, act, undo: [set(renamed, 'name', link.name)], on: [link], snapshot })
  },
  'link.mtu'(command, snapshot) {
    const link = find(snapshot, command)
    requireChange(link.mtu !== command.mtu)
    const parent = ['macvlan', 'vlan', 'ipvlan'].includes(link.info.kind) ? farLink(snapshot, link) : undefined
    if (parent && command.mtu > parent.mtu) {
      const params = { mtu: command.mtu, link: link.name, most: parent.mtu, parent: parent.name }
      throw new Refused('MTU_TOO_LARGE', params, 'mtu')
    }
    // Below 1280 a link has no IPv6 at all: its addresses go.
    const shrunk = shrunkTo(snapshot, link, command.mtu)
    const undo = [
      set(link, 'mtu', String(link.mtu)),
      ...mtuBack(shrunk),
      ...(command.mtu < 1280 ? [link, ...shrunk].flatMap((one) => restoreAfterDown(snapshot, one)) : []),
    ]
    const title = phrase('link.mtu', { link: link.name, mtu: command.mtu })
    return single({ command, title, act: set(link, 'mtu', String(command.mtu)), undo, on: [link], snapshot })
  },
  'link.mac'(command, snapshot) {
    const link = find(snapshot, command)
    if (link.type !== 'ether' || link.address === undefined) throw new Refused('NO_MAC', { link: link.name }, 'mac')
    requireChange(link.address !== command.mac)
    const title = phrase('link.mac', { link: link.name, mac: command.mac })
    // The kernel forgets all neighbours with the address they know us by.
    const undo = [set(link, 'address', link.address), ...restoreNeighbours(snapshot, link)]
    return single({ command, title, act: set(link, 'address', command.mac), undo, on: [link], snapshot })
  },
  'link.promisc'(command, snapshot) {
    const link = find(snapshot, command)
    requireChange(link.flags.includes('PROMISC') !== command.on)
    const [now, before] = command.on ? ['on', 'off'] : ['off', 'on']
    const title = phrase(command.on ? 'link.promisc.on' : 'link.promisc.off', { link: link.name })
    const undo = [set(link, 'promisc', before ?? '')]
    return single({ command, title, act: set(link, 'promisc', now ?? ''), undo, on: [link], snapshot })
  },
  'link.move'(command, snapshot) {
    const link = find(snapshot, command)
    const to = findNetns(snapshot, command.to, 'to')
    requireChange(to.id !== link.netns)
    requireNoLoopback(link)
    if (isBridge(link)) throw new Refused('LINK_STAYS', { link: link.name, kind: link.info.kind })
    requireNoPort(snapshot, link)
    requireFreeName(snapshot, to.id, link.name, 'to')
    const [there, back] = [netnsWord(snapshot, to.id), netnsWord(snapshot, link.netns)]
    if (there === undefined || back === undefined) throw new Refused('NETNS_UNREACHABLE', { netns: command.to }, 'to')
    const undo = [set({ ...link, netns: to.id }, 'netns', back), ...restoreSettings(snapshot, link)]
    const title = phrase('link.move', { link: link.name, to: netnsName(snapshot, to.id) })
    const lost = [phrase('lost.learned', { link: link.name }), ...lostOutside(snapshot, link)]
    const expects = [
      { kind: 'record', of: 'netns', id: to.id },
      { kind: 'noLink', place: to.id, name: link.name },
    ] as const
    return single({ command, title, act: set(link, 'netns', there), undo, lost, expects, on: [link], snapshot })
  },
  'link.attach'(command, snapshot) {
    const link = find(snapshot, command)
    const bridge = linkNamed(snapshot, link.netns, command.bridge)
    if (bridge === undefined || !isBridge(bridge)) throw new Refused('NOT_A_BRIDGE', { link: command.bridge }, 'bridge')
    requireNoLoopback(link)
    if (isBridge(link)) throw new Refused('BRIDGE_IN_BRIDGE', { link: link.name })
    requireChange(link.master !== bridge.index)
    requireNoPort(snapshot, link)
    if (goneWith(snapshot, bridge).includes(link))
      throw new Refused('BRIDGE_LOOP', { link: link.name, bridge: bridge.name }, 'bridge')
    const upper = recordsOf(snapshot, 'link').find(
      ({ info, netns, iflink, linkNetns }) =>
        info.kind === 'macvlan' && iflink === link.index && (linkNetns ?? netns) === link.netns,
    )
    if (upper) throw new Refused('LINK_CARRIES', { link: link.name, upper: upper.name })
    const title = phrase('link.attach', { link: link.name, bridge: bridge.name })
    const act = set(link, 'master', bridge.name)
    const undo = [
      set(link, 'nomaster'),
      ...mtuBack(shrunkTo(snapshot, bridge, link.mtu)),
      // The bridge may take the port's address, and forgets its neighbours with its own.
      ...restoreNeighbours(snapshot, bridge),
    ]
    return single({ command, title, act, undo, on: [link, bridge], snapshot })
  },
  'link.detach'(command, snapshot) {
    const link = find(snapshot, command)
    const bridge = masterOf(snapshot, link)
    if (bridge === undefined) throw new Refused('LINK_NOT_PORT', { link: link.name })
    const title = phrase('link.detach', { link: link.name, bridge: bridge.name })
    const undo = restorePlug(snapshot, link, bridge)
    const lost = [phrase('lost.learned', { link: bridge.name })]
    const expects: Expect[] = [...expectLinks([bridge]), { ...portOf(link, bridge), kind: 'record', of: 'link' }]
    return single({ command, title, act: set(link, 'nomaster'), undo, lost, expects, snapshot, on: [link] })
  },
  'link.delete'(command, snapshot) {
    const link = find(snapshot, command)
    requireNoLoopback(link)
    if (link.info.kind === 'device') throw new Refused('LINK_IS_HARDWARE', { link: link.name })
    const again = remakeAll(snapshot, link)
    const gone = goneWith(snapshot, link)
    const title = phrase('link.delete', { link: link.name })
    const lost = again
      ? gone.flatMap((one) => lostWith(snapshot, one))
      : [phrase('lost.kind', { link: link.name, kind: link.info.kind })]
    const act = { place: link.netns, argv: ['ip', 'link', 'delete', 'dev', link.name] }
    const back = again ? { undo: again } : { final: true as const }
    return single({ command, title, act, ...back, lost, on: gone, snapshot })
  },
}

function find(snapshot: HostSnapshot, { netns, link }: { netns: string; link: string }): Link {
  return findLink(snapshot, findNetns(snapshot, netns), link)
}

/** What a smaller MTU of a link makes smaller as well: what stands on it, and on the bridge that follows its ports. */
function shrunkTo(snapshot: HostSnapshot, link: Link, mtu: number): Link[] {
  const bridge = masterOf(snapshot, link)
  const uppers = [...uppersOf(snapshot, link), ...(bridge ? uppersOf(snapshot, bridge) : [])]
  return uppers.filter((upper) => upper.mtu > mtu)
}

const mtuBack = (shrunk: readonly Link[]): Act[] => shrunk.map((one) => set(one, 'mtu', String(one.mtu)))

/** Still a port of that bridge, and of no other. */
const portOf = ({ id, index, name }: Link, bridge: Link) => ({
  ...{ id, name, master: bridge.index },
  was: `${index}: ${name} master ${bridge.name}`,
})

function requireNoLoopback(link: Link): void {
  if (link.type === 'loopback') throw new Refused('LINK_IS_LOOPBACK', { link: link.name })
}

function requireNoPort(snapshot: HostSnapshot, link: Link): void {
  const bridge = masterOf(snapshot, link)
  if (bridge) throw new Refused('LINK_IS_PORT', { link: link.name, bridge: bridge.name })
}
