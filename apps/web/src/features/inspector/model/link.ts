import type { Link } from '@hopscope/model'
import { recordsOf, sysctlId } from '@hopscope/model'
import type { NodeState } from '@hopscope/topology'
import { addressesSection } from './address.ts'
import { bridgeSections, portSection } from './bridge.ts'
import { crumbs, fact, facts, onOff, say, section, sections } from './build.ts'
import { byHand } from './commands.ts'
import { iconOf, inNetns, linkAt, linkValue, linkValueAt, netnsValue, refTo, type Scope } from './context.ts'
import { flagsSection } from './linkFlags.ts'
import { kindSection } from './linkKind.ts'
import { neighboursSection } from './neighbour.ts'
import { membersSection, networkOf, networkValue } from './network.ts'
import type { PageDraft, Row, Section, Status, Value } from './page.ts'
import { routesSection } from './route.ts'
import { cableSection, peerOf } from './veth.ts'

/** An interface: what it is, where its cable leads, its addresses, counters, and what is known behind it. */
export function linkPage(s: Scope, link: Link): PageDraft {
  const ref = refTo(s, 'link', link)
  const network = networkOf(s, link)
  return {
    ref,
    icon: iconOf(s, ref),
    title: link.name,
    what: say(whatKey(link)),
    status: linkStatus(link),
    crumbs: [...crumbs(s, link.netns), ...masterCrumb(s, link)],
    copyId: link.name,
    sections: sections(
      overview(s, link),
      cableSection(s, link),
      kindSection(s, link),
      addressesSection(s, addressesOf(s, link), byHand(s, 'link', link.id, 'addresses')),
      network && membersSection(s, network),
      ...bridgeSections(s, link),
      portSection(s, link),
      section('counters', [{ kind: 'counters', hostId: s.hostId, link }], {
        commands: byHand(s, 'link', link.id, 'counters'),
      }),
      flagsSection(s, link),
      routesSection(s, routesOf(s, link), byHand(s, 'link', link.id, 'routes')),
      neighboursSection(s, neighboursOf(s, link), byHand(s, 'link', link.id, 'neighbours')),
      switches(s, link),
    ),
  }
}

/** Whether it works, in words: what is set by hand (UP) and what the wire says (LOWER_UP) are told apart. */
export function linkStatus(link: Link): Status {
  const up = link.flags.includes('UP')
  const carrier = link.flags.includes('LOWER_UP')
  const state: NodeState = !up ? 'down' : carrier ? 'up' : 'degraded'
  if (state === 'degraded' && link.info.kind === 'bridge') return { state, say: say('stateNoPorts') }
  return { state, say: say(!up ? 'stateDown' : carrier ? 'stateUp' : 'stateNoCarrier') }
}

/** One line per interface, with its addresses and where it leads. */
export function linkRow(s: Scope, link: Link): Row {
  const to = refTo(s, 'link', link)
  const peer = peerOf(s, link)
  const master = linkAt(s, link.netns, link.master)
  const status = linkStatus(link)
  return {
    id: link.id,
    title: link.name,
    to,
    icon: iconOf(s, to),
    text: [
      ...addressesOf(s, link).map((a) => `${a.local}/${a.prefixLength}`),
      ...(peer ? [say('otherEnd', { name: peer.link.name, near: link.index, far: peer.link.index })] : []),
      ...(master ? [say('portOf', { name: master.name })] : []),
    ],
    tags: status.state === 'up' ? [] : [{ ...status.say, tone: status.state === 'down' ? 'danger' : 'warn' }],
    live: to,
  }
}

export function linksSection(s: Scope, links: readonly Link[], commands: string[]): Section {
  const rows = links.map((l) => linkRow(s, l))
  return section('interfaces', [{ kind: 'rows', rows, empty: say('noLinks') }], { count: rows.length, commands })
}

