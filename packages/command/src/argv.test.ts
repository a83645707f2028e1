import { recordsOf } from '@hopscope/model'
import { generateHost } from '@hopscope/testkit'
import { expect, it } from 'vitest'
import { argvOf, ownerOf } from './argv.ts'

const snapshot = generateHost({ containers: 3, handMade: 2 })
const named = recordsOf(snapshot, 'netns').filter(({ names }) => names.some(({ by }) => by === 'iproute2'))
const [first, second] = named
const argv = ['ip', 'link', 'show']
const nameOf = (netns: (typeof named)[number] | undefined) =>
  netns?.names.find(({ by }) => by === 'iproute2')?.name ?? ''

it('follows the name of a namespace whose number is another one by now', () => {
  const owner = { name: nameOf(first) }
  expect(ownerOf(snapshot, first?.id ?? '')).toEqual(owner)
  for (const place of [first?.id, second?.id, 'ns:1'])
    expect(argvOf(snapshot, { place: place ?? '', owner, argv }), place).toEqual([
      'ip',
      '-n',
      owner.name,
      'link',
      'show',
    ])
})

it('goes into no other namespace that got the number of a container that is gone', () => {
  const [container, other] = recordsOf(snapshot, 'container').filter(
    ({ netns }) => netns !== undefined && netns !== snapshot.host.rootNetns,
  )
  const place = container?.netns ?? ''
  const owner = ownerOf(snapshot, place)
  expect(owner).toEqual({ container: container?.id })
  expect(argvOf(snapshot, { place, owner, argv })?.[0]).toBe('nsenter')
  expect(argvOf(snapshot, { place: other?.netns ?? '', owner, argv })).toBeUndefined()
})
