import type { SandboxHost } from '@hopscope/sandbox'
import type { Page } from '@playwright/test'
import { expectClean } from './axe.ts'
import { dragOver, middleOf, takeHold, tip } from './drag.ts'
import { list } from './kernel.ts'
import { chooseByTyping, done } from './onPage.ts'
import { test as base, expect } from './rowsTest.ts'
import { mapNodes } from './test.ts'

/** `bench`: two ends of a cable that is plugged into nothing, and a bridge without ports, on the first host of the demo. */
const test = base.extend<{ bench: SandboxHost }>({
  bench: async ({ host, reader }, use) => {
    await host.run(['ip', '-batch', '-'], {
      input: ['link add loose0 type veth peer name loose1', 'link add br-bench type bridge', ''].join('\n'),
    })
    await expect
      .poll(async () => (await mapNodes(reader.page)).filter(({ label }) => BENCH.includes(label)).length)
      .toBe(3)
    await use(host)
    for (const name of ['loose0', 'br-bench']) await host.run(['ip', 'link', 'delete', name])
  },
})
const BENCH = ['loose0', 'loose1', 'br-bench']

type Ghosts = { appear: string[]; lines: string[]; change: string[]; leave: string[] }
type Probed = Window & {
  __hopscopeMap?: {
    ghosts: () => Ghosts | undefined
  }
}

const ghostsOn = (page: Page) => page.evaluate(() => (window as Probed).__hopscopeMap?.ghosts())
const masterOf = async (host: SandboxHost, link: string) =>
  list<{ ifname: string; master?: string }>(await host.run(['ip', '-j', 'link'])).find((l) => l.ifname === link)?.master
const networksOf = async (host: SandboxHost, container: string) =>
  Object.keys(JSON.parse(await host.docker('inspect', '-f', '{{json .NetworkSettings.Networks}}', container)))

test('what a change makes of the map is shown in outline while one types, moves nothing, and is gone after Escape', async ({
  host,
  reader,
  signedIn: page,
}) => {
  await expect(reader.details).toHaveCount(0)
  const before = (await mapNodes(page)).map(({ id, position }) => JSON.stringify([id, position]))
  await page.getByRole('button', { name: 'Create a network object' }).click()
  await page.getByRole('menuitem', { name: 'Make a bridge…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Make a bridge' })
  await dialog.getByLabel('Host').selectOption(host.name)
  const name = dialog.getByLabel('Name', { exact: true })
  await name.fill('br-a')
  await expect.poll(async () => (await ghostsOn(page))?.appear).toEqual(['br-a'])
  await expect(page.getByText('will appear')).toBeVisible()
  await name.fill('br-ab')
  await expect.poll(async () => (await ghostsOn(page))?.appear).toEqual(['br-ab'])
  await name.fill('lo')
  await expect.poll(() => ghostsOn(page)).toBeUndefined()
  await name.fill('br-ab')
  await expect.poll(async () => (await ghostsOn(page))?.appear).toEqual(['br-ab'])
  expect((await mapNodes(page)).map(({ id, position }) => JSON.stringify([id, position]))).toEqual(before)
  await page.keyboard.press('Escape')
  await expect(dialog).toHaveCount(0)
  await expect.poll(() => ghostsOn(page)).toBeUndefined()

  await reader.search('client', /client/)
  await page.getByRole('button', { name: 'Actions for client' }).click()
  await page.getByRole('menuitem', { name: 'Remove', exact: true }).click()
  await expect.poll(async () => (await ghostsOn(page))?.leave).toContain('client')
  await page.keyboard.press('Escape')
  await expect.poll(() => ghostsOn(page)).toBeUndefined()
})

