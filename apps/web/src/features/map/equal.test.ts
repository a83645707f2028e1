import { generateHost } from '@hopscope/testkit'
import { describe, expect, it } from 'vitest'
import { sceneOf } from './fixtures.ts'
import { equal, reuseScene } from './reuse.ts'

describe('reuseScene', () => {
  it('keeps every object that says the same, and takes the others', () => {
    const last = sceneOf([generateHost({ containers: 12 })]).scene
    const next = sceneOf([generateHost({ containers: 12 })]).scene
    const box = [...next.nodes.values()].find((d) => d.node.kind === 'box')
    if (!box) throw new Error('no box')
    const renamed = { ...box, node: { ...box.node, label: 'other' } }
    next.nodes.set(box.node.id, renamed)
    const reused = reuseScene(last, next)
    expect(reused.nodes.get(box.node.id)).toBe(renamed)
    for (const [id, drawn] of reused.nodes) if (id !== box.node.id) expect(drawn).toBe(last.nodes.get(id))
    for (const [id, drawn] of reused.edges) expect(drawn).toBe(last.edges.get(id))
  })
})

describe('equal', () => {
  it.each([
    [{ a: 1 }, { a: 1 }, true],
    [{ a: 1 }, { a: 1, b: 2 }, false],
    [{ a: 1, b: 2 }, { a: 1 }, false],
    [{ a: undefined }, { b: undefined }, false],
    [[1, { a: [2] }], [1, { a: [2] }], true],
    [[1, 2], [1, 2, 3], false],
    [[1], { 0: 1 }, false],
    [null, {}, false],
    [{ 0: 1 }, [1], false],
  ])('%j and %j', (a, b, is) => {
    expect(equal(a, b)).toBe(is)
  })
})
