import { readFileSync, writeFileSync } from 'node:fs'
import type { SandboxHost } from '@hopscope/sandbox'
import type { Download, Locator, Page } from '@playwright/test'
import { linesOf, openMonitor } from '../apps/agent/test/capture/monitor.ts'
import { readRecording } from '../apps/web/src/features/packets/watch/model/recording.ts'
import { expectClean } from './axe.ts'
import { middleOf } from './drag.ts'
import type { Reader } from './reader.ts'
import { expect, test } from './rowsTest.ts'
import { addSession, dotsOnMap, followedOnMap } from './test.ts'

/** The pane, opened to watch the packets of an object that is named. */
async function watch(reader: Reader, object: string): Promise<Locator> {
  const { page } = reader
  await reader.search(object, new RegExp(`^${object}`))
  await reader.view('Tree')
  await page
    .getByRole('treeitem', { name: new RegExp(`^Namespace ${object}\\b`) })
    .first()
    .click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Watch its packets' }).click()
  return page.getByRole('form', { name: 'Packets to watch' })
}

const rows = (page: Page) => page.getByRole('listbox', { name: 'Packets' }).getByRole('option')

/** Puts all of the map out of sight. */
const lookAway = (page: Page) =>
  page.evaluate(() => (window as Probed).__hopscopeMap?.setView({ zoom: 1, pan: { x: 9_000, y: 9_000 } }))
type Probed = Window & { __hopscopeMap?: { setView: (view: { zoom: number; pan: { x: number; y: number } }) => void } }

async function addressOf(host: SandboxHost, container: string): Promise<string> {
  const format = '{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}'
  const [address = ''] = (await host.docker('inspect', '-f', format, container)).split(' ')
  return address
}

async function saved(page: Page, item: string): Promise<Download> {
  await page.getByRole('button', { name: 'Keep…' }).click()
  const download = page.waitForEvent('download')
  await page.getByRole('menuitem', { name: item }).first().click()
  return download
}

test('a ping is watched with every rule that it met, as the kernel tells nft, and shown again from a file', async ({
  reader,
  host,
  signedIn: page,
}) => {
  const web = await addressOf(host, 'web')
  const form = await watch(reader, 'web')
  await expect(form.getByLabel('Filter')).toHaveValue(/^host (web|172\.17\.0\.\d+)$/)
  // What is wrong is said by its column; nothing can be started then.
  await form.getByLabel('Filter').fill('icmp and hots web')
  await expect(form.getByText('Column 10:')).toBeVisible()
  await expect(form.getByRole('button', { name: 'Start' })).toHaveAttribute('aria-disabled', 'true')
  await form.getByLabel('Filter').fill('icmp and host web')
  await form.getByRole('button', { name: 'Start' }).click()
  await expect(page.getByText(/No packet yet in \d+ namespaces/)).toBeVisible()

  const monitor = await openMonitor(host, '/proc/1/ns/net')
  await host.docker('exec', 'client', 'ping', '-c', '1', '-W', '2', web)
  await expect(rows(page)).toHaveCount(2)
  await form.getByRole('button', { name: 'Stop' }).click()
  await expect(page.getByText(/^Packets shown: 2, namespaces: \d+ \(stopped\)\./)).toBeVisible()
  await expect(rows(page).first()).toHaveAccessibleName(new RegExp(`icmp .* > ${web}.*delivered.*container client`))

  const file = await saved(page, 'JSON, to open here again')
  const path = await file.path()
  const read = readRecording(readFileSync(path, 'utf8'))
  if (!('recording' in read)) throw new Error(JSON.stringify(read))
  const { stories, host: info } = read.recording
  const told = stories.flatMap(({ way }) => linesOf(way, info.rootNetns))
  await expect.poll(() => monitor.lines()).toHaveLength(told.length)
  expect(told.length).toBeGreaterThan(0)
  expect(told).toEqual(monitor.lines())
  await monitor.close()

  // Stepped through as a prediction is.
  await rows(page).first().click()
  const ways = page.getByRole('region', { name: 'Forward' })
  const [first] = stories
  const chains = first?.way.hops.filter(({ kind }) => kind === 'chain').length ?? 0
  await expect(ways.locator('li[data-kind="chain"]')).toHaveCount(chains)
  // The rules between those that the kernel told of, and why they are not among them.
  const explainsRules = async () => {
    await ways
      .locator('li[data-kind="chain"]', { hasText: 'PREROUTING' })
      .filter({ hasText: 'nat' })
      .first()
      .getByRole('button')
      .first()
      .click()
    await expect(ways.locator('li[data-state="passed"]').first()).toContainText(
      'type of the destination: UNICAST, not LOCAL',
    )
  }
  await explainsRules()
  await expectClean(page, 'a packet that was watched')
  // Cables say nothing of what passes by them.
  await reader.view('Map')
  expect((await followedOnMap(page))?.strokes.toSorted()).toEqual(['dashed', 'solid'])
  const key = page.getByRole('list', { name: 'The line on the map' })
  await expect(key.getByRole('listitem')).toHaveText(['seen by the kernel', 'inferred'])
  await page.getByRole('button', { name: 'Last hop (End)' }).click()
  await expect(ways.locator('li[aria-current="step"]')).toHaveAttribute('data-kind', 'deliver')

  // The address leads back to what is kept, and to the packet and hop that are looked at.
  await page.getByRole('button', { name: 'Keep…' }).click()
  await page.getByRole('menuitem', { name: 'Keep in this browser' }).click()
  await expect(page.getByText(/^Kept in this browser\. Here the address/)).toBeVisible()
  const address = page.url()
  await page.goto('about:blank')
  await page.goto(address)
  await expect(rows(page).first()).toHaveAttribute('aria-selected', 'true')
  await expect(rows(page)).toHaveCount(2)
  await expect(ways.locator('li[aria-current="step"]')).toHaveAttribute('data-kind', 'deliver')

  const pcap = await saved(page, 'pcap, for Wireshark')
  expect(readFileSync(await pcap.path()).readUInt32LE()).toBe(0xa1b2c3d4)

  // Without a host, and without losing what is there to a file that is none.
  await page.getByRole('button', { name: 'Keep…' }).click()
  const forget = page.getByRole('menuitem', { name: 'Forget all of these' })
  await forget.click()
  // The browser forgets a moment later.
  await page.getByRole('button', { name: 'Keep…' }).click()
  await expect(page.getByRole('menuitem', { name: 'Keep in this browser' })).toBeVisible()
  await expect(forget).toHaveCount(0)
  await page.reload()
  await expect(page.getByRole('alert').getByText('These packets are not kept in this browser')).toBeVisible()
  await expect(rows(page)).toHaveCount(0)
  const input = page.locator('input[type=file]')
  await input.setInputFiles(path)
  await expect(rows(page)).toHaveCount(2)
  await expect(page.getByText(/^Kept packets of demo-1/)).toBeVisible()
  await rows(page).first().click()
  await explainsRules()
  const broken = test.info().outputPath('broken.json')
  writeFileSync(broken, readFileSync(path, 'utf8').slice(0, 1000))
  await input.setInputFiles(broken)
  await expect(page.getByText(/^broken\.json is cut off or is no JSON\./)).toBeVisible()
  await expect(rows(page)).toHaveCount(2)
})

