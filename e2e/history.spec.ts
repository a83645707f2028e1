import type { SandboxHost } from '@hopscope/sandbox'
import type { Browser, Locator, Page } from '@playwright/test'
import type { Product } from './product.ts'
import { expect, test } from './rowsTest.ts'

const bob = { name: 'bob', role: 'operator', password: 'correct horse battery' }

/** A page of another operator. */
async function asBob(browser: Browser, product: Product, session: string): Promise<Page> {
  await product.call('users.create', bob, session)
  const page = await (await browser.newContext()).newPage()
  await page.goto(product.url)
  await page.getByLabel('Name').fill(bob.name)
  await page.getByLabel('Password', { exact: true }).fill(bob.password)
  await page.keyboard.press('Enter')
  await expect(page.getByTestId('map')).toBeVisible()
  return page
}

/** The history of a host, and its lines that have this text. */
async function history(page: Page, host: SandboxHost): Promise<(text: string) => Locator> {
  await page.keyboard.press('4')
  await page.getByRole('main').getByLabel('Host').selectOption(host.name)
  return (text) => page.getByRole('list', { name: 'Changes' }).locator('> li').filter({ hasText: text })
}

async function find(page: Page, object: string): Promise<void> {
  await page.keyboard.press('Control+k')
  await page.keyboard.type(object)
  await page.getByRole('option').filter({ hasText: object }).first().click()
}

async function act(page: Page, object: string, what: string): Promise<Locator> {
  await page.getByRole('button', { name: `Actions for ${object}` }).click()
  await page.getByRole('menuitem', { name: what, exact: true }).click()
  return page.getByRole('dialog', { name: what.replace('…', '') })
}

test('a change is seen step by step by whoever runs it, and by everybody in the history', async ({
  browser,
  product,
  session,
  reader,
  host,
  signedIn: page,
}) => {
  // It does not listen to SIGTERM, so that Docker waits before it kills it.
  await host.docker('run', '-d', '--name', 'slow', '--stop-timeout', '3', 'busybox', 'sleep', '1000')
  const other = await asBob(browser, product, session)
  await host.run(['ip', 'link', 'add', 'br-first', 'type', 'bridge'])
  await expect(async () => {
    const made = await product.call('changes.run', await upOf(product, session, host, 'br-first'), session)
    expect(JSON.stringify(made.body)).toContain('"state":"done"')
  }).toPass()
  const lines = await history(other, host)
  await expect(lines('Switch br-first on')).toHaveAttribute('data-state', 'done')

  await reader.search('slow', /slow/)
  const dialog = await act(page, 'slow', 'Stop')
  await dialog.getByRole('button', { name: 'Run' }).click()
  await expect(dialog.locator('[data-state=doing]')).toContainText('docker stop')
  await expect(dialog.getByRole('heading', { name: 'Running…' })).toBeVisible()
  await expect(lines('slow')).toHaveAttribute('data-state', 'running')
  await expect(lines('slow').locator('[data-state=doing]')).toContainText('docker stop')
  await expect(dialog.getByRole('region', { name: 'Result' })).toContainText('Done')
  await expect(lines('slow')).toHaveAttribute('data-state', 'done')
  // It is undone in the history; the dialog that is still open says so.
  await lines('slow').getByRole('button', { name: /^Undo/ }).click()
  await expect(lines('slow')).toHaveAttribute('data-state', 'undone')
  await expect(dialog.getByText('Undone: everything is as before.').first()).toBeVisible()
  await expect(lines('slow')).toContainText('bob')
  await host.docker('rm', '-f', 'slow')
  await host.run(['ip', 'link', 'delete', 'br-first'])
  await other.context().close()
})

