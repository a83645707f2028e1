import type { Page } from '@playwright/test'
import { expect, mapNodes, test } from './test.ts'

const labels = async (page: Page, kind: string) =>
  (await mapNodes(page)).filter((n) => n.kind === kind).map((n) => n.label)
// A rack's bar grows with what hangs from it, and so do frames; boxes and what is in them stay where they are.
const STAYS = ['box', 'interface', 'port', 'nic', 'entrance', 'resident', 'segment', 'tunnel']
const places = async (page: Page) =>
  new Map(
    (await mapNodes(page)).filter((n) => STAYS.includes(n.kind)).map((n) => [n.id, `${n.position.x},${n.position.y}`]),
  )

test.beforeEach(async ({ demo, product, signedIn }) => {
  await signedIn.goto(product.url)
  const hosts = demo.hosts.map((h) => h.name)
  await expect.poll(() => labels(signedIn, 'host')).toEqual(expect.arrayContaining(hosts))
  await expect.poll(() => labels(signedIn, 'box')).toEqual(expect.arrayContaining(['client', 'db']))
})

test('a container started, renamed, connected and killed from outside follows on the map; no other box moves', async ({
  context,
  demo,
  product,
  signedIn: page,
}) => {
  const host = demo.hosts[0]
  if (!host) throw new Error('the demo has no host')
  const before = await places(page)
  const stays = async () => {
    const now = await places(page)
    for (const [id, place] of before) if (now.has(id)) expect.soft(now.get(id), id).toBe(place)
  }
  await host.docker('run', '-d', '--name', 'newcomer', 'busybox', 'sleep', '100000')
  await expect.poll(() => labels(page, 'box')).toContain('newcomer')
  await stays()
  await host.docker('rename', 'newcomer', 'settler')
  await expect.poll(() => labels(page, 'box')).toContain('settler')
  expect(await labels(page, 'box')).not.toContain('newcomer')
  const interfaces = (await labels(page, 'interface')).length
  await host.docker('network', 'connect', 'shop', 'settler')
  await expect.poll(async () => (await labels(page, 'interface')).length).toBe(interfaces + 1)
  await stays()
  await host.docker('rm', '-f', 'settler')
  await expect.poll(() => labels(page, 'box')).not.toContain('settler')
  // Both ends of a cable that Docker takes out stand in the host itself before they go.
  await expect.poll(async () => [...(await places(page)).keys()].filter((id) => !before.has(id))).toEqual([])
  await stays()
  // All else is there as for somebody who comes only now; what earlier tests took down may have gone meanwhile.
  const newly = await context.newPage()
  await newly.goto(product.url)
  const idsOn = async (somebodys: Page) => [...(await places(somebodys)).keys()].sort()
  await expect(async () => expect(await idsOn(newly)).toEqual(await idsOn(page))).toPass({ timeout: 10_000 })
})

test('tree and tables follow without reload', async ({ demo, product, signedIn: page, context }) => {
  const host = demo.hosts[0]
  if (!host) throw new Error('the demo has no host')
  await page.goto(`${product.url}/?view=tree`)
  const tree = page.getByRole('tree')
  // The tree draws what is in sight; typing goes to a name, as in any tree.
  const inTree = async (name: string) => {
    await tree.focus()
    await page.keyboard.press('Home')
    await page.keyboard.type(name)
    return (await tree.getByRole('treeitem', { name: new RegExp(name) }).count()) > 0
  }
  const tables = await context.newPage()
  await tables.goto(`${product.url}/?view=tables&table=containers&q=-leaf`)
  const row = (name: string) => tables.getByRole('row', { name: new RegExp(name) })
  await expect(tables.getByRole('textbox', { name: 'Filter' })).toBeVisible()

  await host.docker('run', '-d', '--name', 'aaa-leaf', '--network', 'none', 'busybox', 'sleep', '100000')
  await expect(row('aaa-leaf')).toBeVisible()
  await expect.poll(() => inTree('aaa-leaf')).toBe(true)
  await host.docker('rename', 'aaa-leaf', 'zzz-leaf')
  await expect(row('zzz-leaf')).toBeVisible()
  await expect(row('aaa-leaf')).toHaveCount(0)
  await expect.poll(() => inTree('zzz-leaf')).toBe(true)
  await host.docker('rm', '-f', 'zzz-leaf')
  await expect(row('zzz-leaf')).toHaveCount(0)
  await expect.poll(() => inTree('zzz-leaf')).toBe(false)
})

test('hub and agent killed and started again: the page says so, then recovers by itself', async ({
  demo,
  product,
  signedIn: page,
  errors,
}) => {
  const indicator = page.locator('[data-connection]')
  await expect(indicator).toHaveAttribute('data-connection', 'live')
  await product.kill('agent')
  await expect(indicator).toHaveAttribute('data-connection', 'stale')
  product.startAgent()
  await expect(indicator).toHaveAttribute('data-connection', 'live', { timeout: 30_000 })
  await product.kill('hub')
  await expect(indicator).toHaveAttribute('data-connection', 'disconnected')
  await product.startHub()
  await expect(indicator).toHaveAttribute('data-connection', 'live', { timeout: 30_000 })
  const host = demo.hosts[0]
  await host?.docker('run', '-d', '--name', 'afterwards', 'busybox', 'sleep', '100000')
  await expect.poll(() => labels(page, 'box')).toContain('afterwards')
  await host?.docker('rm', '-f', 'afterwards')
  await expect.poll(() => labels(page, 'box')).not.toContain('afterwards')
  // The browser itself reports each refused connection while the hub is down.
  errors.splice(
    0,
    errors.length,
    ...errors.filter((e) => !/ERR_CONNECTION_REFUSED|WebSocket connection|ERR_CONNECTION_RESET/.test(e)),
  )
})
