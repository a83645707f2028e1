import { hostSnapshotSchema, RECORD_KINDS, recordsOf } from '@hopscope/model'
import { describe, expect, it } from 'vitest'
import { generateHost } from './generateHost.ts'

describe('generateHost', () => {
  it.each([0, 1, 5, 46, 300, 2000])('makes a valid host of %i containers', (containers) => {
    const host = generateHost({ containers, neighbours: [11] })
    expect(hostSnapshotSchema.parse(host)).toEqual(host)
    expect(Object.keys(host.records.container)).toHaveLength(containers)
  })

  it('files every record under its own id', () => {
    const host = generateHost({ containers: 46, neighbours: [11] })
    for (const kind of RECORD_KINDS)
      for (const [id, record] of Object.entries(host.records[kind])) expect(record.id).toBe(id)
  })

  it('is the same for the same seed and another for another', () => {
    expect(generateHost({ containers: 20, seed: 4 })).toEqual(generateHost({ containers: 20, seed: 4 }))
    expect(generateHost({ containers: 20, seed: 5 }).records.link).not.toEqual(
      generateHost({ containers: 20, seed: 4 }).records.link,
    )
  })

  it('makes veths whose ends point at each other', () => {
    const host = generateHost({ containers: 46 })
    const links = recordsOf(host, 'link')
    const veths = links.filter((l) => l.info.kind === 'veth')
    expect(veths.length).toBeGreaterThan(60)
    for (const l of veths) {
      const peer = links.find((p) => p.netns === (l.linkNetns ?? l.netns) && p.index === l.iflink)
      expect(peer?.iflink).toBe(l.index)
    }
  })

  it('has a container of every network mode', () => {
    const modes = recordsOf(generateHost({ containers: 46 }), 'container').map((c) => c.networkMode.split(':')[0])
    for (const mode of ['bridge', 'host', 'none', 'container', 'lan', 'app1_default']) expect(modes).toContain(mode)
  })
})