test('two people at one object: one wins, the other is told and sees what it comes to now', async ({
  browser,
  product,
  session,
  reader,
  host,
  signedIn: page,
}) => {
  await host.run(['ip', 'link', 'add', 'br-both', 'type', 'bridge'])
  await host.run(['ip', 'link', 'set', 'dev', 'br-both', 'alias', 'made by Hopscope'])
  const other = await asBob(browser, product, session)
  await reader.search('br-both', /br-both/)
  await find(other, 'br-both')
  const [mine, his] = [await act(page, 'br-both', 'Switch on'), await act(other, 'br-both', 'Switch on')]
  await expect(his.getByText('ip link set dev br-both up')).toBeVisible()
  await mine.getByRole('button', { name: 'Run' }).click()
  await expect(mine.getByRole('region', { name: 'Result' })).toContainText('Done')
  await expect(his.getByText('ada has just done this: Switch br-both on')).toBeVisible()
  await expect(his.getByText('ip link set dev br-both up')).toHaveCount(0)
  // Taken back, it is to be done again.
  await mine.getByRole('button', { name: 'Undo' }).click()
  await expect(his.getByText('ip link set dev br-both up')).toBeVisible()
  await his.getByRole('button', { name: 'Run' }).click()
  await expect(his.getByRole('region', { name: 'Result' })).toContainText('Done')
  expect(await host.run(['ip', '-o', 'link', 'show', 'br-both'])).toContain('UP')
  await host.run(['ip', 'link', 'delete', 'br-both'])
  await other.context().close()
})

test('the history is filtered, and tells what the hub wrote down while the agent is away', async ({
  product,
  session,
  host,
  reader,
  signedIn: page,
}) => {
  expect(reader.page).toBe(page)
  await host.run(['ip', 'link', 'add', 'br-past', 'type', 'bridge'])
  await expect(async () => {
    const made = await product.call('changes.run', await upOf(product, session, host, 'br-past'), session)
    expect(JSON.stringify(made.body)).toContain('"state":"done"')
  }).toPass()
  const lines = await history(page, host)
  await expect(lines('Switch br-past on')).toBeVisible()
  await page.keyboard.press('/')
  await page.keyboard.type('br-past')
  await expect(page.getByRole('main').getByRole('status').first()).toHaveText('1 change')
  await page.getByLabel('Outcome').selectOption('Failed')
  await expect(page.getByRole('heading', { name: 'No change fits' })).toBeVisible()
  await page.getByRole('button', { name: 'Clear the filters' }).click()
  await expect(lines('Switch br-past on')).toBeVisible()
  await page.getByRole('tab', { name: 'Requests' }).click()
  const requests = page.getByRole('list', { name: 'Requests' })
  await requests.locator('> li').filter({ hasText: 'Switch br-past on' }).first().getByRole('button').click()
  await expect(requests).toContainText('ip link set dev br-past up')
  await expect(requests).toContainText('ada (administrator) from 127.0.0.1')
  await page.getByRole('button', { name: 'Verify' }).click()
  await expect(page.getByText(/lines, all as they were written\. Last hash: [0-9a-f]{12}…/)).toBeVisible()
  await page.getByRole('tab', { name: 'Changes' }).click()

  await product.kill('agent', 'SIGTERM')
  await page.reload()
  await expect(lines('Switch br-past on')).toContainText('As the hub wrote it down')
  await expect(page.getByRole('button', { name: 'Undo: Switch br-past on' })).toBeDisabled()
  product.startAgent()
  await expect(page.getByRole('button', { name: 'Undo: Switch br-past on' })).toBeEnabled({ timeout: 30_000 })
  await page.getByRole('button', { name: 'Undo: Switch br-past on' }).click()
  await expect(lines('Switch br-past on')).toHaveAttribute('data-state', 'undone')
  await host.run(['ip', 'link', 'delete', 'br-past'])
})

/** What switches a link on that somebody made by hand, as an administrator asks for it. */
async function upOf(product: Product, session: string, host: SandboxHost, link: string) {
  const answer = await fetch(`${product.url}/api/trpc/hosts.list`, { headers: { cookie: session } })
  const listed: { host: { id: string; name: string } }[] = (await answer.json()).result.data
  const hostId = listed.find((one) => one.host.name === host.name)?.host.id
  const command = { do: 'link.up', netns: 'root', link }
  return { hostId, command, shown: [`ip link set dev ${link} up`] }
}