test('the end of a cable dragged onto a bridge becomes its port', async ({ bench: host, signedIn: page }) => {
  await takeHold(page, 'port', 'loose0')
  await expect(tip(page)).toHaveText('Drag loose0 onto a bridge or network')
  await dragOver(page, 'bridge', 'br-bench')
  await expect(tip(page)).toHaveText('Plug loose0 into br-bench')
  await page.keyboard.press('Escape')
  await expect(tip(page)).toBeHidden()
  await page.mouse.up()
  await expect(page.getByRole('dialog')).toHaveCount(0)

  await takeHold(page, 'port', 'loose0')
  await dragOver(page, 'bridge', 'br-bench')
  await page.mouse.up()
  const dialog = page.getByRole('dialog', { name: 'Plug into a bridge' })
  await expect(dialog.getByText('ip link set dev loose0 master br-bench')).toBeVisible()
  await expect.poll(async () => (await ghostsOn(page))?.appear).toContain('loose0')
  expect(await masterOf(host, 'loose0'), 'nothing runs before it is told to').toBeUndefined()
  await dialog.getByRole('button', { name: 'Run' }).click()
  await expect(done(dialog)).toBeVisible()
  expect(await masterOf(host, 'loose0')).toBe('br-bench')
  await expect.poll(() => ghostsOn(page)).toBeUndefined()
  await page.keyboard.press('Escape')

  await takeHold(page, 'port', 'loose0')
  await dragOver(page, 'bridge', 'docker0')
  await expect(tip(page)).toHaveAttribute('data-verdict', 'no')
  await expect(tip(page)).toContainText('loose0 is a port of br-bench')
  await page.mouse.up()
  await expect(page.getByRole('dialog')).toHaveCount(0)
})

test('a container dragged onto a second network is connected to it', async ({ host, reader, signedIn: page }) => {
  await expect(reader.details).toHaveCount(0)
  const before = await networksOf(host, 'client')
  await takeHold(page, 'box', 'client')
  await dragOver(page, 'bridge', 'shop')
  await expect(tip(page)).toHaveText(/^Connect client to shop/)
  await page.mouse.up()
  const dialog = page.getByRole('dialog', { name: 'Connect to a network' })
  await expect.poll(async () => (await ghostsOn(page))?.appear).toContain('eth1')
  await dialog.getByRole('button', { name: 'Run' }).click()
  await expect(done(dialog)).toBeVisible()
  expect(await networksOf(host, 'client')).toEqual([...before, 'shop'].sort())
  await dialog.getByRole('button', { name: 'Undo' }).click()
  await expect(dialog.getByText('Undone: everything is as before.').first()).toBeVisible()
  expect(await networksOf(host, 'client')).toEqual(before)
})

test('a finger held on a link pulls its cable, and held still opens its menu', async ({
  bench: host,
  signedIn: page,
}) => {
  await page.getByRole('button', { name: 'Show everything' }).click()
  await mapNodes(page)
  const [from, to] = [await middleOf(page, 'port', 'loose0'), await middleOf(page, 'bridge', 'br-bench')]
  const touch = await page.context().newCDPSession(page)
  const send = (type: string, points: { x: number; y: number }[]) =>
    touch.send('Input.dispatchTouchEvent', { type: type as 'touchStart', touchPoints: points })
  await send('touchStart', [from])
  // The map marks what is held; from then on the finger pulls.
  await expect(page.getByTestId('map').locator('[aria-live]')).toContainText('loose0')
  await send('touchMove', [{ x: from.x + 20, y: from.y + 20 }])
  await send('touchMove', [to])
  await expect(tip(page)).toHaveText('Plug loose0 into br-bench')
  await send('touchEnd', [])
  await expect(page.getByRole('dialog', { name: 'Plug into a bridge' })).toBeVisible()
  await page.keyboard.press('Escape')
  await page.getByRole('application').press('Escape')
  await expect(page.getByTestId('map').locator('[aria-live]')).toBeEmpty()
  // The map had moved to show what would become of it.
  await page.getByRole('button', { name: 'Show everything' }).click()
  await mapNodes(page)
  await send('touchStart', [await middleOf(page, 'port', 'loose0')])
  await expect(page.getByTestId('map').locator('[aria-live]')).toContainText('loose0')
  await send('touchEnd', [])
  await expect(page.getByRole('menu', { name: 'Actions for loose0' })).toBeVisible()
  expect(await masterOf(host, 'loose0')).toBeUndefined()
})

