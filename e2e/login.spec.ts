import { execFileSync } from 'node:child_process'
import { test as base, expect } from '@playwright/test'
import { ADMIN, Product } from './product.ts'
import { mapNodes } from './test.ts'

// A hub of its own, whose link nobody has used.
const test = base.extend<{ product: Product }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads what a fixture needs from this pattern.
  product: async ({}, use) => {
    const product = await Product.start()
    await use(product)
    await product.stop()
  },
})

test('the link logs in once, then name and password do', async ({ product, page, browser }) => {
  await page.goto(product.link)
  await page.getByLabel('Name').fill(ADMIN.name)
  await page.getByLabel('Password', { exact: true }).fill(ADMIN.password)
  await page.getByLabel('Repeat the password').fill(ADMIN.password)
  await page.getByRole('button', { name: 'Create account' }).click()
  await expect(page.getByTestId('map')).toBeVisible()
  expect(page.url()).not.toContain('token')

  const stranger = await (await browser.newContext()).newPage()
  await stranger.goto(product.link)
  await expect(stranger.getByText('This link was used already')).toBeVisible()
  await stranger.goto(product.url)
  await stranger.getByLabel('Name').fill(ADMIN.name)
  await stranger.getByLabel('Password', { exact: true }).fill('not the password')
  await stranger.getByRole('button', { name: 'Sign in' }).click()
  await expect(stranger.getByRole('alert')).toBeVisible()
  await stranger.getByLabel('Password', { exact: true }).fill(ADMIN.password)
  await stranger.getByRole('button', { name: 'Sign in' }).click()
  await expect(stranger.getByTestId('map')).toBeVisible()
})

test('the link logs in although an earlier answer comes late', async ({ product, page }) => {
  const claimed = page.waitForResponse(/auth\.claim/)
  let late = true
  await page.route(/auth\.state/, async (route) => {
    const response = await route.fetch()
    if (late) await claimed
    late = false
    await route.fulfill({ response })
  })
  await page.goto(product.link)
  await expect(page.getByRole('button', { name: 'Create account' })).toBeVisible()
})

test('after the login the map shows the real interfaces of this machine', async ({ product, page }) => {
  const cookie = await product.setUp()
  const [name = '', value = ''] = cookie.split('=')
  await page.context().addCookies([{ name, value, url: product.url }])
  await page.goto(product.url)
  const real: string[] = JSON.parse(execFileSync('ip', ['-j', 'link'], { encoding: 'utf8' }))
    .map((l: { ifname: string }) => l.ifname)
    .filter((n: string) => n !== 'lo')
  await expect.poll(async () => (await mapNodes(page)).map((n) => n.label)).toEqual(expect.arrayContaining(real))
})

test('signing out ends the session everywhere', async ({ product, page }) => {
  const cookie = await product.setUp()
  const [name = '', value = ''] = cookie.split('=')
  await page.context().addCookies([{ name, value, url: product.url }])
  await page.goto(product.url)
  await expect(page.getByTestId('map')).toBeVisible()
  await product.call('auth.logout', undefined, cookie)
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible()
})
