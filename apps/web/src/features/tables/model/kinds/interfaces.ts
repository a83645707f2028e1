import { type Link, type LinkCounters, recordsOf } from '@hopscope/model'
import type { Hue } from '../../../../theme/colours.ts'
import { ipName, linkAt, linkPart, linkWithPlace, netnsPart } from '../naming.ts'
import type { Scope } from '../scope.ts'
import { type Column, defineTable } from '../table.ts'
import { type ColumnId, mark, type Part, tag, type Value, word } from '../value.ts'

type LinkColumn = Column<Link>

/** Every interface of every namespace. Same as `ip -s -d link show` in each. */
export const interfaces = defineTable<Link>({
  id: 'interfaces',
  theme: 'links',
  icon: 'nic',
  topic: 'links',
  sources: ['links'],
  order: ['namespace', 'index'],
  records: (s) => recordsOf(s.snapshot, 'link'),
  ref: (l) => ({ kind: 'link', id: l.id }),
  columns: [
    { id: 'name', kind: 'code', width: 200, value: (l, s) => linkPart(s, l, ipName(s, l)) },
    { id: 'namespace', kind: 'words', width: 160, value: (l, s) => netnsPart(s, l.netns) },
    { id: 'kind', kind: 'words', width: 80, value: linkKind },
    { id: 'state', kind: 'marks', width: 90, value: linkStateMark },
    { id: 'addresses', kind: 'code', width: 190, grow: true, value: addressTexts },
    { id: 'peer', kind: 'code', width: 220, value: peerValue },
    { id: 'master', kind: 'code', width: 150, value: (l, s) => linkAt(s, l.netns, l.master) },
    { id: 'flags', kind: 'marks', width: 300, value: (l) => l.flags.map((f) => tag(f, flagHue(f))) },
    { id: 'mac', kind: 'code', width: 150, value: (l) => l.address },
    { id: 'mtu', kind: 'number', width: 72, value: (l) => l.mtu },
    { id: 'queue', kind: 'number', width: 80, value: (l) => l.txQueueLen },
    { id: 'index', kind: 'number', width: 80, value: (l) => l.index },
    rate('rxRate', 'rxBytes'),
    rate('txRate', 'txBytes'),
    counter('rxBytes', 'bytes', 'rxBytes'),
    counter('txBytes', 'bytes', 'txBytes'),
    counter('rxPackets', 'count', 'rxPackets'),
    counter('txPackets', 'count', 'txPackets'),
    counter('rxErrors', 'count', 'rxErrors'),
    counter('txErrors', 'count', 'txErrors'),
    counter('rxDropped', 'count', 'rxDropped'),
    counter('txDropped', 'count', 'txDropped'),
    { id: 'qdisc', kind: 'code', width: 90, extra: true, value: (l) => l.qdisc },
    { id: 'promiscuity', kind: 'number', width: 100, extra: true, value: (l) => l.promiscuity },
    { id: 'alias', kind: 'words', width: 120, extra: true, value: (l) => l.alias ?? l.altNames.join(', ') },
  ],
})

/** Up, up without carrier, or down. */
export function linkStateMark(l: Link): Value {
  if (!l.flags.includes('UP')) return mark('down', 'danger')
  return l.flags.includes('LOWER_UP') ? mark('up', 'ok') : mark('noCarrier', 'warn')
}

/** The far end of a veth with whose it is; of what the kernel alone knows, that much. */
export function peerValue(l: Link, s: Scope): Value {
  if (l.info.kind !== 'veth') return undefined
  const peer = s.peer(l)
  if (peer) return linkWithPlace(peer.scope, peer.link)
  if (l.ghostPeer) return word('ghostPeer', { name: l.ghostPeer.name })
  return l.linkNetns === null ? word('hiddenPeer', { index: l.iflink ?? '?' }) : undefined
}

export function linkKind(l: Link): Value {
  if (l.info.kind === 'device') return l.type === 'loopback' ? word('loopback') : word('device')
  if (l.info.kind === 'other') return l.info.name
  return l.info.kind === 'tun' ? l.info.type : l.info.kind
}

function addressTexts(l: Link, s: Scope): Part[] {
  return s.addressesOf(l).map((a) => ({ text: `${a.local}/${a.prefixLength}` }))
}

function flagHue(flag: string): Hue {
  if (flag === 'UP' || flag === 'LOWER_UP') return 'ok'
  if (flag === 'PROMISC' || flag === 'ALLMULTI') return 'tunnel'
  return flag === 'NO-CARRIER' || flag === 'M-DOWN' ? 'warn' : 'stack'
}

function counter(id: ColumnId, kind: 'count' | 'bytes', key: keyof LinkCounters): LinkColumn {
  return { id, kind, width: 104, value: (l, s) => s.samples.links?.values[l.id]?.[key] }
}

/** Bytes per second between the last two samples; nothing after the counters restarted. */
function rate(id: ColumnId, key: 'rxBytes' | 'txBytes'): LinkColumn {
  const value = (l: Link, s: Scope): Value => {
    const { links } = s.samples
    const now = links?.values[l.id]?.[key]
    const before = links?.previous?.values[l.id]?.[key]
    if (!links?.previous || now === undefined || before === undefined || now < before) return undefined
    return ((now - before) * 1000) / (links.at - links.previous.at)
  }
  return { id, kind: 'rate', width: 104, value }
}
