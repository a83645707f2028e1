import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Locator, Page } from '@playwright/test'
import { z } from 'zod'
import { middleOf } from './drag.ts'
import { done } from './onPage.ts'
import { expect, test } from './rowsTest.ts'
import { followedOnMap, mapNodes } from './test.ts'

const hopscope = join(import.meta.dirname, '../apps/agent/bin/hopscope.mjs')
/** The rules of a chain that did not match. */
const passedOver = z.array(z.object({ miss: z.object({ why: z.string() }) })).optional()
const explained = z.object({
  outcome: z.object({ verdict: z.string(), reason: z.string().optional() }),
  forward: z.object({ hops: z.array(z.object({ kind: z.string(), passedOver })) }),
  back: z.object({ hops: z.array(z.object({ kind: z.string() })) }).optional(),
})

/** What the command line says of the same packet: its verdict, and the kinds of its hops there and back. */
async function explain(host: string, from: string, to: string) {
  const args = [hopscope, 'explain', '--from', from, '--to', to, '--vantage', host, '--json']
  const { stdout } = await promisify(execFile)(process.execPath, args)
  const { outcome, forward, back } = explained.parse(JSON.parse(stdout))
  return { verdict: outcome.verdict, kinds: [...forward.hops, ...(back?.hops ?? [])].map(({ kind }) => kind) }
}

const paneOf = (page: Page): Locator => page.getByRole('complementary', { name: 'Packet' })
const hopsOf = (pane: Locator): Locator => pane.locator('li[data-hop]')

async function told(pane: Locator) {
  const kinds = await hopsOf(pane).evaluateAll((all) => all.map((hop) => hop.getAttribute('data-kind')))
  return { verdict: await pane.locator('[data-verdict]').getAttribute('data-verdict'), kinds }
}

async function ask(pane: Locator, question: { from: string; to: string; port?: string }) {
  await pane.getByLabel('Protocol').selectOption(question.port === undefined ? 'icmp' : 'tcp')
  if (question.port !== undefined) await pane.getByLabel('Port').fill(question.port)
  await pane.getByLabel('From').fill(question.from)
  await pane.getByLabel('To', { exact: true }).fill(question.to)
}

/** Ctrl-K, a question, what stands first in answer to it, and Enter. */
async function search(page: Page, question: string, answer: string) {
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox').fill(question)
  await expect(page.getByRole('option').first()).toContainText(answer)
  await page.keyboard.press('Enter')
}