test('what comes runs on the map, what does not arrive can be looked at alone; a page that goes leaves nothing behind', async ({
  reader,
  host,
  signedIn: page,
}) => {
  const web = await addressOf(host, 'web')
  const before = await host.run(['nft', '-s', 'list', 'tables'])
  const form = await watch(reader, 'client')
  await form.getByLabel('Filter').fill('tcp port 81 or icmp')
  await form.getByRole('button', { name: 'Start' }).click()
  await expect(page.getByText(/No packet yet/)).toBeVisible()
  // Whoever works by keyboard can stop what they started.
  await expect(form.getByRole('button', { name: 'Stop' })).toBeFocused()
  expect(await host.run(['nft', '-s', 'list', 'tables'])).not.toBe(before)
  await reader.view('Map')
  await expect.poll(() => dotsOnMap(page)).toEqual({ running: 0, begun: 0, frames: 0 })
  await host.docker('exec', 'client', 'ping', '-c', '1', '-W', '2', web)
  // Each packet runs along its way, once, and nothing is painted when all have arrived.
  const dots = async () => {
    const { running, begun, frames } = (await dotsOnMap(page)) ?? { running: 0, begun: 0, frames: 0 }
    return { running, hasBegun: begun >= 2, hasMoved: frames > 2 }
  }
  await expect.poll(dots).toEqual({ running: 0, hasBegun: true, hasMoved: true })
  // The form makes room for what comes, and is a button away.
  const fold = form.getByRole('button', { name: 'Filter and limits' })
  await expect(fold).toHaveAttribute('aria-expanded', 'false')
  await expect(fold).toContainText('tcp port 81 or icmp')
  await expect(form.getByLabel('Filter', { exact: true })).toBeHidden()
  await fold.click()
  await expect(form.getByLabel('Filter', { exact: true })).toHaveValue('tcp port 81 or icmp')
  await fold.click()
  await expect(form.getByLabel('Filter', { exact: true })).toBeHidden()
  // On a phone as well the dots are a tap away, above the sheet.
  await page.setViewportSize({ width: 414, height: 896 })
  await lookAway(page)
  const sheet = page.getByRole('complementary', { name: 'Packet' })
  const isInSight = async () => {
    const [top, client] = [(await sheet.boundingBox())?.y ?? 0, await middleOf(page, 'box', 'client')]
    return client.x > 0 && client.x < 414 && client.y > 0 && client.y < top
  }
  await expect.poll(isInSight).toBe(false)
  await page.getByRole('button', { name: 'Show on the map where they run' }).click()
  await expect.poll(isInSight).toBe(true)
  await page.setViewportSize({ width: 1440, height: 900 })
  await page.emulateMedia({ reducedMotion: 'reduce' })
  const dotsBefore = await dotsOnMap(page)
  await host.exec(['docker', 'exec', 'client', 'wget', '-qO-', `http://${web}:81/`])
  await expect(page.locator('[data-verdict="refused"]').first()).toBeVisible()
  expect(await dotsOnMap(page)).toEqual(dotsBefore)

  // Nothing more comes: what the timeline says of the packets is what the list says.
  await expect(
    rows(page)
      .filter({ hasText: /tcp \S+:81 > / })
      .first(),
  ).toBeVisible()
  await form.getByRole('button', { name: 'Stop' }).click()
  await expect(page.getByText(/\(stopped\)\./)).toBeVisible()
  const count = await rows(page).count()
  const ofTcp = rows(page).filter({ hasText: 'tcp' })
  const tcp = await ofTcp.count()
  const bars = page.getByRole('list', { name: 'The bars of the timeline' })
  const sameAsList = async () => {
    const listed = async (words: string, ...verdicts: string[]) => {
      const all = await page.locator(verdicts.map((one) => `[role=option][data-verdict="${one}"]`).join()).count()
      return all > 0 ? [`${all} ${words}`] : []
    }
    await expect(bars.getByRole('listitem').filter({ hasNotText: 'missing' })).toHaveText([
      ...(await listed('delivered or left', 'delivered', 'left')),
      ...(await listed('dropped or refused', 'dropped', 'refused')),
      ...(await listed('not clear', 'undetermined')),
    ])
  }
  await sameAsList()
  const timeline = page.getByRole('slider', { name: 'Timeline' })
  const restricted = page.getByText(/^\d\d:\d\d:\d\d\.\d+ – \d\d:\d\d:\d\d\.\d+: \d+ of \d+ packets$/)
  const isRestrictedTo = async (some: number) => {
    await expect(restricted).toHaveText(new RegExp(`: ${some} of ${count} packets$`))
    await expect(rows(page)).toHaveCount(some)
  }
  await timeline.focus()
  await page.keyboard.press('ArrowRight')
  await expect(restricted).toBeVisible()
  await expect(timeline).toHaveAttribute('aria-valuetext', await restricted.innerText())
  // The ping was before the connection was tried.
  await expect(ofTcp).toHaveCount(0)
  await isRestrictedTo(await rows(page).count())
  await page.keyboard.press('Enter')
  await expect(rows(page).first()).toHaveAttribute('aria-selected', 'true')
  await page.keyboard.press('Shift+End')
  await isRestrictedTo(count)
  await page.keyboard.press('End')
  await expect(rows(page).first()).toContainText('tcp')
  await page.keyboard.press('Escape')
  await expect(restricted).toHaveCount(0)
  await expect(rows(page)).toHaveCount(count)
  // By pointer: pulled over the later half, where the connection is, and a bar that is gone to.
  const box = await timeline.boundingBox()
  if (!box) throw new Error('the timeline is not drawn')
  await page.mouse.move(box.x + box.width / 2, box.y + 20)
  await page.mouse.down()
  await page.mouse.move(box.x + box.width - 1, box.y + 20, { steps: 4 })
  await page.mouse.up()
  await isRestrictedTo(tcp)
  await expect(ofTcp).toHaveCount(tcp)
  await timeline.click({ position: { x: 2, y: 30 } })
  await expect(rows(page)).toHaveCount(count)
  await expect(rows(page).first()).toHaveAttribute('aria-selected', 'true')
  await page.getByLabel('Only dropped and refused').click()
  await expect(page.locator('[role=option][data-verdict="delivered"]')).toHaveCount(0)
  for (const row of await rows(page).all()) await expect(row).toHaveAttribute('data-verdict', /refused|dropped/)
  await sameAsList()

  await form.getByRole('button', { name: 'Start again' }).click()
  await expect(page.getByText(/No packet yet/)).toBeVisible()
  expect(await host.run(['nft', '-s', 'list', 'tables'])).not.toBe(before)
  await page.goto('about:blank')
  await expect.poll(() => host.run(['nft', '-s', 'list', 'tables'])).toBe(before)
})

