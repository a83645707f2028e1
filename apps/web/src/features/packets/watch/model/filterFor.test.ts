import { type RecordKind, recordsOf } from '@hopscope/model'
import { generateHost } from '@hopscope/testkit'
import { readFilter } from '@hopscope/trace'
import { expect, it } from 'vitest'
import { filterFor } from './filterFor.ts'

const host = generateHost({ containers: 4, id: 'a', name: 'a' })

it('is proposed for objects with addresses, and is one that the host understands', () => {
  const [container] = recordsOf(host, 'container').filter(({ attachments }) => attachments.some(({ ip }) => ip))
  expect(filterFor({ kind: 'container', id: container?.id ?? '' }, host)).toBe(`host ${container?.name}`)
  const kinds: RecordKind[] = ['container', 'netns', 'link', 'address', 'neighbour', 'conntrack']
  for (const kind of kinds) {
    const filters = recordsOf(host, kind).flatMap(({ id }) => filterFor({ kind, id }, host) ?? [])
    if (kind !== 'conntrack') expect(filters.length, kind).toBeGreaterThan(0)
    for (const filter of filters) expect(readFilter(filter, host.records), filter).toMatchObject({ ok: true })
  }
})

it('is none for what packets cannot be told by', () => {
  expect(filterFor({ kind: 'fwRule', id: 'x' }, host)).toBeUndefined()
  expect(filterFor({ kind: 'link', id: 'gone' }, host)).toBeUndefined()
})
