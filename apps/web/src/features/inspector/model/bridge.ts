import type { Link } from '@hopscope/model'
import { fact, facts, missing, onOff, say, section } from './build.ts'
import { byHand } from './commands.ts'
import { iconOf, inNetns, linkAt, linksIn, refTo, type Scope } from './context.ts'
import { fdbRow } from './neighbour.ts'
import { containerOfLink } from './owner.ts'
import type { Row, Section } from './page.ts'
import { peerOf } from './veth.ts'

type BridgeInfo = Extract<Link['info'], { kind: 'bridge' }>

/** A switch: its identity and STP, its ports with state, and its CAM table. Nothing for other interfaces. */
export function bridgeSections(s: Scope, link: Link): Section[] {
  if (link.info.kind !== 'bridge') return []
  return [portsSection(s, link), camSection(s, link), switchSection(s, link.id, link.info)]
}

/** What being plugged into a switch adds to an interface, and the addresses that the switch saw behind it. */
export function portSection(s: Scope, link: Link): Section | undefined {
  const { port } = link
  if (!port) return undefined
  const behind = inNetns(s, 'fdb', link.netns).filter((f) => f.index === link.index && f.master !== undefined)
  return section(
    'port',
    [
      facts(
        fact('portState', say(`port_${port.state}`)),
        fact('portNo', port.portNo),
        fact('cost', port.cost),
        fact('priority', port.priority),
        fact('hairpin', onOff(port.hairpin)),
        fact('isolated', onOff(port.isolated)),
        fact('portLearning', onOff(port.learning)),
        fact('flood', onOff(port.flood)),
        fact('guard', onOff(port.guard)),
        fact('rootBlock', onOff(port.rootBlock)),
        fact('fastLeave', onOff(port.fastLeave)),
      ),
      { kind: 'rows', rows: behind.map((f) => fdbRow(s, f)), empty: say('nothingBehind') },
    ],
    { commands: byHand(s, 'link', link.id, 'port', 'fdb') },
  )
}

function portsSection(s: Scope, bridge: Link): Section {
  const ports = linksIn(s, bridge.netns).filter((l) => l.master === bridge.index)
  const rows = ports.map((p) => portRow(s, p))
  return section('ports', [{ kind: 'rows', rows, empty: say('noPorts') }], {
    count: rows.length,
    commands: byHand(s, 'link', bridge.id, 'ports'),
  })
}

function portRow(s: Scope, port: Link): Row {
  const to = refTo(s, 'link', port)
  const peer = peerOf(s, port)
  const owner = peer && containerOfLink(peer.scope, peer.link)
  const state = port.port?.state ?? 'unknown'
  const tone = state === 'forwarding' ? 'ok' : state === 'disabled' ? 'danger' : 'warn'
  const end =
    peer && say('leadsTo', { name: peer.link.name, place: owner ?? '', near: port.index, far: peer.link.index })
  return {
    id: port.id,
    title: port.name,
    to,
    icon: iconOf(s, to),
    text: end ? [end] : [],
    tags: [{ ...say(`port_${state}`), tone }],
    live: to,
  }
}

function switchSection(s: Scope, id: string, info: BridgeInfo): Section {
  const root = info.rootId === info.bridgeId
  return section(
    'switch',
    [
      facts(
        fact('bridgeId', info.bridgeId),
        fact('stp', onOff(info.stp)),
        fact('rootBridge', root ? say('isRoot') : info.rootId),
        root ? undefined : fact('rootPort', info.rootPort),
        fact('bridgePriority', info.priority),
        fact('ageing', say('seconds', { count: info.ageingTime })),
        fact('forwardDelay', say('seconds', { count: info.forwardDelay })),
        fact('helloTime', say('seconds', { count: info.helloTime })),
        fact('maxAge', say('seconds', { count: info.maxAge })),
        fact('vlanFiltering', onOff(info.vlanFiltering)),
        fact('multicastSnooping', onOff(info.multicastSnooping)),
        fact('nfCallIptables', onOff(info.nfCallIptables)),
      ),
    ],
    { commands: byHand(s, 'link', id, 'bridge', 'stp') },
  )
}

function camSection(s: Scope, bridge: Link): Section {
  const entries = inNetns(s, 'fdb', bridge.netns).filter((f) => f.master === bridge.index)
  const learned = entries.filter((f) => f.state !== 'permanent')
  const sorted = [...learned, ...entries.filter((f) => f.state === 'permanent')]
  const rows = sorted.map((f) => fdbRow(s, f, linkAt(s, f.netns, f.index)?.name))
  return section('cam', [missing(s, 'fdb'), { kind: 'rows', rows, empty: say('noCam') }], {
    count: rows.length,
    commands: byHand(s, 'link', bridge.id, 'fdb', 'cam'),
  })
}