test('whoever may only look is told why nothing can be started', async ({ browser, product, session, reader }) => {
  const vera = { name: 'vera', role: 'viewer', password: 'correct horse battery' }
  await product.call('users.create', vera, session)
  const { cookie } = await product.call('auth.login', { name: vera.name, password: vera.password })
  const context = await browser.newContext()
  await addSession(context, product, cookie)
  const page = await context.newPage()
  await page.goto(reader.page.url())
  await page.getByRole('button', { name: 'Follow a packet' }).click()
  await page.getByRole('button', { name: 'Watch', exact: true }).click()
  await expect(page.getByText(/It needs the role operator; ask an administrator/)).toBeVisible()
  await expect(page.getByRole('button', { name: 'Start' })).toHaveAttribute('aria-disabled', 'true')
  const { hostId } = JSON.parse(new URL(page.url()).searchParams.get('packets') ?? '')
  const asked = { hostId, page: 'x', filter: '', limit: {} }
  expect((await product.call('tracing.start', asked, cookie)).status).toBe(403)
  await context.close()
})

test('a prediction is proven by a packet, and a difference that no record shows is found', async ({
  host,
  reader,
  signedIn: page,
}) => {
  for (const name of ['asker', 'answerer']) await host.docker('run', '-d', '--name', name, 'busybox', 'sleep', '1000')
  try {
    const to = await addressOf(host, 'answerer')
    await reader.search('answerer', /^answerer/)
    const hostId = new URL(page.url()).searchParams.get('sel')?.split('|')[0]
    const asked = { hostId, from: 'asker', to, protocol: 'icmp', port: '' }
    await page.goto(`${new URL(page.url()).origin}/?packets=${encodeURIComponent(JSON.stringify(asked))}`)
    const proof = page.getByRole('region', { name: 'Proof' })
    await expect(proof.getByText(`from container asker to ${to}`)).toBeVisible()
    await proof.getByRole('button', { name: 'Prove it' }).click()
    await expect(proof.getByText('What was seen is what was predicted, hop by hop.')).toBeVisible({ timeout: 20_000 })
    await expect(proof.locator('[data-row="both"]').first()).toBeVisible()
    const drawn = await followedOnMap(page)
    expect(drawn).toMatchObject({ strokes: ['dashed'], differs: false })
    expect(drawn?.beside).toEqual(drawn?.nodes)

    // Who has it, asked by ARP, which has no port.
    const protocol = page.getByLabel('Protocol')
    await protocol.selectOption('tcp')
    const port = page.getByRole('textbox', { name: 'Port', exact: true })
    await expect(port).toBeVisible()
    await protocol.selectOption('arp')
    await expect(port).toHaveCount(0)
    await proof.getByRole('button', { name: 'Prove it' }).click()
    await expect(proof.getByText(/^[0-9a-f:]{17} answered: eth0 of container answerer\.$/)).toBeVisible({
      timeout: 20_000,
    })
    await expect(proof.getByText('What was seen is what was predicted, hop by hop.')).toBeVisible()
    expect(await followedOnMap(page)).toMatchObject({ differs: false })

    // Nobody answers who has this address, which no record says.
    const pid = async (name: string) => host.docker('inspect', '-f', '{{.State.Pid}}', name)
    const inside = async (name: string, ...argv: string[]) =>
      host.run(['nsenter', '-t', await pid(name), '-n', ...argv])
    await inside('answerer', 'busybox', 'sysctl', '-w', 'net.ipv4.conf.all.arp_ignore=8')
    await inside('asker', 'ip', 'neigh', 'flush', 'all')
    await proof.getByRole('button', { name: 'Prove it again' }).click()
    await expect(proof.getByText('Nobody answered within 1200 ms.')).toBeVisible({ timeout: 20_000 })
    await protocol.selectOption('icmp')
    await proof.getByRole('button', { name: 'Prove it' }).click()
    await expect(proof.getByText('What was seen differs from what was predicted.')).toBeVisible({ timeout: 20_000 })
    const difference = proof.locator('[data-difference]').first()
    await expect(difference).toContainText('They differ first here')
    await expect(difference).toContainText('predicted')
    const key = page.getByRole('list', { name: 'The line on the map' })
    await expect(key.getByRole('listitem')).toHaveText(['seen by the kernel', 'predicted', /first difference$/])
    expect((await followedOnMap(page))?.differs).toBe(true)
  } finally {
    await host.docker('rm', '-f', 'asker', 'answerer')
  }
})
