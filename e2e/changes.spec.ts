import { linkId } from '@hopscope/model'
import type { SandboxHost } from '@hopscope/sandbox'
import type { Locator, Page } from '@playwright/test'
import { expectClean } from './axe.ts'
import { list } from './kernel.ts'
import { act, chooseByTyping, done, tabTo } from './onPage.ts'
import { expect, test } from './rowsTest.ts'
import { mapNodes } from './test.ts'

const RUN = /changes\.run/

type IpLink = { ifname: string; flags: string[]; linkinfo?: { info_kind?: string } }
type IpAddress = { addr_info: { local: string; prefixlen: number }[] }

/** Everything of the host's own links and addresses that a person could have changed. */
async function stateOf(host: SandboxHost): Promise<string> {
  const links = list<IpLink>(await host.run(['ip', '-d', '-j', 'link']))
  const addresses = await host.run(['ip', '-o', 'addr'])
  return JSON.stringify([links.map(({ ifname, flags }) => [ifname, flags.sort()]), addresses])
}
const linkOf = async (host: SandboxHost, name: string) =>
  list<IpLink>(await host.run(['ip', '-d', '-j', 'link'])).find(({ ifname }) => ifname === name)
const addressesOf = async (host: SandboxHost, name: string) =>
  list<IpAddress>(await host.run(['ip', '-j', 'addr', 'show', 'dev', name])).flatMap(({ addr_info }) =>
    addr_info.map(({ local, prefixlen }) => `${local}/${prefixlen}`),
  )
const isOnMap = async (page: Page, label: string) => (await mapNodes(page)).some((node) => node.label === label)

/** Opens the Create menu's form of a thing on this host. */
async function create(page: Page, what: string, host: SandboxHost): Promise<Locator> {
  await page.getByRole('button', { name: 'Create a network object' }).click()
  await page.getByRole('menuitem', { name: what }).click()
  const dialog = page.getByRole('dialog', { name: what.replace('…', '') })
  await dialog.getByLabel('Host').selectOption(host.name)
  return dialog
}
async function openHistory(page: Page, host: SandboxHost): Promise<Locator> {
  await page.getByRole('navigation', { name: 'View' }).getByRole('button', { name: 'History' }).click()
  const history = page.getByRole('main')
  await history.getByLabel('Host').selectOption(host.name)
  return history
}

test('a bridge is made, switched on and given an address by clicking; all of it is undone', async ({
  reader,
  host,
  signedIn: page,
}) => {
  const before = await stateOf(host)
  const dialog = await create(page, 'Make a bridge…', host)
  await expect(dialog.getByLabel('Name', { exact: true })).toBeFocused()
  await dialog.getByLabel('Name', { exact: true }).fill('lo')
  await expect(dialog.getByText('The namespace root has a link lo already. Choose another name.')).toBeVisible()
  await dialog.getByLabel('Name', { exact: true }).fill('no spaces')
  await expect(dialog.getByLabel('Name', { exact: true })).toHaveAccessibleDescription(/^1 to 15 characters/)
  await dialog.getByLabel('Name', { exact: true }).fill('br-click')
  const preview = dialog.getByRole('region', { name: 'Preview' })
  await expect(preview.getByText('ip link add name br-click type bridge')).toBeVisible()
  expect(await linkOf(host, 'br-click'), 'nothing runs before it is told to').toBeUndefined()
  await dialog.getByRole('button', { name: 'Run' }).click()
  await expect(done(dialog)).toBeVisible()
  expect((await linkOf(host, 'br-click'))?.linkinfo?.info_kind).toBe('bridge')
  await dialog.getByRole('button', { name: 'Close' }).last().click()
  await expect(dialog).toHaveCount(0)
  await expect(page.getByRole('button', { name: 'Create a network object' })).toBeFocused()
  await expect.poll(() => isOnMap(page, 'br-click')).toBe(true)

  await reader.search('br-click', /br-click/)
  await act(page, 'br-click', 'Switch on')
  const up = page.getByRole('dialog', { name: 'Switch on' })
  await expect(up.getByText('ip link set dev br-click up')).toBeVisible()
  await up.getByRole('button', { name: 'Run' }).click()
  await expect(done(up)).toBeVisible()
  expect((await linkOf(host, 'br-click'))?.flags).toContain('UP')
  await page.keyboard.press('Escape')
  await expect(page.getByRole('button', { name: 'Actions for br-click' })).toBeFocused()

  await act(page, 'br-click', 'Add an address…')
  const add = page.getByRole('dialog', { name: 'Add an address' })
  const address = add.getByLabel('Address', { exact: true })
  await address.fill('10.77.0.300')
  await expect(address).toHaveAccessibleDescription(/^Write an address with its prefix length/)
  await add.getByRole('button', { name: 'Run' }).click()
  await expect(address).toBeFocused()
  const taken = (await addressesOf(host, 'lo'))[0] ?? ''
  await address.fill(taken)
  await expect(address).toHaveAccessibleDescription(/belongs to lo in this namespace already/)
  await address.fill('10.77.0.1/24')
  await expect(address).not.toHaveAttribute('aria-invalid')
  await add.getByRole('button', { name: 'Run' }).click()
  await expect(done(add)).toBeVisible()
  expect(await addressesOf(host, 'br-click')).toContain('10.77.0.1/24')
  await add.getByRole('button', { name: 'Undo' }).click()
  await expect(add.getByText('Undone: everything is as before.').first()).toBeVisible()
  expect(await addressesOf(host, 'br-click')).not.toContain('10.77.0.1/24')
  await page.keyboard.press('Escape')

  const history = await openHistory(page, host)
  const lines = history.getByRole('list', { name: 'Changes' }).locator('> li')
  await expect(lines.nth(0)).toContainText('Give br-click the address 10.77.0.1/24')
  await expect(lines.nth(0)).toContainText('Undone')
  await expect(lines.nth(1)).toContainText('Switch br-click on')
  await history.getByRole('button', { name: 'Undo: Switch br-click on' }).click()
  await expect(lines.nth(1)).toContainText('Undone')
  await lines.nth(2).getByRole('button', { expanded: false }).click()
  await expect(lines.nth(2)).toContainText('ip link add name br-click type bridge')
  await history.getByRole('button', { name: 'Undo: Make the bridge br-click' }).click()
  await expect(lines.nth(2)).toContainText('Undone')
  await page.getByRole('navigation', { name: 'View' }).getByRole('button', { name: 'Map' }).click()
  await expect.poll(() => isOnMap(page, 'br-click')).toBe(false)
  expect(await stateOf(host)).toBe(before)
})

