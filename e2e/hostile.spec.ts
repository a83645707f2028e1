import { containerId, type HostSnapshot, type Records, visible } from '@hopscope/model'
import { generateHost } from '@hopscope/testkit'
import { replayAgent } from '@hopscope/testkit/replayAgent'
import type { Page } from '@playwright/test'
import { HOSTILE } from './hostileNames.ts'
import { Product } from './product.ts'
import { Reader } from './reader.ts'
import { addSession, test as base, expect, mapNodes } from './test.ts'

// A hub of its own: no engine takes these names, so that a replayed agent reports them.
const test = base.extend<{ product: Product; reader: Reader }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads what a fixture needs from this pattern.
  product: async ({}, use) => {
    const product = await Product.start({ agent: false })
    await use(product)
    await product.stop()
  },
  reader: async ({ product, context, errors }, use) => {
    const agent = await replayAgent({ url: product.url, key: product.agentKey(), snapshots: [hostileHost()] })
    await addSession(context, product, await product.setUp())
    const page = await context.newPage()
    page.on('dialog', (dialog) => errors.push(`a dialog: ${dialog.message()}`))
    await page.goto(product.url)
    await expect(page.getByTestId('map')).toBeVisible({ timeout: 30_000 })
    await use(new Reader(page))
    agent.close()
    expect(errors, 'the page wrote errors to the console').toEqual([])
  },
})

test('200 hostile names do nothing on the map, in the tree, in tables, in details and in the search', async ({
  reader,
}) => {
  test.setTimeout(180_000)
  const { page } = reader
  await expect.poll(async () => (await mapNodes(page)).length).toBeGreaterThan(0)
  for (const { label } of await mapNodes(page)) expect(visible(label)).toBe(label)
  await isInert(page)

  await reader.view('Tree')
  await expect(page.getByRole('treeitem').first()).toBeVisible()
  await isInert(page)

  const shown = new Set(HOSTILE.map((name) => oneLine(visible(name))))
  await reader.table('Containers')
  await isInert(page)
  await expect(page.getByRole('grid')).toHaveAttribute('aria-rowcount', String(HOSTILE.length + 1))
  const names = (await reader.lines()).map((line) => line.Name ?? '')
  expect(names.length).toBeGreaterThan(20)
  expect(names.filter((name) => !shown.has(oneLine(name)))).toEqual([])
  for (const table of ['Interfaces', 'Docker networks', 'Namespaces', 'Firewall rules']) {
    await reader.table(table)
    await isInert(page)
    await staysInItsCells(page)
  }
  for (const i of [88]) {
    const name = HOSTILE[i] ?? ''
    await page.goto(
      `${new URL(page.url()).origin}/?sel=${encodeURIComponent(`host-1|container|${containerId(idOf(i))}`)}`,
    )
    await expect(reader.title).toHaveText(visible(name))
    await reader.section('Labels')
    await isInert(page)
  }
  await page.keyboard.press('Control+k')
  for (const word of ['onerror', '__proto__', 'evil']) {
    await page.getByRole('combobox').fill(word)
    await expect(page.getByRole('option').first()).toBeVisible()
    await isInert(page)
  }
})

const idOf = (i: number): string => i.toString(16).padStart(64, '0')
const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim()

/** Nothing ran, nothing was made of a name but text, and no hidden character is in any text. */
async function isInert(page: Page): Promise<void> {
  const found = await page.evaluate(() => {
    const texts: string[] = []
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    for (let node = walker.nextNode(); node; node = walker.nextNode())
      if (!node.parentElement?.closest('script, style, pre')) texts.push(node.textContent ?? '')
    for (const element of document.querySelectorAll('[title], [aria-label]'))
      texts.push(element.getAttribute('title') ?? '', element.getAttribute('aria-label') ?? '')
    return {
      ran: 'pwned' in window || 'pwned' in Object.prototype,
      made: document.querySelectorAll('img, iframe, object, [onerror], [onload], [onclick], a[href^="javascript:"]')
        .length,
      wide: document.documentElement.scrollWidth - window.innerWidth,
      texts,
    }
  })
  expect({ ran: found.ran, made: found.made, wide: found.wide <= 0 }).toEqual({ ran: false, made: 0, wide: true })
  for (const text of found.texts) expect(visible(text)).toBe(text)
}

/** No cell's content reaches out of it, and all rows are of one height. */
async function staysInItsCells(page: Page): Promise<void> {
  const found = await page.evaluate(() => {
    const out: string[] = []
    for (const cell of document.querySelectorAll('[role=gridcell]')) {
      const outer = cell.getBoundingClientRect()
      const clips = (element: Element) => getComputedStyle(element).overflowX !== 'visible'
      for (const inner of cell.querySelectorAll('span, button')) {
        const { right, bottom } = inner.getBoundingClientRect()
        const clipped = clips(cell) || (inner.parentElement !== null && clips(inner.parentElement))
        if (!clipped && (right > outer.right + 1 || bottom > outer.bottom + 1)) out.push(inner.textContent ?? '')
      }
    }
    const heights = [...document.querySelectorAll('[role=row][id]')].map((row) => row.getBoundingClientRect().height)
    return { out, heights: new Set(heights).size }
  })
  expect(found.out).toEqual([])
  expect(found.heights).toBeLessThanOrEqual(1)
}

/** A host whose containers, labels, networks, links, aliases, processes, comments and own name are hostile. */
function hostileHost(): HostSnapshot {
  const made = generateHost({ containers: HOSTILE.length, bridges: 6 })
  const name = (i: number): string => HOSTILE[i % HOSTILE.length] ?? ''
  const ids = new Map(Object.values(made.records.container).map((c, i) => [c.id, containerId(idOf(i))]))
  const renamed = <R extends { id: string }>(table: Readonly<Record<string, R>>, change: (record: R, i: number) => R) =>
    Object.fromEntries(
      Object.values(table)
        .map((record, i) => [record, change(record, i)] as const)
        .map(([, r]) => [r.id, r]),
    )
  const records: Records = {
    ...made.records,
    container: renamed(made.records.container, (c, i) => ({
      ...c,
      id: ids.get(c.id) ?? c.id,
      containerId: idOf(i),
      name: name(i),
      hostname: name(i + 1),
      image: name(i + 2),
      command: name(i + 3),
      labels: Object.fromEntries([[name(i), name(i + 4)]]),
      attachments: c.attachments.map((a) => ({ ...a, aliases: [name(i + 5)] })),
    })),
    dockerNetwork: renamed(made.records.dockerNetwork, (n, i) => ({
      ...n,
      name: name(i * 7),
      labels: { [name(i)]: name(i) },
    })),
    link: renamed(made.records.link, (l, i) => ({
      ...l,
      name: `${i}${name(i)}`.slice(0, 15),
      alias: name(i),
      altNames: [name(i + 1)],
    })),
    netns: renamed(made.records.netns, (n, i) => ({
      ...n,
      names: n.names.map((x) => ({ ...x, name: name(i) })),
      processes: n.processes.map((p) => ({ ...p, comm: name(i).slice(0, 15) })),
    })),
    fwRule: renamed(made.records.fwRule, (r, i) => ({ ...r, text: `${r.text} ${name(i)}`, comment: name(i) })),
  }
  return { host: { ...made.host, name: name(3) }, records }
}
