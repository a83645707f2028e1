import type { Page } from '@playwright/test'
import { tabTo } from './onPage.ts'
import { ADMIN } from './product.ts'
import { expect, test } from './rowsTest.ts'

/** Goes down an open menu to an item and chooses it; each step waits for the focus, which moves a moment after the key. */
async function choose(page: Page, name: RegExp): Promise<void> {
  const items = page.getByRole('menu').locator('[role^="menuitem"]:visible')
  await expect(items.first()).toBeVisible()
  await page.keyboard.press('Home')
  await expect(items.first()).toBeFocused()
  const wanted = (await items.allInnerTexts()).findIndex((text) => name.test(text.trim()))
  expect(wanted, `${name} in the menu`).toBeGreaterThanOrEqual(0)
  for (let i = 1; i <= wanted; i += 1) {
    await page.keyboard.press('ArrowDown')
    await expect(items.nth(i)).toBeFocused()
  }
  await page.keyboard.press('Enter')
}

/** Whether a person can see where the focus is: an outline, on it or on what it says is active. */
const focusIsVisible = (page: Page) =>
  page.evaluate(() => {
    const e = document.activeElement
    const active = document.getElementById(e?.getAttribute('aria-activedescendant') ?? '')
    const shows = (x: Element | null) => x !== null && getComputedStyle(x).outlineStyle !== 'none'
    return e !== document.body && (shows(e) || shows(active))
  })

test('sign in and out by keyboard alone', async ({ browser, product, session }) => {
  expect(session).not.toBe('')
  const page = await (await browser.newContext()).newPage()
  await page.goto(product.url)
  await expect(page.getByLabel('Name')).toBeVisible()
  if (!(await page.getByLabel('Name').evaluate((e) => e === document.activeElement))) await page.keyboard.press('Tab')
  await expect(page.getByLabel('Name')).toBeFocused()
  await page.keyboard.type(ADMIN.name)
  await page.keyboard.press('Tab')
  await page.keyboard.type(ADMIN.password)
  await page.keyboard.press('Enter')
  await expect(page.getByTestId('map')).toBeVisible()
  await tabTo(page, /^Account of/)
  expect(await focusIsVisible(page)).toBe(true)
  await page.keyboard.press('Enter')
  await page.keyboard.press('End')
  await expect(page.getByRole('menuitem', { name: 'Sign out' })).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible()
  await page.context().close()
})

test('views, search, tree and inspector', async ({ reader, signedIn: page }) => {
  for (const [key, name] of [
    ['2', 'Tables'],
    ['3', 'Tree'],
    ['4', 'History'],
    ['1', 'Map'],
  ] as const) {
    await page.keyboard.press(key)
    const tab = page.getByRole('navigation', { name: 'View' }).getByRole('button', { name })
    await expect(tab).toHaveAttribute('aria-current', 'page')
  }
  await page.keyboard.press('Control+k')
  await page.keyboard.type('10.30.0.10')
  await expect(page.getByRole('option').first()).toContainText('db')
  await page.keyboard.press('Enter')
  await expect(reader.details).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(reader.details).toHaveCount(0)
  // Faster than the search.
  await page.keyboard.press('Control+k')
  await page.keyboard.type('10.30.0.10')
  await page.keyboard.press('Enter')
  await expect(reader.title).toHaveText('db')
  await page.keyboard.press('Escape')
  await expect(reader.details).toHaveCount(0)

  await page.keyboard.press('3')
  const tree = page.getByRole('tree')
  await expect(tree).toBeFocused()
  await page.keyboard.press('Home')
  await page.keyboard.type('router')
  await expect.poll(() => activeText(page)).toMatch(/router/)
  expect(await focusIsVisible(page)).toBe(true)
  await page.keyboard.press('Enter')
  await expect(reader.title).toHaveText('router')
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('Enter')
  await expect(reader.title).not.toHaveText('router')
  await page.keyboard.press('Escape')
  await expect(reader.details).toHaveCount(0)
  await expect(tree).toBeFocused()
})

const activeText = (page: Page) =>
  page.evaluate(() => {
    const id = document.activeElement?.getAttribute('aria-activedescendant')
    return document.getElementById(id ?? '')?.textContent ?? ''
  })

