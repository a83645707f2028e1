import type { Fdb, Neighbour } from '@hopscope/model'
import { crumbs, fact, facts, missing, onOff, say, section } from './build.ts'
import { byHand } from './commands.ts'
import { iconOf, linkAt, linkValue, linkValueAt, placeName, refTo, type Scope } from './context.ts'
import { ownerOfMac } from './owner.ts'
import type { PageDraft, Row, Section, Tag } from './page.ts'

/** An ARP or NDP entry: which MAC an address has, how sure the kernel is, and whom the MAC belongs to. */
export function neighbourPage(s: Scope, n: Neighbour): PageDraft {
  const ref = refTo(s, 'neighbour', n)
  const owner = ownerOfMac(s, n.lladdr)
  return {
    ref,
    icon: iconOf(s, ref),
    title: n.address,
    status: { state: neighbourState(n), say: say(`neigh_${n.state}`) },
    crumbs: crumbs(s, n.netns),
    copyId: n.address,
    sections: [
      section(
        'overview',
        [
          facts(
            fact('address', n.address),
            fact('mac', n.lladdr ?? { unknown: n.state === 'FAILED' ? 'noAnswer' : 'noMac' }),
            fact('neighState', say(`neigh_${n.state}`)),
            owner && fact('belongsTo', linkValue(s, owner), { text: placeName(s, owner.netns) }),
            fact('link', linkValueAt(s, n.netns, n.index)),
            n.proxy ? fact('proxyNeigh', onOff(true)) : undefined,
            n.router ? fact('router', onOff(true)) : undefined,
            n.externLearn ? fact('externLearn', onOff(true)) : undefined,
          ),
          { kind: 'age', hostId: s.hostId, topic: 'neighbours', id: n.id },
        ],
        { commands: byHand(s, 'neighbour', n.id) },
      ),
    ],
  }
}

/** A line of a CAM table: behind which port a MAC was seen, and whose it is. */
export function fdbPage(s: Scope, f: Fdb): PageDraft {
  const ref = refTo(s, 'fdb', f)
  const owner = ownerOfMac(s, f.mac)
  return {
    ref,
    icon: 'bridge',
    title: f.mac,
    status: { state: 'up', say: say(`fdb_${f.state}`) },
    crumbs: crumbs(s, f.netns),
    copyId: f.mac,
    sections: [
      section(
        'overview',
        [
          facts(
            fact('mac', f.mac),
            fact('port', linkValueAt(s, f.netns, f.index)),
            f.master === undefined ? undefined : fact('switch', linkValueAt(s, f.netns, f.master)),
            fact('fdbState', say(`fdb_${f.state}`)),
            owner && fact('belongsTo', linkValue(s, owner), { text: placeName(s, owner.netns) }),
            fact('vlanId', f.vlan),
            fact('vtepRemote', f.dst),
            fact('vni', f.vni),
            fact('vxlanPort', f.port),
            f.self ? fact('self', onOff(true)) : undefined,
            f.sticky ? fact('sticky', onOff(true)) : undefined,
            f.externLearn ? fact('externLearn', onOff(true)) : undefined,
          ),
          f.state === 'learned' ? { kind: 'age', hostId: s.hostId, topic: 'fdb', id: f.id } : undefined,
        ],
        { commands: byHand(s, 'fdb', f.id) },
      ),
    ],
  }
}

export function neighboursSection(
  s: Scope,
  list: readonly Neighbour[],
  commands: readonly string[],
): Section | undefined {
  const gap = missing(s, 'neighbours')
  // Multicast and the like: made up by the kernel without asking anybody.
  const real = list.filter((n) => n.state !== 'NOARP')
  if (real.length === 0 && !gap) return undefined
  const rows = real.map((n) => neighbourRow(s, n))
  return section('neighbours', [gap, { kind: 'rows', rows, empty: say('noNeighbours') }], {
    count: rows.length,
    commands,
  })
}

/** One line of a CAM table. `port` names the port where the list is of a whole switch. */
export function fdbRow(s: Scope, f: Fdb, port?: string): Row {
  const owner = f.state === 'permanent' ? undefined : ownerOfMac(s, f.mac)
  return {
    id: f.id,
    title: f.mac,
    to: refTo(s, 'fdb', f),
    text: [
      ...(port === undefined ? [] : [say('behind', { name: port })]),
      ...(f.dst === undefined ? [] : [say('remoteEnd', { address: f.dst })]),
      ...(owner ? [say('isOf', { name: owner.name, place: placeName(s, owner.netns) })] : []),
    ],
    tags: f.state === 'learned' ? [] : [say(`fdbTag_${f.state}`)],
  }
}

function neighbourRow(s: Scope, n: Neighbour): Row {
  const owner = ownerOfMac(s, n.lladdr)
  const link = linkAt(s, n.netns, n.index)
  const bad = n.state === 'FAILED' || n.state === 'INCOMPLETE'
  const tag: Tag = {
    ...say(`neighTag_${n.state}`),
    ...(bad ? { tone: 'danger' as const } : n.state === 'REACHABLE' ? { tone: 'ok' as const } : {}),
  }
  return {
    id: n.id,
    title: n.address,
    to: refTo(s, 'neighbour', n),
    text: [
      ...(n.lladdr === undefined ? [] : [n.lladdr]),
      ...(link ? [say('onLink', { name: link.name })] : []),
      ...(owner ? [say('isOf', { name: owner.name, place: placeName(s, owner.netns) })] : []),
    ],
    tags: [tag],
  }
}

const neighbourState = (n: Neighbour) => (n.state === 'FAILED' ? 'down' : n.state === 'INCOMPLETE' ? 'degraded' : 'up')
