import { generateHost } from '@hopscope/testkit'
import { describe, expect, it } from 'vitest'
import { context, sceneOf } from './fixtures.ts'
import { scenePrimitives } from './picture.ts'
import type { Primitive } from './primitive.ts'
import { escapeXml, toSvg } from './svg.ts'

const bounds = { x: 0, y: 0, w: 400, h: 300 }
const options = { ...context(), bounds, title: 'map', zoom: 1.2 }
const label = (text: string): Primitive => ({
  type: 'text',
  x: 10,
  y: 20,
  text,
  font: { size: 12, weight: 400, family: 'sans' },
  color: '#000000',
  align: 'left',
  maxWidth: 5000,
  maxHeight: 20,
  minScreen: 0,
})

describe('toSvg', () => {
  it('escapes what a container may be called', () => {
    const svg = toSvg([label(`<script>alert("1")</script> & 'x' ]]>`)], options)
    expect(svg).not.toContain('<script')
    expect(svg).toContain('&#60;script&#62;alert(&#34;1&#34;)&#60;/script&#62; &#38; &#39;x&#39; ]]&#62;')
  })

  it('escapes the title and the font families', () => {
    const palette = { ...options.palette, sans: '"A & B", sans-serif' }
    const svg = toSvg([label('x')], { ...options, palette, title: 'a<b' })
    expect(svg).toContain('<title>a&#60;b</title>')
    expect(svg).toContain('font-family="&#34;A &#38; B&#34;, sans-serif"')
  })

  it('keeps letters of every script and replaces what XML forbids', () => {
    expect(escapeXml('网桥 🐳 é')).toBe('网桥 🐳 é')
    expect(escapeXml('a\u0000b\u001Bc\uFFFEd\uD800e')).toBe('a\uFFFDb\uFFFDc\uFFFDd\uFFFDe')
    expect(escapeXml('tab\tline\n')).toBe('tab\tline\n')
  })

  it('draws a whole host: as many elements as primitives, none with an undefined value', () => {
    const { scene } = sceneOf([generateHost({ containers: 46 })])
    const svg = toSvg(scenePrimitives(scene, context()), { ...options, bounds: scene.bounds })
    expect(svg).not.toMatch(/undefined|NaN|Infinity/)
    for (const { node } of scene.nodes.values()) {
      if (node.kind === 'bridge') expect(svg).toContain(`>${node.label}<`)
    }
    expect(svg.match(/<(rect|path|circle|text)[ >]/g)?.length).toBeGreaterThan(scene.nodes.size)
  })
})
