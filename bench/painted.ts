import type { Page } from '@playwright/test'

/** What the map tells of itself (apps/web/src/features/map/testHook.ts), as far as it is needed here. */
type Box = { x: number; y: number; w: number; h: number }
type MapNode = { id: string; kind: string; label: string; state: string; box: Box }
declare global {
  interface Window {
    __hopscopeMap?: { nodes: () => MapNode[]; isIdle: () => boolean }
    __painted?: Promise<number>
  }
}

/** Milliseconds since the epoch, finer than a whole one, by the clock that also the page's figures are brought to. */
export const now = (): number => performance.timeOrigin + performance.now()

/** How far the page's clock is ahead of ours, in milliseconds: from the quickest of some exchanges. */
export async function clockAhead(page: Page): Promise<number> {
  let best = { took: Number.POSITIVE_INFINITY, ahead: 0 }
  for (let round = 0; round < 20; round++) {
    const before = now()
    const there = await page.evaluate(() => performance.timeOrigin + performance.now())
    const after = now()
    if (after - before < best.took) best = { took: after - before, ahead: there - (before + after) / 2 }
  }
  return best.ahead
}

/** The part of an address that shows this host alone, once the map has it. */
export async function onlyHost(page: Page, name: string): Promise<string> {
  const found = await page.waitForFunction(
    (wanted) => window.__hopscopeMap?.nodes().find(({ kind, label }) => kind === 'host' && label === wanted)?.id,
    name,
    { timeout: 60_000 },
  )
  const id = await found.jsonValue()
  return `hosts=${encodeURIComponent(id?.split('/')[0] ?? '')}`
}

/** Waits until the map is there and nothing waits to be drawn. */
export async function mapReady(page: Page, boxes: number): Promise<void> {
  await page.waitForFunction(
    (least) => {
      const map = window.__hopscopeMap
      return map?.isIdle() && map.nodes().filter(({ kind }) => kind === 'box').length >= least
    },
    boxes,
    { timeout: 60_000 },
  )
}

/**
 * From now on the page looks, after each frame, whether the box of this container is drawn as running, with an interface
 * in it. `result` gives the end of the frame that painted it, by the page's clock.
 */
export const awaitBox = (page: Page, name: string): Promise<{ result(): Promise<number> }> =>
  awaitDrawn(page, { kind: 'box', label: name, wired: true })

/** The same for anything that is drawn with this text. */
export const awaitNode = (page: Page, kind: string, label: string): Promise<{ result(): Promise<number> }> =>
  awaitDrawn(page, { kind, label, wired: false })

type Wanted = { kind: string; label: string; wired: boolean }

async function awaitDrawn(page: Page, wanted: Wanted): Promise<{ result(): Promise<number> }> {
  await page.evaluate(({ kind, label, wired }) => {
    const isThere = (): boolean => {
      if (!window.__hopscopeMap?.isIdle()) return false
      const nodes = window.__hopscopeMap.nodes()
      const found = nodes.find((node) => node.kind === kind && node.label === label)
      if (!wired) return found !== undefined
      if (found?.state !== 'up') return false
      const { x, y, w, h } = found.box
      const isInside = ({ box }: MapNode) => box.x >= x && box.x < x + w && box.y >= y && box.y < y + h
      return nodes.some((node) => node.kind === 'interface' && isInside(node))
    }
    window.__painted = new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel()
      // A message that is sent in a frame arrives when that frame's drawing is over.
      port1.onmessage = () => {
        if (isThere()) resolve(performance.timeOrigin + performance.now())
        else requestAnimationFrame(look)
      }
      const look = () => port2.postMessage(0)
      requestAnimationFrame(look)
    })
  }, wanted)
  return { result: () => painted(page) }
}

/** From now on the page looks for a line of the open table with this text; `result` as above. */
export async function awaitRow(page: Page, text: string): Promise<{ result(): Promise<number> }> {
  await page.evaluate((wanted) => {
    const isThere = () => [...document.querySelectorAll('[role=row]')].some((row) => row.textContent?.includes(wanted))
    window.__painted = new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel()
      port1.onmessage = () => resolve(performance.timeOrigin + performance.now())
      // Sizes are told of while the frame is made that shows them: this is the frame that shows the line, too.
      const gauge = document.createElement('div')
      gauge.style.cssText = 'position:fixed;visibility:hidden;width:1px;height:1px'
      document.body.append(gauge)
      const frame = new ResizeObserver(() => {
        if (gauge.style.width !== '2px') return
        frame.disconnect()
        gauge.remove()
        port2.postMessage(0)
      })
      frame.observe(gauge)
      const watch = new MutationObserver(() => {
        if (!isThere()) return
        watch.disconnect()
        gauge.style.width = '2px'
      })
      watch.observe(document.body, { subtree: true, childList: true, characterData: true })
    })
  }, text)
  return { result: () => painted(page) }
}

async function painted(page: Page): Promise<number> {
  const at = await page.evaluate(
    (limit) => Promise.race([window.__painted ?? 0, new Promise<undefined>((resolve) => setTimeout(resolve, limit))]),
    LIMIT,
  )
  if (at !== undefined) return at
  throw new Error(`what was waited for was not painted within ${LIMIT} ms`)
}

const LIMIT = 15_000