test('what fails or has moved on is said, and nothing that was put in is lost', async ({
  reader,
  host,
  signedIn: page,
}) => {
  const before = await stateOf(host)
  const dialog = await create(page, 'Make a bridge…', host)
  await dialog.getByLabel('Name', { exact: true }).fill('br-fails')
  // As if the page had shown an older state of the host than there is.
  await page.route(RUN, async (route) => {
    const body = route.request().postData() ?? ''
    await route.continue({ postData: body.replace('type bridge', 'type dummy') })
  })
  await dialog.getByRole('button', { name: 'Run' }).click()
  await expect(dialog.getByText('The host has changed since this was shown.')).toBeVisible()
  expect(await linkOf(host, 'br-fails')).toBeUndefined()
  await page.unroute(RUN)
  await dialog.getByRole('button', { name: 'Run these' }).click()
  await expect(done(dialog)).toBeVisible()
  await page.keyboard.press('Escape')

  await reader.search('br-fails', /br-fails/)
  await act(page, 'br-fails', 'Add an address…')
  const add = page.getByRole('dialog', { name: 'Add an address' })
  const address = add.getByLabel('Address', { exact: true })
  // A multicast address, which only the kernel refuses.
  await address.fill('ff02::77/64')
  await add.getByRole('button', { name: 'Run' }).click()
  await expect(add.getByText('It failed. Everything is as before.').first()).toBeVisible()
  await expect(add.locator('[data-state=failed]')).toContainText('Give br-fails the address ff02::77/64')
  await expect(address).toHaveValue('ff02::77/64')
  await address.fill('10.78.0.1/24')
  await expect(add.getByRole('region', { name: 'Preview' })).toContainText('10.78.0.1/24')
  await add.getByRole('button', { name: 'Run' }).click()
  await expect(done(add)).toBeVisible()
  await page.keyboard.press('Escape')

  await act(page, 'br-fails', 'Delete')
  const gone = page.getByRole('dialog', { name: 'Delete' })
  await expect(gone).toContainText('Undo will not bring back')
  await gone.getByRole('button', { name: 'Run' }).click()
  await expect(done(gone)).toBeVisible()
  await page.keyboard.press('Escape')
  // The button that opened it went with the bridge.
  await expect(page.locator('#main')).toBeFocused()
  expect(await stateOf(host)).toBe(before)
})

test('the same bridge by keyboard alone', async ({ reader, host, signedIn: page }) => {
  expect(reader.page).toBe(page)
  const before = await stateOf(host)
  await tabTo(page, /^Create a network object/)
  await page.keyboard.press('Enter')
  await chooseByTyping(page, 'make a br')
  const dialog = page.getByRole('dialog', { name: 'Make a bridge' })
  await expect(dialog.getByLabel('Name', { exact: true })).toBeFocused()
  await page.keyboard.type('br-keys')
  await tabTo(page, /^Host/, 'Shift+Tab')
  await page.keyboard.type(host.name)
  await expect(dialog.getByLabel('Host').locator('option:checked')).toHaveText(host.name)
  await tabTo(page, /^Name$/)
  await page.keyboard.press('Enter')
  await expect(done(dialog)).toBeVisible()
  expect((await linkOf(host, 'br-keys'))?.linkinfo?.info_kind).toBe('bridge')
  await tabTo(page, /^Undo/)
  await page.keyboard.press('Enter')
  await expect(dialog.getByText('Undone: everything is as before.').first()).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(dialog).toHaveCount(0)
  await expect(page.getByRole('button', { name: 'Create a network object' })).toBeFocused()
  expect(await stateOf(host)).toBe(before)
})

