import { describe, expect, it } from 'vitest'
import { anchor, edgeRoute, elbow, midpoint, toSegments } from './geometry.ts'

const bridge = { x: 100, y: 0, w: 200, h: 30 }
const port = { x: 40, y: 100, w: 10, h: 10 }

describe('edgeRoute', () => {
  it('runs upright from a port to the bridge above it', () => {
    expect(edgeRoute(port, bridge)).toEqual([
      { x: 40, y: 95 },
      { x: 40, y: 15 },
    ])
  })

  it('runs level between a tall bar and what stands beside it', () => {
    const stack = { x: 0, y: 200, w: 40, h: 400 }
    const nic = { x: -150, y: 80, w: 100, h: 40 }
    expect(edgeRoute(stack, nic)).toEqual([
      { x: -20, y: 80 },
      { x: -100, y: 80 },
    ])
  })

  it('takes a bend on the border as the end, without doubling it', () => {
    const bends = [{ x: 40, y: 15 }]
    expect(edgeRoute(port, bridge, bends)).toEqual([
      { x: 40, y: 95 },
      { x: 40, y: 15 },
    ])
  })

  it('draws nothing between rectangles with the same middle', () => {
    expect(edgeRoute(bridge, { ...bridge })).toEqual([])
  })
})

describe('anchor', () => {
  it('meets the border where the straight line crosses it', () => {
    expect(anchor({ x: 0, y: 0, w: 20, h: 20 }, { x: 100, y: 100 })).toEqual({ x: 10, y: 10 })
  })
})

describe('toSegments', () => {
  it('gives back the bends when the weights and distances are undone', () => {
    const route = [
      { x: 3, y: 7 },
      { x: 50, y: -20 },
      { x: 80, y: 40 },
      { x: 120, y: 33 },
    ]
    const { weights, distances } = toSegments(route)
    const [a, b] = [route[0], route[3]]
    if (!a || !b) throw new Error('no ends')
    const [dx, dy] = [b.x - a.x, b.y - a.y]
    const length = Math.hypot(dx, dy)
    // What cytoscape does with them: along the line, then aside by its normal.
    const points = weights.map((w, i) => ({
      x: a.x + dx * w + (-dy / length) * (distances[i] ?? 0),
      y: a.y + dy * w + (dx / length) * (distances[i] ?? 0),
    }))
    for (const [i, p] of points.entries()) {
      expect(p.x).toBeCloseTo(route[i + 1]?.x ?? Number.NaN)
      expect(p.y).toBeCloseTo(route[i + 1]?.y ?? Number.NaN)
    }
  })
})

describe('elbow', () => {
  it('turns twice at its lane', () => {
    const segment = { x: 0, y: 0, w: 100, h: 40 }
    const nic = { x: 300, y: 200, w: 100, h: 40 }
    expect(elbow(segment, nic, 20)).toEqual([
      { x: 50, y: 0 },
      { x: 70, y: 0 },
      { x: 70, y: 200 },
      { x: 250, y: 200 },
    ])
  })
})

describe('midpoint', () => {
  it('is halfway by length, not by corners', () => {
    const route = [
      { x: 0, y: 0 },
      { x: 10, y: 0 },
      { x: 10, y: 30 },
    ]
    expect(midpoint(route)).toEqual({ x: 10, y: 10 })
  })
})