export const addressesOf = (s: Scope, link: Link) =>
  inNetns(s, 'address', link.netns).filter((a) => a.index === link.index)

const neighboursOf = (s: Scope, link: Link) => inNetns(s, 'neighbour', link.netns).filter((n) => n.index === link.index)

const routesOf = (s: Scope, link: Link) =>
  inNetns(s, 'route', link.netns).filter((r) => r.oif === link.index || r.nextHops?.some((h) => h.oif === link.index))

function overview(s: Scope, link: Link): Section {
  const container = recordsOf(s.snapshot, 'container').find(
    (c) => c.netns === link.netns && link.netns !== s.snapshot.host.rootNetns,
  )
  const network = networkOf(s, link)
  return section(
    'overview',
    [
      facts(
        container && fact('container', { to: refTo(s, 'container', container), text: container.name, icon: 'box' }),
        fact('netns', netnsValue(s, link.netns)),
        network && fact('network', networkValue(s, network)),
        link.master === undefined ? undefined : fact('master', linkValueAt(s, link.netns, link.master)),
        lower(s, link),
        fact('mac', link.address),
        link.permAddress === link.address ? undefined : fact('permAddress', link.permAddress),
        fact('mtu', link.mtu),
        fact('qdisc', link.qdisc),
        fact('txQueueLen', link.txQueueLen),
        fact('operState', link.operState),
        fact('ifindex', link.index),
        fact('promiscuity', link.promiscuity > 0 ? say('promiscuous', { count: link.promiscuity }) : say('off')),
        link.altNames.length > 0 ? fact('altNames', ...link.altNames) : undefined,
        fact('alias', link.alias),
        link.group === 'default' ? undefined : fact('group', link.group),
      ),
    ],
    { commands: byHand(s, 'link', link.id, 'link') },
  )
}

function lower(s: Scope, link: Link) {
  if (link.info.kind === 'veth' || link.info.kind === 'device' || link.iflink === undefined) return undefined
  const value: Value =
    link.linkNetns === null ? { unknown: 'lowerHidden' } : linkValueAt(s, link.linkNetns ?? link.netns, link.iflink)
  return fact('lower', value)
}

function masterCrumb(s: Scope, link: Link) {
  const master = linkAt(s, link.netns, link.master)
  const value = master && linkValue(s, master)
  return value && 'to' in value ? [value] : []
}

function switches(s: Scope, link: Link): Section | undefined {
  const own = s.snapshot.records.sysctl[sysctlId(link.netns)]?.links[`${link.index}`]
  if (!own) return undefined
  return section(
    'switches',
    [
      facts(
        fact('forwarding4', onOff(own.forwarding4)),
        fact('forwarding6', onOff(own.forwarding6)),
        own.rpFilter === undefined ? undefined : fact('rpFilter', say(rpFilterKey(own.rpFilter))),
        fact('proxyArp', onOff(own.proxyArp)),
      ),
    ],
    { folded: true, commands: byHand(s, 'link', link.id, 'sysctl') },
  )
}

export const rpFilterKey = (n: number) => (n === 1 ? 'rpStrict' : n === 2 ? 'rpLoose' : 'off')

function whatKey(link: Link) {
  if (link.flags.includes('LOOPBACK')) return 'kindLoopback'
  switch (link.info.kind) {
    case 'device':
      return 'kindDevice'
    case 'veth':
      return link.port ? 'kindVethPort' : 'kindVeth'
    case 'bridge':
      return 'kindBridge'
    case 'macvlan':
    case 'macvtap':
      return 'kindMacvlan'
    case 'ipvlan':
      return 'kindIpvlan'
    case 'vlan':
      return 'kindVlan'
    case 'vxlan':
      return 'kindVxlan'
    case 'tun':
      return 'kindTun'
    case 'wireguard':
      return 'kindWireguard'
    case 'dummy':
      return 'kindDummy'
    case 'other':
      return 'kindOther'
  }
}
