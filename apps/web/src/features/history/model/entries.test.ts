import type { Change } from '@hopscope/protocol'
import { describe, expect, it } from 'vitest'
import { byDay, filtered, merged, type PastEntry, withChange } from './entries.ts'

const change = (id: string, at: number, more: Partial<Change> = {}): Change => ({
  ...{ id, at, by: 'ada', command: { do: 'link.up', netns: 'root', link: 'eth0' }, lost: [], state: 'done' as const },
  title: { code: 'link.up', params: { link: 'eth0' } },
  steps: [{ title: { code: 'link.up', params: { link: 'eth0' } }, shell: 'ip link set dev eth0 up', state: 'done' }],
  ...more,
})
const entry = (one: Change, host = 'a', away = false): PastEntry => ({
  host: { id: host, name: host },
  change: one,
  away,
})

describe('the history', () => {
  it('takes the word of the agent before that of the hub, newest first', () => {
    const told = [entry(change('1', 1, { state: 'undone' })), entry(change('3', 3))]
    const hub = [entry(change('1', 1), 'a', true), entry(change('1', 2), 'b', true)]
    expect(merged(told, hub).map((e) => [e.host.id, e.change.at, e.change.state, e.away])).toEqual([
      ['a', 3, 'done', false],
      ['b', 2, 'done', true],
      ['a', 1, 'undone', false],
    ])
  })
  it('is filtered by host, person, outcome, and words in the language shown or in the commands', () => {
    const all = [
      entry(change('1', 5, { state: 'undoing' })),
      entry(change('2', 4, { by: 'bob' }), 'b'),
      entry(change('3', 3, { title: { code: 'link.delete', params: { link: 'br0' } }, state: 'failed' })),
    ]
    const ids = (filter: Parameters<typeof filtered>[1], language: 'en' | 'zh-CN' = 'en') =>
      filtered(all, filter, language).map((e) => e.change.id)
    expect(ids({})).toEqual(['1', '2', '3'])
    expect(ids({ host: 'a' })).toEqual(['1', '3'])
    expect(ids({ person: 'bob' })).toEqual(['2'])
    expect(ids({ outcome: 'running' })).toEqual(['1'])
    expect(ids({ text: 'DELETE br0' })).toEqual(['3'])
    expect(ids({ text: '删除', host: 'a' }, 'zh-CN')).toEqual(['3'])
    expect(ids({ text: 'set dev eth0', person: 'ada' })).toEqual(['1', '3'])
    expect(ids({ text: 'nowhere' })).toEqual([])
  })
  it('is told day by day, and takes a change in as it is now', () => {
    const all = [entry(change('1', 30)), entry(change('2', 21)), entry(change('3', 9))]
    const days = byDay(all, (at) => `day ${Math.floor(at / 10)}`)
    expect(days.map(([day, of]) => [day, of.map((e) => e.change.id)])).toEqual([
      ['day 3', ['1']],
      ['day 2', ['2']],
      ['day 0', ['3']],
    ])
    const held = [change('2', 2), change('1', 1)]
    const now = withChange(held, change('1', 1, { state: 'undone' }))
    expect(now.map(({ id, state }) => `${id} ${state}`)).toEqual(['2 done', '1 undone'])
    expect(withChange(now, change('3', 3)).map(({ id }) => id)).toEqual(['3', '2', '1'])
  })
})
