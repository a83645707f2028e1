import { fileURLToPath } from 'node:url'
import { generateHost } from '@hopscope/testkit'
import { type Browser, chromium } from '@playwright/test'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { paletteOf, sceneOf } from './fixtures.ts'

// cytoscape restyles nodes on every frame when a style makes it: those without a background image that it draws
// directly, and whole subtrees with them if they are compound. No look at the style's text shows that.

let browser: Browser
let code: string

beforeAll(async () => {
  const entry = fileURLToPath(new URL('./renderer.ts', import.meta.url))
  const bundle = await build({ entryPoints: [entry], bundle: true, write: false, format: 'iife', globalName: 'map' })
  code = bundle.outputFiles[0]?.text ?? ''
  const args = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run', '--disable-sync']
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args })
})
afterAll(() => browser?.close())

describe('panning', () => {
  it('restyles nothing, frame after frame', async () => {
    const { scene } = sceneOf([generateHost({ containers: 46, handMade: 2 })])
    const page = await browser.newPage({ viewport: { width: 1200, height: 800 } })
    await page.setContent('<div id="map" style="position:absolute;inset:0"></div>')
    await page.addScriptTag({ content: code })
    const input = {
      nodes: [...scene.nodes],
      edges: [...scene.edges],
      bounds: scene.bounds,
      palette: paletteOf('light'),
    }
    const result = await page.evaluate(panFor, { input, frames: 20 })
    expect(result).toEqual({ drawn: scene.nodes.size, restyled: 0, painted: true, frames: 20 })
    await page.close()
  })
})

type Input = { nodes: unknown[]; edges: unknown[]; bounds: unknown; palette: unknown }

/** Runs in the page: pans frame by frame and counts how often cytoscape computes a style. */
async function panFor({ input, frames }: { input: Input; frames: number }) {
  // The page holds what esbuild made of renderer.ts under the name `map`.
  const { map } = window as unknown as { map: typeof import('./renderer.ts') }
  const container = document.querySelector<HTMLElement>('#map')
  if (!container) throw new Error('no container')
  // The scene came as JSON: its maps as arrays of pairs.
  const renderer = map.createRenderer(container, input.palette as never, input.nodes.length)
  renderer.apply({ ...input, nodes: new Map(input.nodes as never), edges: new Map(input.edges as never) } as never)
  const { cy } = renderer
  const rendered = () => new Promise<void>((done) => cy.one('render', () => done()))
  cy.fit(undefined, 20)
  await rendered()
  let restyled = 0
  const prototype = Object.getPrototypeOf(cy.nodes()) as { updateStyle: (...args: unknown[]) => unknown }
  const original = prototype.updateStyle
  prototype.updateStyle = function (...args) {
    restyled++
    return original.apply(this, args)
  }
  for (let i = 0; i < frames; i++) {
    const next = rendered()
    cy.panBy({ x: 3, y: 2 })
    await next
  }
  const painted = [...container.querySelectorAll('canvas')].some((canvas) => {
    const pixels = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? []
    return pixels.some((value) => value !== 0)
  })
  return { drawn: cy.nodes().length, restyled, painted, frames }
}
