import { type Address, recordsOf } from '@hopscope/model'
import { linkAt, netnsPart } from '../naming.ts'
import { defineTable } from '../table.ts'
import { tag, word } from '../value.ts'

/** Every address. Same as `ip addr show` in each namespace. */
export const addresses = defineTable<Address>({
  id: 'addresses',
  theme: 'links',
  icon: 'segment',
  sources: ['addresses'],
  order: ['namespace', 'address'],
  records: (s) => recordsOf(s.snapshot, 'address'),
  ref: (a) => ({ kind: 'address', id: a.id }),
  columns: [
    { id: 'address', kind: 'code', width: 220, value: (a) => `${a.local}/${a.prefixLength}` },
    { id: 'link', kind: 'code', width: 170, value: (a, s) => linkAt(s, a.netns, a.index) },
    { id: 'namespace', kind: 'words', width: 190, grow: true, value: (a, s) => netnsPart(s, a.netns) },
    { id: 'family', kind: 'words', width: 80, value: (a) => (a.family === 'inet' ? 'IPv4' : 'IPv6') },
    { id: 'scope', kind: 'words', width: 90, value: (a) => a.scope },
    { id: 'broadcast', kind: 'code', width: 150, value: (a) => a.broadcast },
    { id: 'peerAddress', kind: 'code', width: 150, extra: true, value: (a) => a.peer },
    { id: 'flags', kind: 'marks', width: 220, value: (a) => a.flags.map((f) => tag(f)) },
    { id: 'label', kind: 'code', width: 120, extra: true, value: (a) => a.label ?? word('none') },
  ],
})
