import type { SandboxHost } from '@hopscope/sandbox'
import type { Locator, Page } from '@playwright/test'
import { expectClean } from './axe.ts'
import { middleOf } from './drag.ts'
import { chooseByTyping, tabTo } from './onPage.ts'
import { expect, test } from './rowsTest.ts'
import { mapNodes } from './test.ts'

/** What the guide for the container `quiet` changes, as the host and the container tell it. */
async function stateOf(host: SandboxHost): Promise<string[]> {
  return Promise.all([
    host.run(['ip', '-o', 'addr']),
    host.run(['sysctl', 'net.bridge.bridge-nf-call-iptables']),
    host.docker('exec', 'quiet', 'ip', '-o', 'addr'),
    host.docker('exec', 'quiet', 'ip', 'route'),
  ])
}
const guideOf = (page: Page): Locator => page.getByRole('complementary', { name: 'Guide' })
const steps = (guide: Locator) => guide.getByRole('list', { name: 'Steps' }).locator('> li')
const done = (guide: Locator, count: number) =>
  expect(guide.getByText(new RegExp(`^${count} of \\d+ done$`))).toBeVisible()
const OVER = 'The container has its network.'

test('a container gets its network step by step, by clicking; a reload goes on, and all of it is undone', async ({
  reader,
  demo,
  host,
  signedIn: page,
}) => {
  const before = await stateOf(host)
  await reader.search('quiet', /^quiet/)
  await page.getByRole('button', { name: 'Actions for quiet' }).click()
  await page.getByRole('menuitem', { name: 'Guided: give a container its network by hand' }).click()
  const guide = guideOf(page)
  await expect(guide.getByRole('heading', { name: 'A container’s network by hand' })).toBeFocused()
  await expect(guide.getByLabel('Container', { exact: true })).toHaveValue('quiet')
  const gateway = guide.getByLabel('Gateway', { exact: true })
  const proposed = await gateway.inputValue()
  await gateway.fill('10.250.0.1')
  await expect(gateway).toHaveAccessibleDescription(/^10\.250\.0\.1 does not lie in/)
  await gateway.fill(proposed)
  await guide.getByLabel('Bridge', { exact: true }).fill('br-guide')
  await expect(steps(guide).nth(0)).toHaveAttribute('aria-current', 'step')
  await expect(steps(guide).nth(0)).toContainText('A bridge is a switch made of software')
  await expect(steps(guide).nth(0)).toContainText('ip link add name br-guide type bridge')
  expect(await stateOf(host), 'nothing runs before it is told to').toEqual(before)

  await guide.getByRole('button', { name: 'Run this step' }).click()
  await done(guide, 1)
  await expect(guide.getByRole('button', { name: 'Run this step' })).toBeFocused()
  await expect.poll(async () => (await mapNodes(page)).some(({ label }) => label === 'br-guide')).toBe(true)
  // On a phone the map shows above the sheet what a step is about.
  await page.setViewportSize({ width: 414, height: 896 })
  await expect(async () => {
    const sheet = await guide.boundingBox()
    const bridge = await middleOf(page, 'bridge', 'br-guide')
    expect(sheet?.height).toBeLessThan(896 / 2)
    expect(bridge.y).toBeLessThan(sheet?.y ?? 0)
    expect(Math.abs(bridge.x - 207)).toBeLessThan(207)
  }).toPass()
  await page.setViewportSize({ width: 1440, height: 900 })
  // Somebody does the next one in a shell.
  await host.run(['ip', 'link', 'set', 'br-guide', 'up'])
  await done(guide, 2)
  await expect(steps(guide).nth(2)).toHaveAttribute('aria-current', 'step')

  await page.reload()
  await expect(page.getByTestId('map')).toBeVisible({ timeout: 30_000 })
  await done(guide, 2)
  await expect(steps(guide).nth(2)).toContainText('ip address add')
  await guide.getByRole('button', { name: 'What it is about' }).click()
  await guide.getByLabel('It reaches what lies beyond this host (NAT)').check()
  await guide.getByRole('button', { name: 'Run the rest' }).click()
  await expect(guide.getByText(OVER)).toBeVisible({ timeout: 30_000 })
  for (const to of [proposed, demo.outside.address])
    expect(await host.docker('exec', 'quiet', 'ping', '-c1', '-W3', to)).toContain('1 packets received')

  await guide.getByRole('button', { name: 'Undo last' }).click()
  await expect(guide.getByText(OVER)).toHaveCount(0)
  // What runs again is the step that was undone.
  await guide.getByRole('button', { name: 'Run this step' }).click()
  await expect(guide.getByText(OVER)).toBeVisible()
  await guide.getByRole('button', { name: 'Undo all' }).click()
  await expect(steps(guide).nth(0)).toHaveAttribute('aria-current', 'step', { timeout: 30_000 })
  expect(await stateOf(host)).toEqual(before)
  await guide.getByRole('button', { name: 'Close the guide' }).click()
  await expect(guide).toHaveCount(0)
})

