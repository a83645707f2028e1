import { type Neighbour, recordsOf } from '@hopscope/model'
import type { Hue } from '../../../../theme/colours.ts'
import { linkAt, linkWithPlace, netnsPart } from '../naming.ts'
import type { Scope } from '../scope.ts'
import { defineTable } from '../table.ts'
import { mark, type Part, tag, type Value } from '../value.ts'

/** The ARP and NDP tables. Same as `ip neigh show` and `arp -n` in each namespace. */
export const neighbours = defineTable<Neighbour>({
  id: 'neighbours',
  theme: 'switching',
  icon: 'interface',
  topic: 'neighbours',
  sources: ['neighbours'],
  order: ['namespace', 'address'],
  records: (s) => recordsOf(s.snapshot, 'neighbour'),
  ref: (n) => ({ kind: 'neighbour', id: n.id }),
  columns: [
    { id: 'address', kind: 'code', width: 180, value: (n) => n.address },
    { id: 'mac', kind: 'code', width: 160, value: (n) => n.lladdr },
    { id: 'arpState', kind: 'marks', width: 130, value: (n) => tag(n.state, HUES[n.state]) },
    { id: 'link', kind: 'code', width: 170, value: (n, s) => linkAt(s, n.netns, n.index) },
    { id: 'namespace', kind: 'words', width: 170, value: (n, s) => netnsPart(s, n.netns) },
    { id: 'owner', kind: 'code', width: 220, grow: true, value: owner },
    { id: 'updated', kind: 'seconds', width: 100, value: (n, s) => s.samples.neighbours?.values[n.id]?.updated },
    { id: 'used', kind: 'seconds', width: 90, value: (n, s) => s.samples.neighbours?.values[n.id]?.used },
    { id: 'family', kind: 'words', width: 80, value: (n) => (n.family === 'inet' ? 'IPv4' : 'IPv6') },
    { id: 'flags', kind: 'marks', width: 150, value: flags },
  ],
})

const HUES: Record<Neighbour['state'], Hue> = {
  REACHABLE: 'ok',
  PERMANENT: 'stack',
  NOARP: 'stack',
  STALE: 'stack',
  DELAY: 'warn',
  PROBE: 'warn',
  INCOMPLETE: 'warn',
  FAILED: 'danger',
  NONE: 'stack',
}

function owner(n: Neighbour, s: Scope): Value {
  const link = (n.lladdr === undefined ? undefined : s.linkByMac(n.lladdr)) ?? s.linkByIp(n.address)
  return link && linkWithPlace(s, link)
}

function flags(n: Neighbour): Part[] {
  const on: Part[] = []
  if (n.proxy) on.push(mark('proxyEntry', 'tunnel'))
  if (n.router) on.push(mark('routerEntry', 'tunnel'))
  if (n.externLearn) on.push(mark('externLearn', 'stack'))
  return on
}
