import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { hostSnapshotSchema } from '@hopscope/model'
import { replayAgent } from '@hopscope/testkit/replayAgent'
import type { Browser, Page } from '@playwright/test'
import { Product } from './product.ts'
import { addSession, expect, mapNodes, test } from './test.ts'

const folder = join(import.meta.dirname, '../docs/screenshots')
const recorded = join(import.meta.dirname, '../packages/testkit/recorded/containers-300.json.gz')
const SIZES = [
  { width: 1440, height: 900 },
  { width: 414, height: 896 },
]
const LOOKS = (['light', 'dark'] as const).flatMap((theme) =>
  (['en', 'zh-CN'] as const).flatMap((language) => SIZES.map((size) => ({ theme, language, size }))),
)
type Look = (typeof LOOKS)[number]

test('the demo', async ({ browser, product, session, demo }) => {
  await change(product, session, demo.hosts[0]?.name ?? '')
  for (const look of LOOKS) {
    const page = await open(browser, look)
    await page.goto(product.url)
    await page.locator('form').waitFor()
    await shoot(page, 'login', look)
    await addSession(page.context(), product, session)
    await page.goto(product.url)
    await settled(page)
    for (const host of demo.hosts) await expect.poll(() => hasNode(page, host.name)).toBe(true)
    // What this machine cannot show is said at the top; put away, as somebody who read it would.
    const putAway = page.getByRole('button', { name: /Put away|收起/ })
    if (await putAway.isVisible()) await putAway.click()
    await shoot(page, 'map', look)
    const web = await inspectAddress(page, 'web')
    await page.goto(`${product.url}/?view=tree`)
    await page.getByRole('tree').waitFor()
    await shoot(page, 'tree', look)
    await page.goto(`${product.url}/?view=history`)
    await page
      .getByRole('button', { expanded: false, name: /br-shot/ })
      .first()
      .click()
    await shoot(page, 'history', look)
    for (const table of ['interfaces', 'firewallRules']) {
      await page.goto(`${product.url}/?view=tables&table=${table}`)
      await page.getByRole('row').nth(1).waitFor()
      await shoot(page, `table-${table}`, look)
    }
    await page.goto(`${product.url}/?sel=${web}`)
    await settled(page)
    await shoot(page, 'inspector', look)
    await openGuide(page, demo.hosts[0]?.name ?? '')
    await shoot(page, 'guide', look)
    await page.goto(product.url)
    await settled(page)
    await followPacket(page, demo.hosts[0]?.address ?? '')
    await shoot(page, 'packet', look)
    await page.context().close()
  }
})

test('300 containers of a recorded host', async ({ browser }) => {
  const product = await Product.start({ agent: false })
  const session = await product.setUp()
  const snapshot = hostSnapshotSchema.parse(JSON.parse(gunzipSync(readFileSync(recorded)).toString('utf8')))
  const agent = await replayAgent({ url: product.url, key: product.agentKey(), snapshots: [snapshot] })
  for (const look of LOOKS) {
    const page = await open(browser, look)
    await addSession(page.context(), product, session)
    await page.goto(product.url)
    await settled(page)
    await shoot(page, 'map-300', look)
    await page.context().close()
  }
  await agent.close()
  await product.stop()
})

/** Something to see in the history. */
async function change(product: Product, session: string, host: string): Promise<void> {
  let hostId: string | undefined
  const find = async () => {
    const answer = await fetch(`${product.url}/api/trpc/hosts.list`, { headers: { cookie: session } })
    const listed: { host: { id: string; name: string } }[] = (await answer.json()).result.data
    hostId = listed.find((one) => one.host.name === host)?.host.id
    return hostId
  }
  await expect.poll(find).toBeDefined()
  const run = async (command: object, shown: string[] = []): Promise<string> => {
    const { body } = await product.call('changes.run', { hostId, command, shown }, session)
    // As the answer's schema in the protocol has it.
    const { data } = (body as { result: { data: { kind: string; shell: string[]; change: { id: string } } } }).result
    return data.kind === 'moved' ? run(command, data.shell) : data.change.id
  }
  await run({ do: 'bridge.create', netns: 'root', name: 'br-shot' })
  await run({ do: 'address.add', netns: 'root', link: 'br-shot', address: '10.99.0.1/24' })
  const id = await run({ do: 'link.up', netns: 'root', link: 'br-shot' })
  await product.call('changes.undo', { hostId, id }, session)
  await run({ do: 'address.add', netns: 'root', link: 'br-shot', address: 'ff02::77/64' })
}

/** The guide of a container's network, on a host that has one without. */
async function openGuide(page: Page, host: string): Promise<void> {
  await page.getByRole('button', { name: /Create a network object|新建网络对象/ }).click()
  await page.getByRole('menuitem', { name: /network by hand|手工/ }).click()
  const guide = page.getByRole('complementary', { name: /Guide|引导/ })
  await guide.getByLabel(/^(Host|主机)$/).selectOption(host)
  await expect(guide.locator('[aria-current=step]')).toBeVisible()
}

/** A packet from outside to a published port, at the rules that let it pass. */
async function followPacket(page: Page, address: string): Promise<void> {
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox').fill(`outside → ${address}:8080`)
  await expect(page.getByRole('option').first()).toContainText(/Delivered|送达/)
  await page.keyboard.press('Enter')
  const pane = page.getByRole('complementary', { name: /Packet|数据包/ })
  const forwarded = pane.locator('li[data-kind="chain"]').filter({ hasText: /FORWARD.*(The rule|规则 [A-Z])/ })
  await forwarded.first().getByRole('button').first().click()
  await expect(pane.locator('li[data-state="matched"]')).not.toHaveCount(0)
  await settled(page)
}

async function open(browser: Browser, { theme, language, size }: Look): Promise<Page> {
  const context = await browser.newContext({
    colorScheme: theme,
    locale: language,
    viewport: size,
    reducedMotion: 'reduce',
  })
  return context.newPage()
}

async function settled(page: Page): Promise<void> {
  await page.getByTestId('map').waitFor()
  await expect.poll(async () => (await mapNodes(page)).length).toBeGreaterThan(3)
  await page.evaluate(() => document.fonts.ready.then(() => undefined))
}

const shoot = (page: Page, screen: string, { theme, language, size }: Look) =>
  page.screenshot({ path: join(folder, `${screen}-${theme}-${language}-${size.width}.png`) })

const hasNode = async (page: Page, label: string) => (await mapNodes(page)).some((n) => n.label === label)

/** The address part that opens the box with this label. */
async function inspectAddress(page: Page, label: string): Promise<string> {
  const node = (await mapNodes(page)).find((n) => n.kind === 'box' && n.label.includes(label))
  if (!node) throw new Error(`no box ${label} on the map`)
  const [hostId, ...id] = node.id.split('/')
  return encodeURIComponent(`${hostId}|container|${id.join('/')}`)
}
