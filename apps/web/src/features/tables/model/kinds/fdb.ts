import { type Fdb, recordsOf } from '@hopscope/model'
import { linkAt, linkWithPlace, netnsPart } from '../naming.ts'
import type { Scope } from '../scope.ts'
import { defineTable } from '../table.ts'
import { mark, type Part, type Value, word } from '../value.ts'

/** The CAM tables: which MAC address is behind which port. Same as `bridge fdb show` and `brctl showmacs`. */
export const fdb = defineTable<Fdb>({
  id: 'fdb',
  theme: 'switching',
  icon: 'bridge',
  topic: 'fdb',
  sources: ['fdb'],
  order: ['bridge', 'port', 'entry'],
  records: (s) => recordsOf(s.snapshot, 'fdb'),
  ref: (f) => ({ kind: 'fdb', id: f.id }),
  columns: [
    { id: 'mac', kind: 'code', width: 160, value: (f) => f.mac },
    { id: 'port', kind: 'code', width: 160, value: (f, s) => linkAt(s, f.netns, f.index) },
    { id: 'bridge', kind: 'code', width: 180, value: (f, s) => linkAt(s, f.netns, f.master) },
    { id: 'entry', kind: 'marks', width: 110, value: entry },
    {
      id: 'age',
      kind: 'seconds',
      width: 90,
      value: (f, s) => (f.state === 'learned' ? s.samples.fdb?.values[f.id]?.updated : undefined),
    },
    { id: 'used', kind: 'seconds', width: 90, extra: true, value: (f, s) => s.samples.fdb?.values[f.id]?.used },
    { id: 'owner', kind: 'code', width: 220, grow: true, value: owner },
    { id: 'remote', kind: 'code', width: 140, value: (f) => f.dst },
    { id: 'vlan', kind: 'number', width: 72, value: (f) => f.vlan },
    { id: 'vni', kind: 'number', width: 72, extra: true, value: (f) => f.vni },
    { id: 'table', kind: 'words', width: 120, value: (f) => word(f.self ? 'fdbSelf' : 'fdbMaster') },
    { id: 'namespace', kind: 'words', width: 150, value: (f, s) => netnsPart(s, f.netns) },
  ],
})

function entry(f: Fdb): Part {
  switch (f.state) {
    case 'learned':
      return mark('learned', 'ok')
    case 'permanent':
      return mark('permanent', 'stack')
    case 'static':
      return mark('static', 'tunnel')
  }
}

/** Group addresses belong to nobody. */
function owner(f: Fdb, s: Scope): Value {
  const isGroup = (Number.parseInt(f.mac.slice(0, 2), 16) & 1) === 1
  if (isGroup) return word('groupAddress')
  const link = s.linkByMac(f.mac)
  return link && linkWithPlace(s, link)
}