test('the same by keyboard alone', async ({ reader, host, signedIn: page }) => {
  expect(reader.page).toBe(page)
  const before = await stateOf(host)
  await tabTo(page, /^Create a network object/)
  await page.keyboard.press('Enter')
  await chooseByTyping(page, 'guided: g')
  const guide = guideOf(page)
  await expect(guide.getByRole('heading', { name: 'A container’s network by hand' })).toBeFocused()
  await tabTo(page, /^Host/)
  await page.keyboard.type(host.name)
  await expect(guide.getByLabel('Container', { exact: true })).toHaveValue('quiet')
  await tabTo(page, /^Run this step/)
  await page.keyboard.press('Enter')
  await done(guide, 1)
  await tabTo(page, /^Run the rest/)
  await page.keyboard.press('Space')
  await expect(guide.getByText(OVER)).toBeVisible({ timeout: 30_000 })
  await tabTo(page, /^Undo all/)
  await page.keyboard.press('Enter')
  await expect(steps(guide).nth(0)).toHaveAttribute('aria-current', 'step')
  expect(await stateOf(host)).toEqual(before)
  await tabTo(page, /^Close the guide/, 'Shift+Tab')
  await page.keyboard.press('Enter')
  await expect(page.locator('#main')).toBeFocused()
})

test('two networks are joined by a router', async ({ reader, host, signedIn: page }) => {
  expect(reader.page).toBe(page)
  const state = () => host.run(['ip', '-o', 'link'])
  const before = await state()
  await page.getByRole('button', { name: 'Create a network object' }).click()
  await page.getByRole('menuitem', { name: 'Guided: join two networks by a router' }).click()
  const guide = guideOf(page)
  await guide.getByLabel('Host', { exact: true }).selectOption(host.name)
  // The demo has one already: beside it, another one between the same two.
  await expect(guide.getByLabel('Bridge', { exact: true }).first()).toHaveValue('seg1')
  await expect(guide.getByLabel('Hosts here').first()).toHaveValue('left')
  await guide.getByRole('button', { name: 'Run the rest' }).click()
  await expect(guide.getByText('The two networks are joined.')).toBeVisible({ timeout: 45_000 })
  const router = (await guide.getByLabel('Router: a namespace or a container').inputValue()).trim()
  const address = (await guide.getByLabel('Address of the router here').last().inputValue()).split('/')[0] ?? ''
  expect(await host.run(['ip', '-n', 'left', 'route'])).toMatch(/10\.10\.2\.0\/24 via 10\.10\.1\./)
  expect(await host.run(['ip', 'netns', 'exec', 'left', 'busybox', 'ping', '-c1', '-W3', address])).toContain(
    '1 packets received',
  )
  expect(await host.run(['ip', 'netns'])).toContain(router)
  await guide.getByRole('button', { name: 'Undo all' }).click()
  await expect(steps(guide).nth(0)).toHaveAttribute('aria-current', 'step', { timeout: 30_000 })
  expect(await state()).toBe(before)
})

for (const theme of ['light', 'dark'] as const) {
  test(`a guide breaks no rule of axe, on a phone as well: ${theme}`, async ({ reader, host, signedIn: page }) => {
    expect(reader.page).toBe(page)
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' })
    await page.getByRole('button', { name: 'Create a network object' }).click()
    await page.getByRole('menuitem', { name: 'Guided: give a container its network by hand' }).click()
    const guide = guideOf(page)
    await guide.getByLabel('Host', { exact: true }).selectOption(host.name)
    await expectClean(page, 'inputs and steps')
    await guide.getByRole('button', { name: 'Names and firewall' }).click()
    await guide.getByLabel('Gateway', { exact: true }).fill('10.250.0.1')
    await expect(guide.getByText(/^10\.250\.0\.1 does not lie in/).first()).toBeVisible()
    await expectClean(page, 'what is wrong')
    await page.setViewportSize({ width: 414, height: 896 })
    await expect(guide).toBeVisible()
    await expectClean(page, 'on a phone')
  })
}
