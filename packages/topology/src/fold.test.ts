import { generateHost } from '@hopscope/testkit'
import { recordedHost } from '@hopscope/testkit/recorded'
import { describe, expect, it } from 'vitest'
import { deriveTopology } from './derive.ts'
import { foldPlan } from './fold.ts'
import { layoutRack } from './layout.ts'

const none = new Set<string>()
const defaults = { maxElements: 400, opened: none, keep: none }
const big = deriveTopology([generateHost({ containers: 300, neighbours: [11] })])

describe('foldPlan', () => {
  it.each([0, 1, 5, 46, 120, 300, 1000, 2000])('keeps a host of %i containers within 400 elements', (containers) => {
    const t = deriveTopology([generateHost({ containers, seed: containers, neighbours: [11, 12] })])
    const { topology } = foldPlan(t, defaults)
    expect(topology.nodes.length + topology.edges.length).toBeLessThanOrEqual(400)
  })

  it('keeps a host of very many networks within 400 elements', () => {
    const t = deriveTopology([generateHost({ containers: 300, bridges: 250 })])
    const { topology } = foldPlan(t, defaults)
    expect(topology.nodes.length + topology.edges.length).toBeLessThanOrEqual(400)
  })

  it('keeps a recorded host of 300 containers within 400 elements', () => {
    const { topology } = foldPlan(deriveTopology([recordedHost()]), defaults)
    expect(topology.nodes.length + topology.edges.length).toBeLessThanOrEqual(400)
  })

  it('leaves a small host as it is, but for namespaces of plain processes', () => {
    const t = deriveTopology([generateHost({ containers: 20, processes: 3 })])
    const { topology } = foldPlan(t, defaults)
    const block = topology.nodes.filter((n) => n.kind === 'block')
    expect(block.map((b) => b.members?.length)).toEqual([3])
    expect(topology.nodes.filter((n) => n.kind === 'box' && n.rack).length).toBe(
      t.nodes.filter((n) => n.kind === 'box' && n.rack).length,
    )
  })

  it('counts and lists who is folded, and says for each part in which block', () => {
    const { topology, blockOf } = foldPlan(big, defaults)
    const shown = new Set(topology.nodes.map((n) => n.id))
    for (const n of big.nodes) expect(shown.has(n.id) || shown.has(blockOf.get(n.id) ?? ''), n.id).toBe(true)
    for (const block of topology.nodes.filter((n) => n.kind === 'block')) {
      expect(block.badges).toContainEqual({ kind: 'count', value: block.members?.length })
      for (const m of block.members ?? []) expect(blockOf.get(m.id)).toBe(block.id)
    }
  })

  it('leaves no edge, rack or badge that leads to what is folded', () => {
    for (const t of [big, deriveTopology([generateHost({ containers: 300, bridges: 250 })])]) {
      const { topology } = foldPlan(t, { ...defaults, maxElements: 200 })
      const ids = new Set(topology.nodes.map((n) => n.id))
      for (const e of topology.edges) expect(ids.has(e.source) && ids.has(e.target), e.id).toBe(true)
      for (const n of topology.nodes) {
        if (n.rack !== undefined) expect(ids).toContain(n.rack)
        if (n.parent !== undefined) expect(ids).toContain(n.parent)
        for (const b of n.badges) if (b.kind === 'attachment') expect(ids).toContain(b.toNode)
      }
      expect([...layoutRack(topology).layout.nodes.keys()].sort()).toEqual([...ids].sort())
    }
  })

  it('never folds what is selected, also when it is an interface or a port', () => {
    const box = big.nodes.find((n) => n.kind === 'box' && n.label === 'web')
    const eth0 = big.nodes.find((n) => n.parent === box?.id)
    const veth = big.edges.find((e) => e.kind === 'veth' && e.target === eth0?.id)
    for (const id of [box?.id, eth0?.id, veth?.source]) {
      const { topology } = foldPlan(big, { ...defaults, maxElements: 1, keep: new Set([id ?? '']) })
      const shown = topology.nodes.map((n) => n.id)
      expect(shown).toEqual(expect.arrayContaining([box?.id, eth0?.id, veth?.source]))
    }
  })

  it('does not fold what was opened', () => {
    const docker0 = big.nodes.find((n) => n.label === 'docker0')
    const { topology } = foldPlan(big, { ...defaults, opened: new Set([docker0?.id ?? '']) })
    const members = (t: typeof big) => t.nodes.filter((n) => n.kind === 'box' && n.rack === docker0?.id).length
    expect(members(topology)).toBe(members(big))
  })
})
