import type { Browser, CDPSession, Page } from '@playwright/test'
import type { Served } from './host.ts'
import { type Marks, watch } from './watch.ts'

export type View = { zoom: number; pan: { x: number; y: number } }
export type Shown = {
  readonly page: Page
  readonly cdp: CDPSession
  /** Milliseconds from the moment when the host's data was in the page to the frame that shows it. */
  readonly painted: number
  /** Milliseconds that the main thread worked until then, from the empty page on, programs and all. */
  readonly work: number
  readonly elements: number
  close(): Promise<void>
}

/** What the page tells of its map (apps/web/src/features/map/testHook.ts), and what watch.ts wrote down. */
export type Probed = Window & {
  __hopscopeMap: {
    isIdle: () => boolean
    has: (id: string) => boolean
    passing: () => { running: number; begun: number; frames: number }
    size: () => { nodes: number; elements: number; frames: number }
    view: () => View
    setView: (view: View) => void
  }
  __marks: Marks
}

export type Folding = 'foldAuto' | 'unfoldAll'

/** Opens the page as on a first visit, signed in, and waits until the host is painted. */
export async function show(
  browser: Browser,
  served: Pick<Served, 'url' | 'session'>,
  folding: Folding,
): Promise<Shown> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  const [name = '', ...value] = served.session.split('=')
  await context.addCookies([{ name, value: value.join('='), url: served.url, httpOnly: true, sameSite: 'Strict' }])
  // Places that an earlier visit left at the hub would spare the work of arranging.
  await context.route('**/layouts.save*', (route) => route.abort())
  // tsx gives functions their names by a helper that a page does not have.
  await context.addInitScript({ content: 'globalThis.__name = (named) => named' })
  await context.addInitScript(watch, folding)
  const page = await context.newPage()
  const cdp = await context.newCDPSession(page)
  // Time on the processor, not on the clock: what else runs on this machine does not count.
  await cdp.send('Performance.enable', { timeDomain: 'threadTicks' })
  await page.goto(served.url)
  await page.waitForFunction(() => (window as unknown as Probed).__marks.painted > 0, undefined, { timeout: 60_000 })
  const work = (await mainThread(cdp)) * 1000
  const { painted, elements } = await page.evaluate(() => {
    const { __marks: marks, __hopscopeMap: map } = window as unknown as Probed
    // A large host comes in parts: the last one counts.
    const arrived = marks.messages.findLast((m) => m.snapshot && m.at < marks.painted)?.at ?? Number.NaN
    return { painted: marks.painted - arrived, elements: map.size().elements }
  })
  return { page, cdp, painted, work, elements, close: () => context.close() }
}

/** Seconds that the page's main thread has worked so far. */
export async function mainThread(cdp: CDPSession): Promise<number> {
  const { metrics } = await cdp.send('Performance.getMetrics')
  return metrics.find((m) => m.name === 'TaskDuration')?.value ?? Number.NaN
}

export const frames = (page: Page): Promise<number> =>
  page.evaluate(() => (window as unknown as Probed).__hopscopeMap.size().frames)

/** Waits until nothing is left to draw, and one frame longer. */
export async function settled(page: Page): Promise<void> {
  await page.waitForFunction(() => (window as unknown as Probed).__hopscopeMap.isIdle())
  await nextFrame(page)
}

/** Resolves after the next frame was painted. */
export const nextFrame = (page: Page): Promise<unknown> =>
  page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0))))
