import { generateHost } from '@hopscope/testkit'
import { describe, expect, it } from 'vitest'
import { sceneOf } from './fixtures.ts'
import { buildScene, diffScene, type Scene } from './scene.ts'

const host = (containers: number) => generateHost({ containers, seed: 3 })
const ids = (scene: Scene) => [...scene.nodes.keys(), ...scene.edges.keys()].sort()

describe('diffScene', () => {
  it('adds everything to nothing, and nothing to the same', () => {
    const { scene } = sceneOf([host(20)])
    const all = diffScene(undefined, scene)
    expect(all.add.nodes.length + all.add.edges.length).toBe(scene.nodes.size + scene.edges.size)
    const again = diffScene(scene, sceneOf([host(20)]).scene)
    expect(again).toEqual({ add: { nodes: [], edges: [] }, update: { nodes: [], edges: [] }, remove: [] })
  })

  it.each([
    [5, 6],
    [20, 24],
    [46, 40],
    [0, 12],
    [12, 0],
  ])('turns %i containers into %i: what is left and added is what is drawn', (before, after) => {
    const a = sceneOf([host(before)])
    const b = sceneOf([host(after)], a.places)
    const diff = diffScene(a.scene, b.scene)
    const gone = new Set(diff.remove)
    const added = [...diff.add.nodes.map((d) => d.node.id), ...diff.add.edges.map((d) => d.edge.id)]
    expect([...ids(a.scene).filter((id) => !gone.has(id)), ...added].sort()).toEqual(ids(b.scene))
  })

  it('moves no other box when a container is added', () => {
    const a = sceneOf([host(20)])
    const b = sceneOf([host(21)], a.places)
    // Namespaces without a container have other numbers in another made up host.
    const boxes = [...a.scene.nodes.values()].filter(
      (d) => d.node.kind === 'box' && d.node.refs[0]?.kind === 'container',
    )
    expect(boxes.length).toBeGreaterThanOrEqual(18)
    for (const { node, rect } of boxes) {
      const now = b.scene.nodes.get(node.id)?.rect
      expect({ id: node.id, x: now?.x, y: now?.y }).toEqual({ id: node.id, x: rect.x, y: rect.y })
    }
    const diff = diffScene(a.scene, b.scene)
    expect(diff.add.nodes.some((d) => d.node.kind === 'box')).toBe(true)
  })

  it('draws a line anew when its node moves below it, though it runs where it ran', () => {
    const { scene } = sceneOf([host(5)])
    const [id, drawn] = [...scene.edges].find(([, e]) => e.edge.kind === 'route') ?? []
    if (!id || !drawn) throw new Error('no route in the scene')
    const edges = new Map(scene.edges).set(id, { ...drawn, from: { x: drawn.from.x, y: drawn.from.y + 10 } })
    expect(diffScene(scene, { ...scene, edges }).update.edges.map((e) => e.edge.id)).toEqual([id])
  })
})

describe('buildScene', () => {
  it('places every node, and runs every line between the borders of its ends', () => {
    const { scene, topology } = sceneOf([host(46)])
    expect(scene.nodes.size).toBe(topology.nodes.length)
    for (const { edge, from, to } of scene.edges.values()) {
      for (const [end, at] of [[edge.source, from] as const, [edge.target, to] as const]) {
        const rect = scene.nodes.get(end)?.rect
        expect(Math.abs(at.x), `${edge.id} at ${end}`).toBeLessThanOrEqual((rect?.w ?? 0) / 2 + 0.5)
        expect(Math.abs(at.y), `${edge.id} at ${end}`).toBeLessThanOrEqual((rect?.h ?? 0) / 2 + 0.5)
      }
    }
  })

  it('keeps every object of the last scene that says the same, and makes the others anew', () => {
    const last = sceneOf([host(12)])
    const next = sceneOf([host(12)])
    const box = next.topology.nodes.find((n) => n.kind === 'box')
    if (!box) throw new Error('no box')
    const nodes = next.topology.nodes.map((n) => (n === box ? { ...n, label: 'other' } : n))
    const again = buildScene({ ...next.topology, nodes }, next.layout, new Map(), last)
    const made = [...again.nodes].filter(([id, drawn]) => drawn !== last.scene.nodes.get(id)).map(([id]) => id)
    expect(made).toEqual([box.id])
    expect(again.nodes.get(box.id)?.node.label).toBe('other')
    for (const [id, drawn] of again.edges) expect(drawn).toBe(last.scene.edges.get(id))
  })

  it('makes a line anew when only its bends are others', () => {
    const last = sceneOf([host(12)])
    const [id, points] = [...last.layout.bends].find(([edge]) => last.scene.edges.has(edge)) ?? []
    if (!id || !points) throw new Error('no line with a bend')
    const bends = new Map(last.layout.bends).set(id, [{ x: 5000, y: 5000 }, ...points])
    const again = buildScene(last.topology, { ...last.layout, bends }, new Map(), last)
    expect([...again.edges].flatMap(([e, d]) => (d === last.scene.edges.get(e) ? [] : [e]))).toEqual([id])
  })
})