test('the same by keyboard alone, on the map, in the tree and in tables', async ({
  bench: host,
  reader,
  signedIn: page,
}) => {
  await page.keyboard.press('Control+k')
  await page.keyboard.type('loose0')
  await expect(page.getByRole('option').first()).toContainText('loose0')
  await page.keyboard.press('Enter')
  await expect(reader.title).toHaveText('loose0')
  await page.getByRole('application').focus()
  await page.keyboard.press('a')
  const menu = page.getByRole('menu', { name: 'Actions for loose0' })
  await expect(menu).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('application')).toBeFocused()
  await page.keyboard.press('Shift+Enter')
  await plugIntoBench(page)
  expect(await masterOf(host, 'loose0')).toBe('br-bench')
  await expect(page.getByRole('application')).toBeFocused()

  await page.keyboard.press('3')
  const tree = page.getByRole('tree')
  await expect(tree).toBeFocused()
  await page.keyboard.type('loose1')
  await page.keyboard.press('Shift+F10')
  await plugIntoBench(page)
  expect(await masterOf(host, 'loose1')).toBe('br-bench')
  await expect(tree).toBeFocused()

  await reader.table('Interfaces', 'name:loose0')
  const grid = page.getByRole('grid', { name: 'Interfaces' })
  await grid.focus()
  await page.keyboard.press('Shift+Enter')
  await chooseByTyping(page, 'unplug')
  const dialog = page.getByRole('dialog', { name: 'Unplug from its bridge' })
  await dialog.getByRole('button', { name: 'Run' }).press('Enter')
  await expect(done(dialog)).toBeVisible()
  expect(await masterOf(host, 'loose0')).toBeUndefined()
  await page.keyboard.press('Escape')
  await expect(grid).toBeFocused()
  await grid.getByRole('row', { name: /^(changed just now )?loose0/ }).click({ button: 'right' })
  await expect(menu).toBeVisible()
})

/** Goes from an open menu to the bridge, and runs what comes of it. */
async function plugIntoBench(page: Page): Promise<void> {
  await chooseByTyping(page, 'plug into…', 'ArrowRight')
  await expect(page.getByRole('menuitem', { name: 'br-bench' })).toBeVisible()
  await chooseByTyping(page, 'br-bench')
  const dialog = page.getByRole('dialog', { name: 'Plug into a bridge' })
  await dialog.getByRole('button', { name: 'Run' }).press('Enter')
  await expect(done(dialog)).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(dialog).toHaveCount(0)
}

test('menus, outlines and the form beside them break no rule of axe, in both themes and on a phone', async ({
  bench,
  reader,
  signedIn: page,
}) => {
  expect(bench.name).not.toBe('')
  await reader.search('loose0', /loose0/)
  for (const [theme, width] of [
    ['light', 1440],
    ['dark', 1440],
    ['dark', 414],
  ] as const) {
    await page.setViewportSize({ width, height: 860 })
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' })
    await page.getByRole('application').focus()
    await page.keyboard.press('a')
    await chooseByTyping(page, 'plug into…', 'ArrowRight')
    const item = page.getByRole('menuitem', { name: 'br-bench' })
    await expect(item).toBeVisible()
    await expectClean(page, `menus, ${theme}, ${width}`)
    await item.press('Enter')
    await expect.poll(async () => (await ghostsOn(page))?.appear).toContain('loose0')
    await expectClean(page, `the form, ${theme}, ${width}`)
    await page.keyboard.press('Escape')
    await expect(page.getByRole('dialog')).toHaveCount(0)
  }
})
