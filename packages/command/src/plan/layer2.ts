import { type HostSnapshot, type Link, recordsOf } from '@hopscope/model'
import { findLink, findNetns, isBridge, portsOf } from '../find.ts'
import { Refused } from '../plan.ts'
import { fdbArgv } from '../restore/bridgePorts.ts'
import { type Planners, phrase, requireChange, single } from './context.ts'

export const layer2Planners: Planners<'fdb.add' | 'fdb.delete' | 'fdb.flush'> = {
  'fdb.add'(command, snapshot) {
    const port = findPort(snapshot, command)
    const found = entriesOf(snapshot, port).find(({ mac }) => mac === command.mac)
    if (found && found.state !== 'learned') throw new Refused('FDB_TAKEN', { mac: command.mac, link: port.name }, 'mac')
    const title = phrase('fdb.add', { mac: command.mac, link: port.name })
    const act = { place: port.netns, argv: fdbArgv(command.mac, port) }
    // A bridge has one entry for each address: one that was written down for another port moves here.
    const before = sistersOf(snapshot, port).filter((other) =>
      entriesOf(snapshot, other).some(({ mac, state }) => mac === command.mac && state === 'static'),
    )
    const undo = before.map((other) => ({ place: other.netns, argv: fdbArgv(command.mac, other) }))
    return single({
      command,
      title,
      act,
      undo: undo.length > 0 ? undo : [remove(port, command.mac)],
      on: [port],
      snapshot,
    })
  },
  'fdb.delete'(command, snapshot) {
    const port = findPort(snapshot, command)
    const found = entriesOf(snapshot, port).find(({ mac }) => mac === command.mac)
    if (found === undefined) throw new Refused('FDB_MISSING', { mac: command.mac, link: port.name }, 'mac')
    const undo = found.state === 'static' ? [{ place: port.netns, argv: fdbArgv(command.mac, port) }] : []
    const lost = found.state === 'learned' ? [phrase('lost.learned', { link: port.name })] : []
    const title = phrase('fdb.delete', { mac: command.mac, link: port.name })
    return single({ command, title, act: remove(port, command.mac), undo, lost, on: [port], snapshot })
  },
  'fdb.flush'(command, snapshot) {
    const bridge = findLink(snapshot, findNetns(snapshot, command.netns), command.bridge, 'bridge')
    if (!isBridge(bridge)) throw new Refused('NOT_A_BRIDGE', { link: bridge.name }, 'bridge')
    const learned = portsOf(snapshot, bridge).flatMap((port) => entriesOf(snapshot, port))
    requireChange(learned.some(({ state }) => state === 'learned'))
    const title = phrase('fdb.flush', { bridge: bridge.name })
    const act = { place: bridge.netns, argv: ['ip', 'link', 'set', 'dev', bridge.name, 'type', 'bridge', 'fdb_flush'] }
    const lost = [phrase('lost.learned', { link: bridge.name })]
    return single({ command, title, act, final: true, lost, on: [bridge], snapshot })
  },
}

function findPort(snapshot: HostSnapshot, { netns, link }: { netns: string; link: string }): Link {
  const port = findLink(snapshot, findNetns(snapshot, netns), link)
  if (port.port === undefined) throw new Refused('LINK_NOT_PORT', { link: port.name })
  return port
}

const sistersOf = (snapshot: HostSnapshot, { id, netns, master }: Link): Link[] =>
  recordsOf(snapshot, 'link').filter((one) => one.netns === netns && one.master === master && one.id !== id)

const entriesOf = (snapshot: HostSnapshot, { netns, index }: Link) =>
  recordsOf(snapshot, 'fdb').filter((one) => one.netns === netns && one.index === index && !one.self)

const remove = (port: Link, mac: string) => ({
  place: port.netns,
  argv: ['bridge', 'fdb', 'delete', mac, 'dev', port.name, 'master'],
})
