import type { DockerNetwork, Link } from '@hopscope/model'
import { recordsOf } from '@hopscope/model'
import { bridgeSections } from './bridge.ts'
import { crumbs, fact, facts, onOff, say, section, sections } from './build.ts'
import { byHand } from './commands.ts'
import { containerStatus } from './containerRow.ts'
import { iconOf, linksIn, linkValue, natural, refKey, refTo, type Scope } from './context.ts'
import type { PageDraft, Row, Say, Section, Value } from './page.ts'

/** A Docker network: its options, what stands for it in the kernel, and its members. */
export function networkPage(s: Scope, n: DockerNetwork): PageDraft {
  const ref = refTo(s, 'dockerNetwork', n)
  return {
    ref,
    icon: iconOf(s, ref),
    title: n.name,
    what: say('aNetwork', { driver: n.driver }),
    crumbs: crumbs(s),
    copyId: n.networkId.slice(0, 12),
    sections: sections(
      overview(s, n),
      membersSection(s, n),
      ...behind(s, n),
      pairs('options', n.options),
      pairs('labels', n.labels),
    ),
  }
}

/** The Docker network behind a switch, as the map knows it; undefined when there is none. */
export function networkOf(s: Scope, link: Link): DockerNetwork | undefined {
  const node = s.mainNode.get(refKey(refTo(s, 'link', link)))
  const ref = node?.refs.find((r) => r.kind === 'dockerNetwork' && r.hostId === s.hostId)
  return ref && s.snapshot.records.dockerNetwork[ref.id]
}

export function networkValue(s: Scope, n: DockerNetwork): Value {
  const to = refTo(s, 'dockerNetwork', n)
  return { to, text: n.name, icon: iconOf(s, to) }
}

/** The containers on a network, with their addresses. */
export function membersOf(s: Scope, n: DockerNetwork): Row[] {
  return recordsOf(s.snapshot, 'container')
    .flatMap((c) => c.attachments.filter((a) => a.networkId === n.networkId).map((a) => ({ c, a })))
    .sort((x, y) => natural(x.a.ip ?? '~', y.a.ip ?? '~') || natural(x.c.name, y.c.name))
    .map(({ c, a }): Row => {
      const to = refTo(s, 'container', c)
      const status = containerStatus(c)
      const text = [a.ip, a.mac].filter((x) => x !== undefined)
      const tags = status.state === 'up' ? [] : [{ ...status.say, tone: 'warn' as const }]
      return { id: c.id, title: c.name, to, icon: iconOf(s, to), text, tags }
    })
}

function overview(s: Scope, n: DockerNetwork): Section {
  const link = linkOf(s, n)
  const parentName = n.parent ?? n.options.parent
  const parent = linksIn(s, s.snapshot.host.rootNetns).find((l) => l.name === parentName)
  const icc = n.options['com.docker.network.bridge.enable_icc'] ?? (n.name === 'bridge' ? defaultIcc(s) : undefined)
  return section(
    'overview',
    [
      { kind: 'say', say: driverSay(n) },
      facts(
        fact('driver', n.driver),
        n.bridge === undefined && !link ? undefined : fact('bridge', link ? linkValue(s, link) : { unknown: 'bridge' }),
        parentName === undefined ? undefined : fact('parent', parent ? linkValue(s, parent) : parentName),
        ...n.ipam.flatMap((i) => [fact('subnet', i.subnet), fact('gateway', i.gateway), fact('ipRange', i.ipRange)]),
        fact('internal', onOff(n.internal)),
        icc === undefined ? undefined : fact('icc', say(icc === 'false' ? 'off' : 'on')),
        fact('attachable', onOff(n.attachable)),
        fact('ipv6', onOff(n.ipv6)),
        fact('dockerScope', n.scope),
        fact('ipamDriver', n.ipamDriver),
        n.createdAt ? fact('createdAt', { time: n.createdAt }) : undefined,
        fact('networkId', n.networkId.slice(0, 12)),
      ),
    ],
    { commands: byHand(s, 'dockerNetwork', n.id, 'dockerNetwork', 'bridge', 'parent') },
  )
}

export function membersSection(s: Scope, n: DockerNetwork): Section {
  const rows = membersOf(s, n)
  return section('members', [{ kind: 'rows', rows, empty: say('noMembers') }], {
    count: rows.length,
    commands: byHand(s, 'dockerNetwork', n.id, 'members'),
  })
}

/** The switch that stands for the network, port by port. */
function behind(s: Scope, n: DockerNetwork): Section[] {
  const link = linkOf(s, n)
  return link ? bridgeSections(s, link) : []
}

/** The switch that stands for a network: by its name, or (overlay) by the map. */
function linkOf(s: Scope, n: DockerNetwork): Link | undefined {
  const named = linksIn(s, s.snapshot.host.rootNetns).find((l) => l.name === n.bridge)
  if (named) return named
  const [main] = s.anyNode.get(refKey(refTo(s, 'dockerNetwork', n)))?.refs ?? []
  return main?.kind === 'link' && main.hostId === s.hostId ? s.snapshot.records.link[main.id] : undefined
}

const defaultIcc = (s: Scope): string | undefined => {
  const icc = s.snapshot.records.dockerEngine.engine?.icc
  return icc === undefined ? undefined : `${icc}`
}

function driverSay(n: DockerNetwork): Say {
  switch (n.driver) {
    case 'bridge':
      return say(n.internal ? 'driverInternal' : n.name === 'bridge' ? 'driverDefault' : 'driverBridge')
    case 'macvlan':
      return say('driverMacvlan')
    case 'ipvlan':
      return say('driverIpvlan')
    case 'overlay':
      return say('driverOverlay')
    case 'host':
      return say('modeHost')
    case 'null':
      return say('modeNone')
    default:
      return say('driverOther', { driver: n.driver })
  }
}

function pairs(key: 'options' | 'labels', values: Readonly<Record<string, string>>): Section | undefined {
  const rows = Object.entries(values).map(([name, value]): Row => ({ id: name, title: name, text: [value] }))
  if (rows.length === 0) return undefined
  return section(key, [{ kind: 'rows', rows, empty: say('noLabels') }], {
    count: rows.length,
    folded: key === 'labels',
  })
}
