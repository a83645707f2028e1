import { generateHost } from '@hopscope/testkit'
import { deriveTopology } from '@hopscope/topology'
import { describe, expect, it } from 'vitest'
import { foldMap, START_FOLDS, withOpened } from './fold.ts'

const topology = deriveTopology([generateHost({ containers: 300 })])
const count = (kind: string, nodes: { kind: string }[]) => nodes.filter((n) => n.kind === kind).length

describe('foldMap', () => {
  it('folds a large host by itself, and nothing of a small one', () => {
    expect(count('block', foldMap(topology, START_FOLDS, undefined).topology.nodes)).toBeGreaterThan(0)
    const small = deriveTopology([generateHost({ containers: 12 })])
    expect(foldMap(small, START_FOLDS, undefined).topology).toBe(small)
  })

  it('folds every rack but shows every bridge', () => {
    const { nodes } = foldMap(topology, { ...START_FOLDS, folding: 'foldAll' }, undefined).topology
    expect(count('bridge', nodes)).toBe(count('bridge', topology.nodes))
    expect(nodes.filter((n) => n.kind === 'box' && n.rack !== undefined)).toEqual([])
  })

  it('opens everything', () => {
    const { nodes } = foldMap(topology, { ...START_FOLDS, folding: 'unfoldAll' }, undefined).topology
    expect(count('box', nodes)).toBe(count('box', topology.nodes))
  })

  it('opens the block that was clicked, and folds it again', () => {
    const { nodes } = foldMap(topology, START_FOLDS, undefined).topology
    const block = nodes.find((n) => n.kind === 'block' && n.rack !== undefined)
    const open = withOpened(START_FOLDS, block?.id ?? '', true)
    const ids = (choice: typeof open) => foldMap(topology, choice, undefined).topology.nodes.map((n) => n.id)
    expect(ids(open)).not.toContain(block?.id)
    expect(ids(open)).toEqual(expect.arrayContaining(block?.members?.map((m) => m.id) ?? ['none']))
    expect(ids(withOpened(open, block?.id ?? '', false))).toContain(block?.id)
  })

  it('never folds what is selected', () => {
    const web = topology.nodes.find((n) => n.kind === 'box' && n.label === 'web')
    expect(foldMap(topology, { ...START_FOLDS, folding: 'foldAll' }, web?.id).topology.nodes).toContain(web)
  })
})
