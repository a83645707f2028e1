import { createSandbox, fillDemo, type Sandbox } from '@hopscope/sandbox'
import { type BrowserContext, test as base, expect, type Page } from '@playwright/test'
import type { FollowedWay } from '../apps/web/src/features/map/way/followedWay.ts'
import { Product } from './product.ts'

type Workers = { product: Product; session: string; demo: Sandbox }
type Tests = { signedIn: Page; errors: string[] }

/**
 * `product`: hub and agent. `session`: the administrator's cookie. `demo`: the two hosts of `npm start -- --demo`.
 * `signedIn`: a page that is logged in. `errors`: what pages of this test wrote to the console as errors.
 */
export const test = base.extend<Tests, Workers>({
  product: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads what a fixture needs from this pattern.
    async ({}, use) => {
      const product = await Product.start()
      Object.assign(process.env, product.sandboxes)
      await use(product)
      await product.stop()
    },
    { scope: 'worker', timeout: 60_000 },
  ],
  session: [
    async ({ product }, use) => {
      await use(await product.setUp())
    },
    { scope: 'worker' },
  ],
  demo: [
    // The product is named because its folders hold the sandbox.
    async ({ product: _ }, use) => {
      const demo = await createSandbox({ name: 'demo', hosts: 2 })
      const { leftOut } = await fillDemo(demo)
      if (leftOut.length) throw new Error(`the demo is not whole: ${JSON.stringify(leftOut)}`)
      await use(demo)
      await demo.down()
    },
    { scope: 'worker', timeout: 180_000 },
  ],
  errors: async ({ context }, use) => {
    const errors: string[] = []
    context.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text())
    })
    context.on('weberror', (error) => errors.push(String(error.error())))
    await use(errors)
  },
  signedIn: async ({ context, product, session, errors }, use) => {
    await addSession(context, product, session)
    const page = await context.newPage()
    await use(page)
    expect(errors, 'the page wrote errors to the console').toEqual([])
  },
})
export { expect }

export async function addSession(context: BrowserContext, product: Product, session: string): Promise<void> {
  const [name = '', ...value] = session.split('=')
  await context.addCookies([{ name, value: value.join('='), url: product.url, httpOnly: true, sameSite: 'Strict' }])
}

/** What the page tells of its map (apps/web/src/features/map/testHook.ts). */
type MapNode = {
  id: string
  kind: string
  label: string
  detail?: string
  state: string
  position: { x: number; y: number }
}
type Probed = Window & {
  __hopscopeMap?: {
    nodes: () => MapNode[]
    way: () => FollowedWay | undefined
    passing: () => { running: number; begun: number; frames: number }
    isIdle: () => boolean
  }
}

/** Every node of the map, once nothing waits to be drawn. */
export async function mapNodes(page: Page): Promise<MapNode[]> {
  await page.waitForFunction(() => (window as Probed).__hopscopeMap?.isIdle())
  return page.evaluate(() => (window as Probed).__hopscopeMap?.nodes() ?? [])
}

/** The line of the packet that is followed, once nothing moves on the map. */
export async function followedOnMap(page: Page): Promise<FollowedWay | undefined> {
  await page.waitForFunction(() => (window as Probed).__hopscopeMap?.isIdle())
  return page.evaluate(() => (window as Probed).__hopscopeMap?.way())
}

/** The dots of packets that come by on the map: how many run, and began so far. */
export const dotsOnMap = (page: Page) => page.evaluate(() => (window as Probed).__hopscopeMap?.passing())
