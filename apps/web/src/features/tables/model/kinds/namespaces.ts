import { type Netns, recordsOf, sysctlId } from '@hopscope/model'
import { containerPart, linkPart, netnsPart } from '../naming.ts'
import type { Scope } from '../scope.ts'
import { defineTable } from '../table.ts'
import { mark, onOff, type Part, type Value, word } from '../value.ts'

/** Every network namespace: named, each container's, and those of plain processes. Same as `lsns -t net`. */
export const namespaces = defineTable<Netns>({
  id: 'namespaces',
  theme: 'links',
  icon: 'box',
  sources: ['namespaces'],
  order: ['sort', 'name'],
  records: (s) => recordsOf(s.snapshot, 'netns'),
  ref: (n) => ({ kind: 'netns', id: n.id }),
  columns: [
    { id: 'name', kind: 'words', width: 190, value: (n, s) => netnsPart(s, n.id) },
    { id: 'sort', kind: 'words', width: 170, value: sortOf },
    {
      id: 'containers',
      kind: 'words',
      width: 180,
      grow: true,
      value: (n, s) => s.containersIn(n.id).map((c) => containerPart(s, c)),
    },
    { id: 'loopback', kind: 'marks', width: 100, value: loopback },
    { id: 'links', kind: 'code', width: 220, value: otherLinks },
    { id: 'forwarding', kind: 'marks', width: 120, value: (n, s) => onOff(sysctlOf(n, s)?.ipForward) },
    { id: 'processes', kind: 'code', width: 220, value: processes },
    { id: 'netnsInode', kind: 'code', width: 150, value: (n) => `net:[${n.inode}]` },
    { id: 'heldBy', kind: 'code', width: 260, value: (n) => n.names.map((x) => ({ text: x.path })) },
  ],
})

function sortOf(n: Netns, s: Scope): Value {
  if (n.root) return word('sortHost')
  if (s.containersIn(n.id).length) return word('sortContainer')
  if (n.names.some((x) => x.by === 'iproute2')) return word('sortNamed')
  return n.names.length ? word('sortDocker') : word('sortProcess')
}

function loopback(n: Netns, s: Scope): Value {
  const lo = s.linksIn(n.id).find((l) => l.type === 'loopback')
  if (!lo) return undefined
  return lo.flags.includes('UP') ? mark('up', 'ok') : mark('down', 'danger')
}

function otherLinks(n: Netns, s: Scope): Part[] {
  const links = s.linksIn(n.id).filter((l) => l.type !== 'loopback')
  return links.map((l) => linkPart(s, l))
}

const sysctlOf = (n: Netns, s: Scope) => s.snapshot.records.sysctl[sysctlId(n.id)]

function processes(n: Netns): Part[] {
  const more = n.processCount - n.processes.length
  const shown = n.processes.map((p) => ({ text: `${p.comm} (${p.pid})` }))
  return more > 0 ? [...shown, word('more', { count: more })] : shown
}
