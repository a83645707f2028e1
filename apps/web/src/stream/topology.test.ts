import { generateHost } from '@hopscope/testkit'
import { describe, expect, it } from 'vitest'
import type { HostEntry } from './hostStore.ts'
import { topologyOf } from './topology.ts'

const snapshot = generateHost({ containers: 5 })
const held = (records: Partial<typeof snapshot.records>) => {
  const next = { ...snapshot, records: { ...snapshot.records, ...records } }
  const entry: HostEntry = { host: snapshot.host, status: 'live', since: 0, snapshot: next }
  return new Map([[snapshot.host.id, entry]])
}

describe('topologyOf', () => {
  it('gives the same object while nothing changes that is drawn', () => {
    const first = topologyOf(held({}))
    expect(topologyOf(held({ conntrack: {} }))).toBe(first)
    expect(topologyOf(held({ neighbour: {}, fdb: {} }))).toBe(first)
    const busier = Object.entries(snapshot.records.netns).map(([id, n]) => [id, { ...n, processCount: 99 }])
    expect(topologyOf(held({ netns: Object.fromEntries(busier) }))).toBe(first)
  })

  it('gives another one for a container that was renamed, and a namespace whose first process is another', () => {
    const first = topologyOf(held({}))
    const [container] = Object.values(snapshot.records.container)
    if (!container) throw new Error('no container')
    const renamed = { ...snapshot.records.container, [container.id]: { ...container, name: 'settler' } }
    const second = topologyOf(held({ container: renamed }))
    expect(second.nodes.map(({ label }) => label)).toContain('settler')
    expect(second).not.toBe(first)
    const other = Object.entries(snapshot.records.netns).map(([id, n]) => [
      id,
      { ...n, processes: [{ pid: 77, comm: 'other' }] },
    ])
    expect(topologyOf(held({ container: renamed, netns: Object.fromEntries(other) }))).not.toBe(second)
  })
})
