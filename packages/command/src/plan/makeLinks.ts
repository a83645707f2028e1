import { type HostSnapshot, type Link, type Netns, recordsOf } from '@hopscope/model'
import type { Command } from '@hopscope/protocol'
import { netnsWord } from '../argv.ts'
import { findLink, findNetns, masterOf, netnsName, requireFreeName } from '../find.ts'
import { type Act, type Expect, type Phrase, type Plan, Refused } from '../plan.ts'
import { expectLinks, LABEL, type Planners, phrase } from './context.ts'

type Names = 'veth.create' | 'bridge.create' | 'macvlan.create' | 'vxlan.create' | 'dummy.create'

export const makeLinkPlanners: Planners<Names> = {
  'veth.create'(command, snapshot) {
    const netns = place(snapshot, command)
    const far = findNetns(snapshot, command.peer.netns, 'peer.netns')
    requireFreeName(snapshot, far.id, command.peer.name, 'peer.name')
    if (far.id === netns.id && command.peer.name === command.name) {
      throw new Refused('NAME_TAKEN', { name: command.name, netns: netnsName(snapshot, netns.id) }, 'peer.name')
    }
    const word = netnsWord(snapshot, far.id)
    if (word === undefined) throw new Refused('NETNS_UNREACHABLE', { netns: command.peer.netns }, 'peer.netns')
    const away = far.id === netns.id ? [] : ['netns', word]
    return made({
      command,
      snapshot,
      netns,
      name: command.name,
      title: phrase('veth.create', { link: command.name, peer: command.peer.name }),
      words: ['type', 'veth', 'peer', 'name', command.peer.name, ...away],
      also: [{ netns: far, name: command.peer.name }],
    })
  },
  'bridge.create'(command, snapshot) {
    const netns = place(snapshot, command)
    const words = ['type', 'bridge', ...(command.stp === undefined ? [] : ['stp_state', command.stp ? '1' : '0'])]
    const title = phrase('bridge.create', { link: command.name })
    return made({ command, snapshot, netns, name: command.name, title, words })
  },
  'macvlan.create'(command, snapshot) {
    const netns = place(snapshot, command)
    const parent = findLink(snapshot, netns, command.parent, 'parent')
    if (parent.type !== 'ether') throw new Refused('NO_MAC', { link: parent.name }, 'parent')
    const bridge = masterOf(snapshot, parent)
    if (bridge) throw new Refused('LINK_IS_PORT', { link: parent.name, bridge: bridge.name }, 'parent')
    const title = phrase('macvlan.create', { link: command.name, parent: parent.name })
    const words = ['link', parent.name, 'type', 'macvlan', 'mode', command.mode]
    return made({ command, snapshot, netns, name: command.name, title, words, on: [parent] })
  },
  'vxlan.create'(command, snapshot) {
    const netns = place(snapshot, command)
    const parent = command.parent === undefined ? undefined : findLink(snapshot, netns, command.parent, 'parent')
    const { vni, port, local, remote } = command
    const twin = recordsOf(snapshot, 'link').find(
      ({ netns: at, info }) => at === netns.id && info.kind === 'vxlan' && info.vni === vni && info.port === port,
    )
    if (twin) throw new Refused('VNI_TAKEN', { vni, link: twin.name }, 'vni')
    if (local !== undefined && remote !== undefined && local.includes(':') !== remote.includes(':')) {
      throw new Refused('FAMILY_MIXED', { a: local, b: remote }, 'remote')
    }
    const words = [
      ...['type', 'vxlan', 'id', String(vni), 'dstport', String(port)],
      ...(local === undefined ? [] : ['local', local]),
      ...(remote === undefined ? [] : ['remote', remote]),
      ...(parent ? ['dev', parent.name] : []),
    ]
    const title = phrase('vxlan.create', { link: command.name, vni })
    return made({ command, snapshot, netns, name: command.name, title, words, on: parent ? [parent] : [] })
  },
  'dummy.create'(command, snapshot) {
    if (snapshot.host.lacks?.includes('dummy')) throw new Refused('KIND_LACKING', { kind: 'dummy' })
    const netns = place(snapshot, command)
    const title = phrase('dummy.create', { link: command.name })
    return made({ command, snapshot, netns, name: command.name, title, words: ['type', 'dummy'] })
  },
}

type Made = {
  command: Command
  snapshot: HostSnapshot
  netns: Netns
  name: string
  title: Phrase
  /** What follows "ip link add name NAME". */
  words: readonly string[]
  /** What is made with it. */
  also?: readonly { netns: Netns; name: string }[]
  on?: readonly Link[]
}

/** Makes a link and marks it as ours, so that it may be changed later without questions. */
function made({ command, netns, name, title, words, also = [], on = [] }: Made): Plan {
  const all = [{ netns, name }, ...also]
  const remove: Act = { place: netns.id, argv: ['ip', 'link', 'delete', 'dev', name] }
  const expects: Expect[] = [
    ...expectLinks(on),
    ...all.map((one): Expect => ({ kind: 'record', of: 'netns', id: one.netns.id })),
    ...all.map((one): Expect => ({ kind: 'noLink', place: one.netns.id, name: one.name })),
  ]
  const add: Act = { place: netns.id, argv: ['ip', 'link', 'add', 'name', name, ...words] }
  return {
    command,
    title,
    steps: [
      { title, act: add, undo: [remove], expects },
      ...all.map((one) => ({
        title: phrase('label', { link: one.name }),
        act: { place: one.netns.id, argv: ['ip', 'link', 'set', 'dev', one.name, 'alias', LABEL] },
        // It goes with the link.
        undo: [],
        expects: [],
      })),
    ],
    lost: [],
  }
}

function place(snapshot: HostSnapshot, { netns, name }: { netns: string; name: string }): Netns {
  const found = findNetns(snapshot, netns)
  requireFreeName(snapshot, found.id, name)
  return found
}
