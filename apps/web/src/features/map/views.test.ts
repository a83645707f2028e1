import { generateHost } from '@hopscope/testkit'
import { describe, expect, it } from 'vitest'
import { sceneOf } from './fixtures.ts'
import { spotToward } from './neighbour.ts'
import { fitText, textSize } from './primitive.ts'
import { firstView, fitView, readView, showsAll, showsSomething, writeView } from './views.ts'

const wide = { w: 1440, h: 850 }
const narrow = { w: 414, h: 800 }

describe('fitView', () => {
  it('shows all of it', () => {
    const bounds = { x: -300, y: 40, w: 2000, h: 900 }
    const { zoom, pan } = fitView(bounds, wide)
    expect(bounds.x * zoom + pan.x).toBeGreaterThanOrEqual(0)
    expect((bounds.x + bounds.w) * zoom + pan.x).toBeLessThanOrEqual(wide.w)
    expect((bounds.y + bounds.h) * zoom + pan.y).toBeLessThanOrEqual(wide.h)
    expect(showsAll({ zoom, pan }, bounds, wide)).toBe(true)
    expect(showsAll({ zoom, pan: { x: pan.x + 400, y: pan.y } }, bounds, wide)).toBe(false)
  })
})

describe('firstView', () => {
  const { topology, layout } = sceneOf([generateHost({ containers: 46 })])
  it('shows everything on a wide screen', () => {
    expect(firstView(topology, layout, wide)).toEqual(fitView(layout.bounds, wide))
  })
  it('starts at the upper end of the stack and the bridge beside it, readable, on a narrow one', () => {
    const { zoom, pan } = firstView(topology, layout, narrow)
    expect(zoom).toBeGreaterThanOrEqual(0.7)
    const at = (id: string | undefined) => {
      const { x, y, w, h } = layout.nodes.get(id ?? '') ?? { x: 0, y: 0, w: 0, h: 0 }
      return { left: (x - w / 2) * zoom + pan.x, top: (y - h / 2) * zoom + pan.y }
    }
    const frame = at(topology.nodes.find((n) => n.kind === 'host')?.id)
    const stack = at(topology.nodes.find((n) => n.kind === 'stack')?.id)
    const bars = topology.nodes.filter((n) => n.kind === 'bridge').map((n) => at(n.id))
    expect(frame.top).toBeGreaterThanOrEqual(0)
    expect(stack.left).toBeGreaterThanOrEqual(0)
    expect(stack.left).toBeLessThan(narrow.w / 4)
    expect(bars.some((b) => b.left > stack.left && b.left < narrow.w / 2 && b.top < narrow.h / 4)).toBe(true)
  })
})

describe('a kept view', () => {
  it('comes back at the same middle, also in a window of another size', () => {
    const view = { zoom: 0.75, pan: { x: 120, y: -60 } }
    const kept = readView(writeView(view, wide), wide)
    expect(kept?.zoom).toBe(0.75)
    expect(kept?.pan.x).toBeCloseTo(120, 0)
    const other = readView(writeView(view, wide), narrow)
    expect(((narrow.w / 2 - (other?.pan.x ?? 0)) / 0.75).toFixed(0)).toBe(((wide.w / 2 - 120) / 0.75).toFixed(0))
  })
  it.each([undefined, '', 'x', '1,2', '0,1,1', 'NaN,1,1', '-1,0,0'])('is nothing when it says %j', (text) => {
    expect(readView(text, wide)).toBeUndefined()
  })
  it('is not used when it looks past the map', () => {
    const bounds = { x: 0, y: 0, w: 100, h: 100 }
    expect(showsSomething({ zoom: 1, pan: { x: 50, y: 50 } }, bounds, wide)).toBe(true)
    expect(showsSomething({ zoom: 1, pan: { x: 5000, y: 50 } }, bounds, wide)).toBe(false)
  })
})

describe('spotToward', () => {
  const spots = [
    { id: 'left', x: -100, y: 0 },
    { id: 'right', x: 100, y: 10 },
    { id: 'far', x: 300, y: 0 },
    { id: 'below', x: 20, y: 90 },
  ]
  const here = { id: 'here', x: 0, y: 0 }
  it('goes to the nearest in that direction', () => {
    expect(spotToward(spots, here, 'right')).toBe('right')
    expect(spotToward(spots, here, 'left')).toBe('left')
    expect(spotToward(spots, here, 'down')).toBe('below')
    expect(spotToward(spots, here, 'up')).toBeUndefined()
  })
})

describe('texts', () => {
  const font = { size: 10, weight: 400, family: 'sans' } as const
  const measure = (text: string) => Array.from(text).length * 6
  it('are cut with an ellipsis, never inside of a letter', () => {
    expect(fitText('docker0', { font, maxWidth: 42, measure })).toBe('docker0')
    expect(fitText('docker0', { font, maxWidth: 36, measure })).toBe('docke…')
    expect(fitText('🐳🐳🐳🐳🐳', { font, maxWidth: 24, measure })).toBe('🐳🐳🐳…')
    expect(fitText('docker0', { font, maxWidth: 6, measure })).toBe('')
  })
  it('grow to stay readable, but not beyond their room, and vanish when they cannot', () => {
    const text = { type: 'text', x: 0, y: 0, text: 'a', font, color: '', align: 'left', maxWidth: 100 } as const
    expect(textSize({ ...text, maxHeight: 20, minScreen: 9 }, 0.6)).toBe(15)
    expect(textSize({ ...text, maxHeight: 12, minScreen: 9 }, 0.6)).toBe(12)
    expect(textSize({ ...text, maxHeight: 12, minScreen: 9 }, 0.4)).toBeUndefined()
  })
})
