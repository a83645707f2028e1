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

  it.each([undefined, '', '{', '[]', '{"version":1,"hosts":{}}', '{"version":2,"hosts":{"a":{"y":"0"}}}'])(
    'are made anew when %j was kept',
    (text) => {
      expect(readPlaces(text)).toBeUndefined()
    },
  )

  it('are given up when everything is arranged anew, once', () => {
    const fresh = createPlacer().place(one)
    const placer = createPlacer()
    placer.place(two)
    const small = deriveTopology([generateHost({ containers: 2, id: 'a' })])
    const before = placer.place(small)
    const after = placer.place(small, 1)
    expect(after.bounds.w * after.bounds.h).toBeLessThan(before.bounds.w * before.bounds.h)
    expect(placer.place(small, 1).nodes).toEqual(after.nodes)
    expect(placer.place(one, 2).nodes).toEqual(fresh.nodes)
  })

  it('are remembered for a host that is not shown for a while', () => {
    const placer = createPlacer()
    const before = placer.place(two)
    placer.place(one)
    expect(placer.place(two).nodes).toEqual(before.nodes)
  })
})