test('whoever may only look sees what could be done, and why not by them', async ({
  browser,
  product,
  session,
  host,
}) => {
  const viewer = { name: 'vera', role: 'viewer', password: 'correct horse battery' }
  expect((await product.call('users.create', viewer, session)).status).toBe(200)
  const context = await browser.newContext()
  const page = await context.newPage()
  const hostId = (await hostsOf(product.url, session)).find(({ name }) => name === host.name)?.id
  const command = { do: 'netns.add', name: 'vera' }
  const made = await product.call('changes.run', { hostId, command, shown: ['ip netns add vera'] }, session)
  expect(JSON.stringify(made.body)).toContain('"state":"done"')
  await page.goto(product.url)
  await page.getByLabel('Name').fill(viewer.name)
  await page.getByLabel('Password', { exact: true }).fill(viewer.password)
  await page.keyboard.press('Enter')
  await expect(page.getByTestId('map')).toBeVisible()
  await page.getByRole('button', { name: 'Create a network object' }).click()
  await expect(page.getByRole('menu')).toContainText('Your role only looks.')
  await expect(page.getByRole('menuitem', { name: 'Make a bridge…' })).toBeDisabled()
  await page.keyboard.press('Escape')
  const history = await openHistory(page, host)
  await expect(history.getByRole('list', { name: 'Changes' })).toBeVisible()
  await expect(history.getByRole('button', { name: 'Undo: Make the namespace vera' }).first()).toBeDisabled()
  await context.close()
  await host.run(['ip', 'netns', 'delete', 'vera'])
})

test('what Hopscope did not make is changed on a real host by an admin alone, who types its name', async ({
  browser,
  product,
  session,
  reader,
  signedIn: page,
}) => {
  expect(reader.page).toBe(page)
  const machine = (await hostsOf(product.url, session)).find(({ vantage }) => vantage.kind === 'host')
  const loopback = `${machine?.id}|link|${linkId(machine?.rootNetns ?? '', 1)}`
  const address = `${product.url}/?view=tree&sel=${encodeURIComponent(loopback)}`
  const sent: string[] = []
  page.on('request', (request) => {
    if (request.url().includes('changes.run')) sent.push(request.postData() ?? '')
  })
  await page.goto(address)
  await act(page, 'lo', 'Take in every frame (promiscuous)')
  const dialog = page.getByRole('dialog', { name: 'Take in every frame (promiscuous)' })
  const typed = dialog.getByLabel('Type lo to confirm')
  await expect(typed).toBeFocused()
  await typed.fill('l0')
  await page.keyboard.press('Enter')
  await expect(typed).toHaveAccessibleDescription('This is not lo.')
  expect(sent).toEqual([])

  const operator = { name: 'oleg', role: 'operator', password: 'correct horse battery' }
  expect((await product.call('users.create', operator, session)).status).toBe(200)
  const context = await browser.newContext()
  const other = await context.newPage()
  await other.goto(address)
  await other.getByLabel('Name').fill(operator.name)
  await other.getByLabel('Password', { exact: true }).fill(operator.password)
  await other.keyboard.press('Enter')
  await act(other, 'lo', 'Take in every frame (promiscuous)')
  const seen = other.getByRole('dialog', { name: 'Take in every frame (promiscuous)' })
  await expect(seen).toContainText('Only an administrator may change it.')
  await expect(seen.getByRole('button', { name: 'Run' })).toBeDisabled()
  await context.close()
})

type Host = { id: string; name: string; rootNetns: string; vantage: { kind: string } }

async function hostsOf(url: string, cookie: string): Promise<Host[]> {
  const answer = await fetch(`${url}/api/trpc/hosts.list`, { headers: { cookie } })
  const { result } = await answer.json()
  const listed: { host: Host }[] = result.data
  return listed.map(({ host }) => host)
}

for (const theme of ['light', 'dark'] as const) {
  test(`dialogs of changes break no rule of axe: ${theme}`, async ({ reader, host, signedIn: page }) => {
    expect(reader.page).toBe(page)
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' })
    await page.getByRole('button', { name: 'Create a network object' }).click()
    await expectClean(page, 'the menu')
    await page.keyboard.press('Escape')
    const dialog = await create(page, 'Make a veth pair…', host)
    await dialog.getByRole('button', { name: 'Run' }).click()
    await expect(dialog.getByText('This is needed.').first()).toBeVisible()
    await expectClean(page, 'what is missing')
    await dialog.getByLabel('Name', { exact: true }).fill('ax0')
    await dialog.getByLabel('Name of the other end').fill('ax1')
    await expectClean(page, 'the preview')
    await dialog.getByRole('button', { name: 'Run' }).click()
    await expect(done(dialog)).toBeVisible()
    await expectClean(page, 'the result')
    await dialog.getByRole('button', { name: 'Undo' }).click()
    await expect(dialog.getByText('Undone: everything is as before.').first()).toBeVisible()
    await page.keyboard.press('Escape')
    const history = await openHistory(page, host)
    const first = history.getByRole('list', { name: 'Changes' }).locator('> li').first()
    await first.getByRole('button', { expanded: false }).click()
    await expectClean(page, 'the history')
  })
}
