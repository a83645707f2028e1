import { fileURLToPath } from 'node:url'
import { generateHost } from '@hopscope/testkit'
import { recordedHost } from '@hopscope/testkit/recorded'
import { type Browser, chromium } from '@playwright/test'
import type { Core } from 'cytoscape'
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
  for (const [name, host] of [
    ['46 containers', generateHost({ containers: 46, handMade: 2 })],
    ['300 containers, all opened', recordedHost(300)],
  ] as const) {
    it(`${name}: restyles nothing, frame after frame`, async () => {
      const { scene } = sceneOf([host])
      const page = await browser.newPage({ viewport: { width: 1200, height: 800 } })
      await page.setContent('<div id="map" style="position:absolute;inset:0"></div>')
      await page.addScriptTag({ content: code })
      const palette = paletteOf('light')
      await page.evaluate(draw, { nodes: [...scene.nodes], edges: [...scene.edges], bounds: scene.bounds, palette })
      await page.mouse.move(600, 400)
      await page.mouse.down()
      await page.mouse.move(620, 410)
      await page.evaluate(watch)
      for (let i = 0; i < 25; i++) {
        await page.mouse.move(620 + 4 * i, 410 + 3 * i)
        await page.evaluate(() => new Promise(requestAnimationFrame))
      }
      const { frames, ...seen } = await page.evaluate(result)
      await page.mouse.up()
      expect(seen).toEqual({ drawn: scene.nodes.size, restyled: 0, painted: true, moved: { x: 116, y: 82 } })
      expect(frames).toBeGreaterThan(10)
      await page.close()
    })
  }
})

type Input = { nodes: unknown[]; edges: unknown[]; bounds: unknown; palette: unknown }
/** What these functions leave in the page for each other. */
type Drawn = Window & {
  map: typeof import('./renderer.ts')
  cy: Core
  seen: { restyled: number; frames: number; from: { x: number; y: number } }
}

// These run in the page, which holds what esbuild made of renderer.ts under the name `map`.

async function draw(input: Input): Promise<void> {
  const drawn = window as unknown as Drawn
  const container = document.querySelector<HTMLElement>('#map')
  if (!container) throw new Error('no container')
  // The scene came as JSON: its maps as arrays of pairs.
  const renderer = drawn.map.createRenderer(container, input.palette as never)
  renderer.apply({ ...input, nodes: new Map(input.nodes as never), edges: new Map(input.edges as never) } as never)
  drawn.cy = renderer.cy
  drawn.cy.fit(undefined, 20)
  await new Promise<void>((done) => drawn.cy.one('render', () => done()))
}

/** Counts from now on how often a style is computed, and the frames. */
function watch(): void {
  const drawn = window as unknown as Drawn
  const seen = { restyled: 0, frames: 0, from: { ...drawn.cy.pan() } }
  drawn.seen = seen
  drawn.cy.on('render', () => seen.frames++)
  const prototype = Object.getPrototypeOf(drawn.cy.nodes()) as { updateStyle: (...args: unknown[]) => unknown }
  const original = prototype.updateStyle
  prototype.updateStyle = function (...args) {
    seen.restyled++
    return original.apply(this, args)
  }
}

function result() {
  const { cy, seen } = window as unknown as Drawn
  const painted = [...document.querySelectorAll('canvas')].some((canvas) => {
    const pixels = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? []
    return pixels.some((value) => value !== 0)
  })
  const moved = { x: Math.round(cy.pan().x - seen.from.x), y: Math.round(cy.pan().y - seen.from.y) }
  return { drawn: cy.nodes().length, restyled: seen.restyled, frames: seen.frames, painted, moved }
}
