import { type Link, type LinkInfo, recordsOf } from '@hopscope/model'
import { linkPart, linkWithPlace, netnsPart, networkPart } from '../naming.ts'
import type { Scope } from '../scope.ts'
import { defineTable } from '../table.ts'
import { mark, onOff, type Part, type Value, yesNo } from '../value.ts'
import { peerValue } from './interfaces.ts'

type Bridge = { link: Link; info: LinkInfo & { kind: 'bridge' } }

/** Every bridge. Same as `brctl show` and `ip -d link show type bridge`. */
export const bridges = defineTable<Bridge>({
  id: 'bridges',
  theme: 'switching',
  icon: 'bridge',
  sources: ['links'],
  order: ['namespace', 'name'],
  records: (s) =>
    recordsOf(s.snapshot, 'link').flatMap((link) => (link.info.kind === 'bridge' ? [{ link, info: link.info }] : [])),
  ref: ({ link }) => ({ kind: 'link', id: link.id }),
  columns: [
    { id: 'name', kind: 'code', width: 180, value: ({ link }, s) => linkPart(s, link) },
    { id: 'namespace', kind: 'words', width: 140, value: ({ link }, s) => netnsPart(s, link.netns) },
    { id: 'network', kind: 'words', width: 130, value: network },
    { id: 'state', kind: 'marks', width: 100, value: bridgeStateMark },
    {
      id: 'addresses',
      kind: 'code',
      width: 160,
      value: ({ link }, s) => s.addressesOf(link).map((a) => ({ text: `${a.local}/${a.prefixLength}` })),
    },
    { id: 'portCount', kind: 'number', width: 76, value: ({ link }, s) => s.portsOf(link).length },
    {
      id: 'ports',
      kind: 'code',
      width: 240,
      grow: true,
      value: ({ link }, s) => s.portsOf(link).map((p) => linkPart(s, p)),
    },
    { id: 'stp', kind: 'marks', width: 76, value: ({ info }) => onOff(info.stp) },
    { id: 'bridgeId', kind: 'code', width: 170, value: ({ info }) => info.bridgeId },
    { id: 'rootId', kind: 'code', width: 170, extra: true, value: ({ info }) => info.rootId },
    { id: 'isRoot', kind: 'words', width: 100, value: ({ info }) => yesNo(info.rootPort === 0) },
    { id: 'priority', kind: 'number', width: 90, value: ({ info }) => info.priority },
    { id: 'ageing', kind: 'seconds', width: 90, value: ({ info }) => info.ageingTime },
    { id: 'forwardDelay', kind: 'seconds', width: 120, extra: true, value: ({ info }) => info.forwardDelay },
    { id: 'helloTime', kind: 'seconds', width: 100, extra: true, value: ({ info }) => info.helloTime },
    { id: 'maxAge', kind: 'seconds', width: 100, extra: true, value: ({ info }) => info.maxAge },
    { id: 'vlanFiltering', kind: 'marks', width: 120, value: ({ info }) => onOff(info.vlanFiltering) },
    { id: 'nfCallIptables', kind: 'marks', width: 140, extra: true, value: ({ info }) => onOff(info.nfCallIptables) },
    { id: 'mac', kind: 'code', width: 150, value: ({ link }) => link.address },
    { id: 'mtu', kind: 'number', width: 72, value: ({ link }) => link.mtu },
  ],
})

/** Every port of every bridge. Same as `bridge -d link show`. */
export const bridgePorts = defineTable<Link>({
  id: 'bridgePorts',
  theme: 'switching',
  icon: 'port',
  sources: ['links'],
  order: ['bridge', 'portNo'],
  records: (s) => recordsOf(s.snapshot, 'link').filter((l) => l.port !== undefined),
  ref: (l) => ({ kind: 'link', id: l.id }),
  columns: [
    { id: 'port', kind: 'code', width: 160, value: (l, s) => linkPart(s, l) },
    { id: 'bridge', kind: 'code', width: 180, value: master },
    { id: 'portState', kind: 'marks', width: 110, value: portState },
    { id: 'leadsTo', kind: 'code', width: 220, grow: true, value: peerValue },
    { id: 'portNo', kind: 'number', width: 84, value: (l) => l.port?.portNo },
    { id: 'portId', kind: 'code', width: 90, value: (l) => l.port?.portId },
    { id: 'cost', kind: 'number', width: 72, value: (l) => l.port?.cost },
    { id: 'priority', kind: 'number', width: 90, value: (l) => l.port?.priority },
    { id: 'learning', kind: 'marks', width: 90, value: (l) => onOff(l.port?.learning) },
    { id: 'flood', kind: 'marks', width: 90, value: (l) => onOff(l.port?.flood) },
    { id: 'hairpin', kind: 'marks', width: 90, value: (l) => onOff(l.port?.hairpin) },
    { id: 'isolated', kind: 'marks', width: 90, value: (l) => onOff(l.port?.isolated) },
    { id: 'guard', kind: 'marks', width: 100, extra: true, value: (l) => onOff(l.port?.guard) },
    { id: 'rootBlock', kind: 'marks', width: 100, extra: true, value: (l) => onOff(l.port?.rootBlock) },
    { id: 'namespace', kind: 'words', width: 140, value: (l, s) => netnsPart(s, l.netns) },
  ],
})

function bridgeStateMark({ link }: Bridge, s: Scope): Value {
  if (!link.flags.includes('UP')) return mark('down', 'danger')
  if (s.portsOf(link).length === 0) return mark('noPorts', 'stack')
  return link.flags.includes('LOWER_UP') ? mark('up', 'ok') : mark('noCarrier', 'warn')
}

function network({ link }: Bridge, s: Scope): Value {
  if (link.netns !== s.snapshot.host.rootNetns) return undefined
  const found = recordsOf(s.snapshot, 'dockerNetwork').find((n) => n.bridge === link.name)
  return found && networkPart(s, found)
}

function master(l: Link, s: Scope): Value {
  const bridge = s.link(l.netns, l.master)
  if (!bridge) return undefined
  return l.netns === s.snapshot.host.rootNetns ? linkPart(s, bridge) : linkWithPlace(s, bridge)
}

function portState(l: Link): Part {
  switch (l.port?.state) {
    case 'forwarding':
      return mark('forwarding', 'ok')
    case 'disabled':
      return mark('disabled', 'danger')
    case 'blocking':
      return mark('blocking', 'warn')
    case 'listening':
      return mark('listening', 'warn')
    case 'learning':
      return mark('learning', 'warn')
    default:
      return mark('unknown', 'stack')
  }
}
