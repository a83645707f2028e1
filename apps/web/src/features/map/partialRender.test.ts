import { fileURLToPath } from 'node:url'
import { generateHost, onlyContainers } from '@hopscope/testkit'
import { type Browser, chromium } from '@playwright/test'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { MapWords } from './drawn.ts'
import { paletteOf, sceneOf } from './fixtures.ts'
import { createPlacer } from './positions.ts'
import { type Built, buildScene, type Scene } from './scene.ts'

let browser: Browser
let code: string

beforeAll(async () => {
  const entry = fileURLToPath(new URL('./controller.ts', import.meta.url))
  const bundle = await build({ entryPoints: [entry], bundle: true, write: false, format: 'iife', globalName: 'map' })
  code = bundle.outputFiles[0]?.text ?? ''
  const args = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run', '--disable-sync']
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args })
})
afterAll(() => browser?.close())

describe('painting only what changed', () => {
  it('gives the same pixels as painting everything, when containers go and come', async () => {
    const { scenes, size } = visits()
    const page = await browser.newPage({ viewport: { width: 1200, height: 800 } })
    await page.addScriptTag({ content: code })
    const seen = await page.evaluate(compare, { scenes: scenes.map(asJson), palette: paletteOf('light') })
    await page.close()
    expect(seen.map((s) => s.differ)).toEqual(scenes.map(() => 0))
    // The first scene is painted as a whole.
    for (const { painted } of seen.slice(1)) expect(painted).toBeLessThan(size / 4)
    expect(seen.every((s) => s.painted > 0)).toBe(true)
  })
})

/** A host whose containers leave and come back, one after the other. */
function visits(): { scenes: Scene[]; size: number } {
  const whole = generateHost({ containers: 60, seed: 5 })
  const all = Object.values(whole.records.container)
  const some = all.filter((c) => c.attachments.length > 0 && c.state === 'running' && c.ports.length === 0).slice(0, 2)
  const without = (i: number): Set<string> => new Set(all.flatMap((c) => (c.id === some[i]?.id ? [] : [c.id])))
  const hosts = [whole, onlyContainers(whole, without(0)), whole, onlyContainers(whole, without(1))]
  const placer = createPlacer()
  const scenes: Scene[] = []
  let last: Built | undefined
  for (const host of hosts) {
    const { topology } = sceneOf([host])
    const layout = placer.place(topology)
    last = { scene: buildScene(topology, layout, new Map(), last), layout }
    scenes.push(last.scene)
  }
  return { scenes, size: (scenes[0]?.nodes.size ?? 0) + (scenes[0]?.edges.size ?? 0) }
}

type Json = { nodes: [string, unknown][]; edges: [string, unknown][]; bounds: Scene['bounds'] }
const asJson = ({ nodes, edges, bounds }: Scene): Json => ({ nodes: [...nodes], edges: [...edges], bounds })

type Input = { scenes: Json[]; palette: unknown }
type InPage = Window & { map: typeof import('./controller.ts') }

/**
 * In the page: shows one scene after the other on one map, and each on a map of its own. How many pixels differ, and how many
 * elements cytoscape painted for it.
 */
async function compare({ scenes, palette }: Input): Promise<{ differ: number; painted: number }[]> {
  const { createMap } = (window as unknown as InPage).map
  const words: MapWords = {
    bay: { none: 'No network', 'hand-made': 'By hand', processes: 'Processes', system: 'System' },
    flag: String,
    stack: { title: 'IP stack', routes: 'routes', rules: 'rules', connections: 'conntrack' },
    staleSince: String,
    sandbox: 'sandbox',
    members: (count, what) => `${count} ${what}`,
    down: String,
    number: String,
  }
  // What came as JSON is no longer the same object in two scenes: those that say the same are made it again.
  const known = new Map<string, unknown>()
  const shared = (list: [string, unknown][]): never =>
    new Map(
      list.map(([id, value]) => {
        const text = JSON.stringify(value)
        if (!known.has(text)) known.set(text, value)
        return [id, known.get(text)]
      }),
    ) as never
  const nobody = { onSelect() {}, onOpen() {}, onFocus() {}, onView() {}, onMenu() {}, onPlug() {} }
  const callbacks = { ...nobody, canPlug: () => false, plugging: () => undefined }
  const drag = { handle: document.createElement('div'), tip: document.createElement('p') }
  const open = () => {
    const container = document.createElement('div')
    const [canvas, passing] = [document.createElement('canvas'), document.createElement('canvas')]
    for (const element of [container, canvas]) {
      element.style.cssText = 'position:absolute;left:0;top:0;width:1200px;height:800px'
      document.body.append(element)
    }
    const made = createMap({ container, canvas, passing, palette: palette as never, words, callbacks, drag })
    // Layers of many elements are scaled as pictures; without them whole and partial painting are the same act.
    const renderer = (made.cy as never as { renderer(): Record<string, (...args: unknown[]) => void> }).renderer()
    renderer.drawLayeredElements = renderer.drawCachedElements ?? (() => {})
    const counted = { painted: 0 }
    let began = false
    // It measures its container once more soon after it began, and paints everything then.
    const measured = new Promise<void>((done) => made.cy.one('resize', () => done()))
    const draw = renderer.drawCachedElement
    renderer.drawCachedElement = (...args) => {
      counted.painted++
      draw?.apply(renderer, args)
    }
    const show = async (scene: Json): Promise<Uint8ClampedArray[]> => {
      counted.painted = 0
      made.show(
        { nodes: shared(scene.nodes), edges: shared(scene.edges), bounds: scene.bounds },
        { nodes: [], edges: [] },
      )
      if (!began) made.setView({ zoom: 0.4, pan: { x: 420, y: 60 } })
      began = true
      await measured
      const start = performance.now()
      do await new Promise(requestAnimationFrame)
      while (!made.isIdle() || performance.now() - start < 2000)
      return [...container.querySelectorAll('canvas'), canvas].flatMap(
        (c) => c.getContext('2d')?.getImageData(0, 0, c.width, c.height).data ?? [],
      )
    }
    return { show, counted, close: () => made.destroy() }
  }
  // The marks of what came shall be gone soon.
  const clock = performance.now.bind(performance)
  performance.now = () => clock() * 10
  const one = open()
  const results: { differ: number; painted: number }[] = []
  for (const scene of scenes) {
    const now = await one.show(scene)
    const { painted } = one.counted
    const other = open()
    const whole = await other.show(scene)
    other.close()
    // Where cytoscape keeps the pictures of its elements shows in how it rounds when it scales them.
    const isOther = (a: number, b: number | undefined): boolean => b === undefined || Math.abs(a - b) > 32
    const differ = now.map((pixels, i) => pixels.filter((value, at) => isOther(value, whole[i]?.[at])).length)
    results.push({ differ: differ.reduce((a, b) => a + b, 0), painted })
  }
  return results
}