test('the map by arrows', async ({ reader, signedIn: page }) => {
  await page.keyboard.press('1')
  const map = page.getByRole('application')
  await tabTo(page, /^Map of the network/)
  await expect(map).toBeFocused()
  const spoken = page.getByTestId('map').locator('[aria-live]')
  await page.keyboard.press('ArrowRight')
  await expect(spoken).not.toBeEmpty()
  expect(await focusIsVisible(page)).toBe(true)
  const first = await spoken.innerText()
  // One of them leads on, wherever the first step went.
  const said = new Set([first])
  for (const key of ['ArrowDown', 'ArrowLeft', 'ArrowUp', 'ArrowRight']) {
    await page.keyboard.press(key)
    said.add(await spoken.innerText())
  }
  expect(said.size).toBeGreaterThan(1)
  await page.keyboard.press('Enter')
  await expect(reader.details).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(reader.details).toHaveCount(0)
  // No trap: Tab leaves it.
  await page.keyboard.press('Tab')
  await expect(map).not.toBeFocused()
})

test('a table is sorted and filtered, a row opened, a command copied', async ({ reader, context, signedIn: page }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await page.keyboard.press('2')
  await tabTo(page, /^Containers ?\d+$/)
  await page.keyboard.press('Enter')
  await expect(page.getByRole('grid', { name: 'Containers' })).toBeVisible()
  await page.keyboard.press('/')
  await expect(page.getByRole('textbox', { name: 'Filter' })).toBeFocused()
  await page.keyboard.type('name:client')
  await expect.poll(async () => (await reader.lines()).map((l) => l.Name)).toEqual(['client'])
  await page.keyboard.press('Escape')
  await expect.poll(async () => (await reader.lines()).length).toBeGreaterThan(5)
  await tabTo(page, /^Name\d?$/)
  const header = page.getByRole('columnheader', { name: 'Name', exact: true })
  await page.keyboard.press('Enter')
  await expect(header).not.toHaveAttribute('aria-sort', 'none')
  const order = await header.getAttribute('aria-sort')
  await page.keyboard.press('Enter')
  await expect(header).not.toHaveAttribute('aria-sort', order ?? '')
  const grid = page.getByRole('grid')
  for (let i = 0; i < 3 && !(await grid.evaluate((e) => e === document.activeElement)); i += 1) {
    await page.keyboard.press('Shift+Tab')
  }
  await expect(grid).toBeFocused()
  await page.keyboard.press('ArrowDown')
  expect(await focusIsVisible(page)).toBe(true)
  await page.keyboard.press('Enter')
  await expect(reader.details).toBeVisible()
  await tabTo(page, /^Copy command: /)
  const wanted = await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))
  await page.keyboard.press('Enter')
  await expect
    .poll(() => page.evaluate(() => navigator.clipboard.readText()))
    .toBe(wanted?.replace('Copy command: ', ''))
  // The first Escape may be for a hint that is still open.
  await expect(async () => {
    await page.keyboard.press('Escape')
    await expect(reader.details).toHaveCount(0, { timeout: 1000 })
  }).toPass()
})

test('theme, language and settings; the focus comes back', async ({ reader, signedIn: page }) => {
  expect(reader.page).toBe(page)
  await tabTo(page, /^Theme/)
  await page.keyboard.press('Enter')
  await choose(page, /^Dark/)
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark')
  await page.keyboard.press('Escape')
  await expect(page.getByRole('button', { name: 'Theme' })).toBeFocused()
  expect(await focusIsVisible(page)).toBe(true)
  await tabTo(page, /^Language/, 'Shift+Tab')
  await page.keyboard.press('Enter')
  await choose(page, /^简体中文/)
  await expect(page.locator('html')).toHaveAttribute('lang', 'zh-CN')
  await page.keyboard.press('Escape')
  await tabTo(page, /语言/, 'Shift+Tab')
  await page.keyboard.press('Enter')
  await choose(page, /^English/)
  await expect(page.locator('html')).toHaveAttribute('lang', 'en')
  await page.keyboard.press('Escape')

  await tabTo(page, /^Account of/)
  await page.keyboard.press('Enter')
  await choose(page, /^Settings/)
  const dialog = page.getByRole('dialog', { name: 'Settings' })
  await expect(dialog).toBeVisible()
  for (let i = 0; i < 12; i += 1) {
    await page.keyboard.press('Tab')
    expect(await dialog.evaluate((d) => d.contains(document.activeElement))).toBe(true)
  }
  await page.keyboard.press('Escape')
  await expect(dialog).toHaveCount(0)
  await expect(page.getByRole('button', { name: /^Account of/ })).toBeFocused()
})
