import { describe, expect, it } from 'vitest'
import { hueOf } from '../../theme/colours.ts'
import { paletteOf } from './fixtures.ts'
import { edgeHue } from './palette.ts'
import { EDGE_KINDS, mapRules, NODE_KINDS } from './style.ts'

describe.each(['light', 'dark'] as const)('the style in %s', (theme) => {
  const palette = paletteOf(theme)
  const rules = mapRules(palette)
  const rule = (selector: string) => rules.find((r) => r.selector === selector)?.style

  it('draws every kind of node in every state', () => {
    expect([...NODE_KINDS].sort()).toEqual(Object.keys(hueOf).sort())
    for (const kind of NODE_KINDS) {
      for (const state of ['up', 'down', 'degraded', 'unknown']) {
        const style = { ...rule(`node[kind="${kind}"]`), ...rule(`node[kind="${kind}"][state="${state}"]`) }
        expect(style['background-color'], `${kind} ${state}`).toMatch(/^#[0-9a-f]{6}$/)
        expect(style['border-color'], `${kind} ${state}`).toMatch(/^#[0-9a-f]{6}$/)
      }
    }
  })

  it('draws every kind of line in the colour of what it belongs to', () => {
    expect([...EDGE_KINDS].sort()).toEqual(Object.keys(edgeHue).sort())
    for (const kind of EDGE_KINDS) expect(rule(`edge[kind="${kind}"]`)?.['line-color'], kind).toBe(palette.edges[kind])
  })

  it('shows what is down in the colour of danger and dashed', () => {
    const style = rule('node[kind="box"][state="down"]')
    expect(style).toMatchObject({ 'border-color': palette.state.down, 'border-style': 'dashed' })
    expect(rule('edge[state="down"]')).toMatchObject({ 'line-color': palette.state.down, 'line-style': 'dashed' })
  })
})