test('the page answers while one types, with the same hops and verdict as the command line', async ({
  reader,
  demo,
  host,
  signedIn: page,
}) => {
  await reader.view('Map')
  await page.keyboard.press('5')
  const pane = paneOf(page)
  const hosts = pane.getByLabel('Host', { exact: true })
  await hosts.selectOption({ label: host.name })
  const web = (await host.docker('inspect', '-f', '{{.NetworkSettings.IPAddress}}', 'web')).trim()
  const examples = [
    { from: 'client', to: web },
    { from: 'host', to: '10.20.0.10', port: '80' },
    { from: 'outside', to: host.address, port: '8080' },
    { from: 'client', to: demo.outside.address },
    { from: 'host', to: '::1', port: '8080' },
    { from: 'client', to: '10.30.0.10', port: '5432' },
  ]
  for (const example of examples) {
    await ask(pane, example)
    const place = example.to.includes(':') ? `[${example.to}]` : example.to
    const to = example.port === undefined ? example.to : `${place}:${example.port}`
    await expect(async () => expect(await told(pane)).toEqual(await explain(host.name, example.from, to))).toPass()
  }
  // The last one is stopped by a rule: the page leads to it.
  await expect(pane.getByRole('region', { name: 'Verdict' })).toContainText(/Dropped.*rule/)
  await pane
    .getByRole('region', { name: 'Verdict' })
    .getByRole('button', { name: /^\w+ [\w-]+ \d+/ })
    .click()
  await pane.getByRole('button', { name: 'Details', exact: true }).click()
  await expect(pane.getByRole('heading', { level: 2, name: /#\d+$/ })).toBeVisible()
})

test('one goes from hop to hop by keyboard; list, map and chain show where the packet is', async ({
  reader,
  host,
  signedIn: page,
}) => {
  await reader.view('Map')
  await search(page, `outside -> ${host.address}:8080`, 'Delivered.')
  const pane = paneOf(page)
  await expect(pane.getByLabel('From')).toHaveValue('outside')
  await expect.poll(async () => (await followedOnMap(page))?.nodes).toContain('web, sidecar')
  const current = pane.locator('li[aria-current="step"]')
  await expect(current).toHaveCount(0)
  await page.keyboard.press('j')
  await expect(current).toHaveAttribute('data-hop', '0')
  expect(await followedOnMap(page)).toMatchObject({ here: 'ens33' })
  const nat = pane.locator('li[data-kind="nat"]').first()
  const steps = Number(await nat.getAttribute('data-hop'))
  for (let i = 0; i < steps; i++) await page.keyboard.press(i % 2 === 0 ? 'ArrowDown' : 'j')
  await expect(nat).toHaveAttribute('aria-current', 'step')
  await expect(nat.getByRole('term')).toHaveText(['before', 'after'])
  await expect(nat.getByRole('definition').first()).toContainText(':8080')
  await page.keyboard.press('k')
  const chain = pane.locator('li[data-kind="chain"][aria-current="step"]')
  await expect(chain.locator('li[data-state="matched"]')).not.toHaveCount(0)
  await expect(chain.getByText('Verdict: ACCEPT')).toBeVisible()
  // What was passed over says why, when one wants to know: before the rule that translates others were compared with it.
  const folded = chain.getByRole('button', { name: /^\d+ rules passed over$/ })
  if (await folded.first().isVisible()) await folded.first().click()
  const passed = chain.locator('li[data-state="passed"]')
  await expect(passed.first()).toContainText(/in: ens33, not \S+|destination port: 8080, not \d+/)
  await expect(pane.getByText(new RegExp(`^Hop ${steps} of \\d+: `))).toBeAttached()

  // The last hop of the way there: the dot has come to the container.
  const forward = pane.getByRole('region', { name: 'Forward' })
  await forward.locator('li[data-hop]').last().getByRole('button').first().click()
  await expect.poll(async () => (await followedOnMap(page))?.part).toBe(1)
  expect(await followedOnMap(page)).toMatchObject({ here: 'web, sidecar' })
  await page.reload()
  await expect(current).toHaveAttribute('data-kind', 'deliver')
  await page.keyboard.press('Escape')
})

test('a question that cannot be meant says where, and what may have been', async ({ reader, signedIn: page }) => {
  await reader.view('Map')
  await page.keyboard.press('Control+k')
  const search = page.getByRole('combobox')
  await search.fill('clint -> 10.20.0.10:80')
  await expect(page.getByRole('option').first()).toContainText('Column 1: There is no sender "clint". Did you mean')
  await expect(page.getByRole('option', { name: 'client → 10.20.0.10:80' })).toBeVisible()
  await search.fill('client -> 10.20.0.10:http')
  await expect(page.getByRole('option').first()).toContainText('Column 22: "http" is no port')
  await page.keyboard.press('Escape')
})

test('an object of the map is asked whom it can reach', async ({ reader, signedIn: page }) => {
  await reader.view('Map')
  await mapNodes(page)
  const { x, y } = await middleOf(page, 'box', 'client')
  await page.mouse.click(x, y - 8, { button: 'right' })
  await page.getByRole('menuitem', { name: 'Can it reach…?' }).click()
  const pane = paneOf(page)
  await expect(pane.getByLabel('From')).toHaveValue('client')
  const to = pane.getByLabel('To', { exact: true })
  await expect(to).toBeFocused()
  // A name that only another network knows leads to its address.
  await to.fill('db')
  const verdict = pane.getByRole('region', { name: 'Verdict' })
  await expect(verdict).toContainText('It cannot be told whether it arrives.')
  await verdict.getByRole('button', { name: '10.30.0.10' }).click()
  await expect(verdict).toContainText('Dropped')
})

test('what changes on the host changes the answer, and what is proposed mends it', async ({
  reader,
  demo,
  host,
  signedIn: page,
}) => {
  await reader.view('Map')
  await search(page, `ping client -> ${demo.outside.address}`, 'It leaves for another machine')
  const verdict = paneOf(page).getByRole('region', { name: 'Verdict' })
  try {
    await host.run(['sysctl', '-w', 'net.ipv4.ip_forward=0'])
    await expect(verdict).toContainText('forwarding is off')
    await verdict.getByRole('button', { name: 'Prepare this change…' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Run', exact: true }).click()
    await expect(done(dialog)).toBeVisible()
    await expect(verdict).toContainText('It leaves for another machine')
    expect((await host.run(['sysctl', '-n', 'net.ipv4.ip_forward'])).trim()).toBe('1')
  } finally {
    await host.run(['sysctl', '-w', 'net.ipv4.ip_forward=1'])
  }
})

test('a lesson hides what comes next; a report has all of it on paper', async ({ reader, host, signedIn: page }) => {
  await reader.view('Map')
  await search(page, 'ping client -> 10.20.0.1', 'Delivered.')
  const pane = paneOf(page)
  const all = await hopsOf(pane).count()
  await pane.getByRole('button', { name: 'Report' }).click()
  const report = page.getByRole('dialog', { name: 'Report: client → 10.20.0.1' })
  await expect(report.getByRole('heading', { name: /^Input/ }).first()).toBeVisible()
  await report.getByLabel('With the rules that did not match').click()
  await expect(report.getByText(/^✗ DOCKER \d+ \(-i .*: in: \S+, not \S+$/).first()).toBeVisible()
  const download = page.waitForEvent('download')
  await report.getByRole('button', { name: 'Save as JSON' }).click()
  expect((await download).suggestedFilename()).toBe('hopscope-packet.json')
  const { forward } = explained.parse(JSON.parse(readFileSync(await (await download).path(), 'utf8')))
  expect(forward.hops.flatMap(({ passedOver = [] }) => passedOver.map(({ miss }) => miss.why))).toContain('differs')
  await page.emulateMedia({ media: 'print' })
  await expect(page.getByTestId('map')).toBeHidden()
  await expect(report.getByText('Delivered.').first()).toBeVisible()
  await page.emulateMedia({ media: 'screen' })
  await page.keyboard.press('Escape')

  const { kinds } = await explain(host.name, 'client', '10.20.0.1')
  await pane.getByRole('button', { name: 'Lesson' }).click()
  await expect(hopsOf(pane)).toHaveCount(1)
  const lesson = pane.getByRole('region', { name: 'Lesson' })
  const choices = lesson.getByRole('listitem')
  await expect(choices).toHaveCount(4)
  // Whoever tries all of them comes to the right one, and on.
  for (let i = 0; i < 4 && (await hopsOf(pane).count()) === 1; i++) await choices.nth(i).getByRole('button').click()
  await expect(hopsOf(pane)).toHaveCount(2)
  expect(await hopsOf(pane).last().getAttribute('data-kind')).toBe(kinds[1])
  await expect(lesson.getByText(/^[01] of 1 right$/)).toBeVisible()
  await lesson.getByRole('button', { name: 'End the lesson' }).click()
  await expect(hopsOf(pane)).toHaveCount(all)
})
