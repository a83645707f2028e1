import { diff } from '@hopscope/model'
import { expect, it } from 'vitest'
import { generateHost } from './index.ts'

const MOST_BYTES = 2_000

it('a container or link that is renamed costs at most 2 kB on the wire, on a host of any size', () => {
  for (const containers of [5, 300]) {
    const { records } = generateHost({ containers })
    const [container] = Object.values(records.container)
    const [link] = Object.values(records.link)
    if (!container || !link) throw new Error('an empty host')
    const renamed = {
      ...records,
      container: { ...records.container, [container.id]: { ...container, name: 'settler' } },
      link: { ...records.link, [link.id]: { ...link, name: 'settler0' } },
    }
    const bytes = Buffer.byteLength(JSON.stringify(diff(records, renamed)))
    expect(bytes).toBeGreaterThan(0)
    expect(bytes).toBeLessThan(MOST_BYTES / 4)
  }
})
