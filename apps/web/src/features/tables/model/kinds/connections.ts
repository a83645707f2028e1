import { type Conntrack, recordsOf } from '@hopscope/model'
import { endpoint, linkWithPlace, netnsPart } from '../naming.ts'
import type { Scope } from '../scope.ts'
import { defineTable } from '../table.ts'
import { mark, type Part, tag, type Value } from '../value.ts'

/** Every tracked connection. Same as `conntrack -L` in each namespace. */
export const connections = defineTable<Conntrack>({
  id: 'connections',
  theme: 'traffic',
  icon: 'stack',
  topic: 'conntrack',
  sources: ['conntrack'],
  order: ['namespace', 'protocol', 'source'],
  records: (s) => recordsOf(s.snapshot, 'conntrack'),
  ref: (c) => ({ kind: 'conntrack', id: c.id }),
  columns: [
    { id: 'source', kind: 'code', width: 200, value: (c) => endpoint(c.orig.src, c.orig.sport) },
    { id: 'destination', kind: 'code', width: 200, value: (c) => endpoint(c.orig.dst, c.orig.dport) },
    { id: 'protocol', kind: 'words', width: 90, value: (c) => c.protocol },
    {
      id: 'tcpState',
      kind: 'marks',
      width: 120,
      value: (c) => c.state && tag(c.state, c.state === 'ESTABLISHED' ? 'ok' : 'stack'),
    },
    { id: 'translated', kind: 'marks', width: 120, value: translated },
    { id: 'replySource', kind: 'code', width: 200, value: (c) => endpoint(c.reply.src, c.reply.sport) },
    { id: 'replyDestination', kind: 'code', width: 200, value: (c) => endpoint(c.reply.dst, c.reply.dport) },
    { id: 'timeout', kind: 'seconds', width: 90, value: (c, s) => s.samples.conntrack?.values[c.id]?.timeout },
    { id: 'packets', kind: 'count', width: 90, value: (c, s) => s.samples.conntrack?.values[c.id]?.packets },
    { id: 'bytes', kind: 'bytes', width: 96, value: (c, s) => s.samples.conntrack?.values[c.id]?.bytes },
    { id: 'answeredBy', kind: 'code', width: 180, grow: true, value: answeredBy },
    { id: 'namespace', kind: 'words', width: 150, value: (c, s) => netnsPart(s, c.netns) },
    { id: 'status', kind: 'marks', width: 260, value: (c) => c.status.map((x) => tag(x)) },
    { id: 'mark', kind: 'number', width: 80, extra: true, value: (c) => c.mark },
    { id: 'zone', kind: 'number', width: 80, extra: true, value: (c) => c.zone },
  ],
})

/** What NAT did to it: the reply is not simply the way back. */
export function translated(c: Conntrack): Part[] {
  const parts: Part[] = []
  if (c.reply.src !== c.orig.dst || c.reply.sport !== c.orig.dport) parts.push({ text: 'DNAT', tone: 'entrance' })
  if (c.reply.dst !== c.orig.src || c.reply.dport !== c.orig.sport) parts.push({ text: 'SNAT', tone: 'segment' })
  if (!c.status.includes('SEEN_REPLY')) parts.push(mark('unanswered', 'warn'))
  return parts
}

function answeredBy(c: Conntrack, s: Scope): Value {
  const link = s.linkByIp(c.reply.src)
  return link && linkWithPlace(s, link)
}
