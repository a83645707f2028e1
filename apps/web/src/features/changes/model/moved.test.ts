import type { Change } from '@hopscope/protocol'
import { expect, it } from 'vitest'
import type { Checked } from './check.ts'
import { movedSince, seenOf } from './moved.ts'

const change = (id: string, state: Change['state']): Change => ({
  ...{ id, at: 1, by: 'bob', command: { do: 'link.up', netns: 'root', link: 'eth0' }, lost: [], steps: [], state },
  title: { code: 'link.up', params: {} },
})
const refused = (code: string): Checked => ({ kind: 'refused', refusal: { code, params: {} } })

it('names what others finished since something was shown, once the same inputs come to something else', () => {
  const shown = { values: {}, hostId: 'h', checked: refused('A'), news: [change('1', 'done'), change('2', 'done')] }
  const seen = seenOf(shown)
  const later = [change('4', 'running'), change('3', 'done'), change('2', 'undone'), change('1', 'done')]
  expect(movedSince(seen, refused('A'), later)).toBeUndefined()
  expect(movedSince(seen, refused('B'), later)?.map(({ id }) => id)).toEqual(['3', '2'])
  // Nobody told who it was: perhaps it was done by hand.
  expect(movedSince(seen, refused('B'), shown.news)).toEqual([])
  expect(movedSince(seen, { kind: 'incomplete', wrong: {} }, later)).toHaveLength(2)
  expect(seenOf({ ...shown, checked: { kind: 'incomplete', wrong: {} } })).toBeUndefined()
})
