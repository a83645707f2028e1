import { recordsOf, type Sysctl } from '@hopscope/model'
import { netnsPart } from '../naming.ts'
import { defineTable } from '../table.ts'
import { onOff, type Part, type Value, word } from '../value.ts'

/** What decides whether and how a namespace forwards. Same as `sysctl net.ipv4.ip_forward` and its neighbours. */
export const switches = defineTable<Sysctl>({
  id: 'switches',
  theme: 'routing',
  icon: 'stack',
  sources: ['sysctl'],
  order: ['namespace'],
  records: (s) => recordsOf(s.snapshot, 'sysctl'),
  ref: (y) => ({ kind: 'sysctl', id: y.id }),
  columns: [
    { id: 'namespace', kind: 'words', width: 200, value: (y, s) => netnsPart(s, y.netns) },
    { id: 'ipForward', kind: 'marks', width: 110, value: (y) => onOff(y.ipForward) },
    { id: 'ip6Forwarding', kind: 'marks', width: 150, value: (y) => onOff(y.ip6Forwarding) },
    {
      id: 'bridgeNfCallIptables',
      kind: 'marks',
      width: 200,
      value: (y, s) => bridgeNf(y.bridgeNfCallIptables, s.snapshot.host.rootNetns === y.netns),
    },
    { id: 'bridgeNfCallIp6tables', kind: 'marks', width: 210, value: (y) => onOff(y.bridgeNfCallIp6tables) },
    { id: 'bridgeNfCallArptables', kind: 'marks', width: 210, value: (y) => onOff(y.bridgeNfCallArptables) },
    { id: 'rpFilterAll', kind: 'words', width: 130, value: (y) => rpFilter(y.rpFilterAll) },
    { id: 'rpFilterDefault', kind: 'words', width: 150, value: (y) => rpFilter(y.rpFilterDefault) },
    { id: 'forwardingLinks', kind: 'code', width: 200, grow: true, value: forwardingLinks },
  ],
})

/** The switch is not there until br_netfilter is loaded. */
const bridgeNf = (on: boolean | undefined, root: boolean): Value =>
  on === undefined && root ? word('notLoaded') : onOff(on)

function rpFilter(mode: number | undefined): Value {
  if (mode === undefined) return undefined
  return word(mode === 0 ? 'rpOff' : mode === 1 ? 'rpStrict' : 'rpLoose')
}

/** Interfaces that forward IPv4. */
function forwardingLinks(y: Sysctl, s: Parameters<typeof netnsPart>[0]): Part[] {
  return Object.entries(y.links).flatMap(([index, l]) => {
    const link = l.forwarding4 ? s.link(y.netns, Number(index)) : undefined
    return link ? [{ text: link.name }] : []
  })
}
