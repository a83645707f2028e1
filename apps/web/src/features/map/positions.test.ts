import { generateHost } from '@hopscope/testkit'
import { deriveTopology } from '@hopscope/topology'
import { describe, expect, it } from 'vitest'
import { createPlacer, readPlaces } from './positions.ts'

const one = deriveTopology([generateHost({ containers: 12, id: 'a' })])
const two = deriveTopology([
  generateHost({ containers: 12, id: 'a' }),
  generateHost({ containers: 4, id: 'b', seed: 2 }),
])

describe('kept places', () => {
  it('come back as they were written', () => {
    const placer = createPlacer()
    const layout = placer.place(one)
    const kept = readPlaces(JSON.stringify(placer.places()))
    expect(kept).toEqual(placer.places())
    expect(createPlacer(kept).place(one).nodes).toEqual(layout.nodes)
  })

  it.each([undefined, '', '{', '[]', '{"version":2,"hosts":{}}', '{"version":1,"hosts":{"a":{"y":"0"}}}'])(
    'are made anew when %j was kept',
    (text) => {
      expect(readPlaces(text)).toBeUndefined()
    },
  )

  it('are remembered for a host that is not shown for a while', () => {
    const placer = createPlacer()
    const before = placer.place(two)
    placer.place(one)
    expect(placer.place(two).nodes).toEqual(before.nodes)
  })
})
