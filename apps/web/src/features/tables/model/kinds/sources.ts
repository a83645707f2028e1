import { recordsOf, type Source } from '@hopscope/model'
import { remedyFor } from '../../../sources/missing.ts'
import { defineTable } from '../table.ts'
import { type Value, word } from '../value.ts'

/** What each agent can read, and why not. Same as `npx hopscope doctor`. */
export const sources = defineTable<Source>({
  id: 'sources',
  theme: 'agent',
  icon: 'host',
  sources: [],
  order: ['sourceState', 'name'],
  records: (s) => recordsOf(s.snapshot, 'source'),
  ref: (r) => ({ kind: 'source', id: r.id }),
  columns: [
    { id: 'name', kind: 'words', width: 220, value: (r) => ({ say: `sources.name.${r.name}` }) },
    { id: 'agentOf', kind: 'words', width: 140, value: (_, s) => s.host },
    {
      id: 'sourceState',
      kind: 'marks',
      width: 120,
      value: (r) => ({ say: `sources.state.${r.state}`, tone: r.state === 'ok' ? 'ok' : 'warn' }),
    },
    { id: 'reason', kind: 'words', width: 360, grow: true, value: reason },
    { id: 'remedy', kind: 'code', width: 300, value: remedy },
    { id: 'detail', kind: 'code', width: 360, value: (r) => r.detail },
  ],
})

function reason(r: Source): Value {
  if (r.omitted !== undefined) return word('omitted', { count: r.omitted })
  return r.reason && { say: `sources.reason.${r.reason}` }
}

function remedy(r: Source): Value {
  return r.reason && r.omitted === undefined ? remedyFor(r.name, r.reason) : undefined
}
