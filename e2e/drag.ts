import { expect, type Locator, type Page } from '@playwright/test'
import { mapNodes } from './test.ts'

type Box = { x: number; y: number; w: number; h: number }
type Probed = Window & { __hopscopeMap?: { nodes: () => { label: string; kind: string; box: Box }[] } }

/** What the map says of a drag that is under way. */
export const tip = (page: Page): Locator => page.getByTestId('map').locator('[data-verdict]')

/** The middle of something on the map, on the screen. */
export async function middleOf(page: Page, kind: string, label: string): Promise<{ x: number; y: number }> {
  const map = await page.getByTestId('map').boundingBox()
  const box = await page.evaluate(
    ([k, l]) => (window as Probed).__hopscopeMap?.nodes().find((n) => n.kind === k && n.label === l)?.box,
    [kind, label] as const,
  )
  if (!map || !box) throw new Error(`there is no ${kind} ${label} on the map`)
  return { x: map.x + box.x + box.w / 2, y: map.y + box.y + box.h / 2 }
}

/** Takes hold of something's handle; the whole map is shown first. */
export async function takeHold(page: Page, kind: string, label: string): Promise<void> {
  await page.getByRole('button', { name: 'Show everything' }).click()
  const handle = page.getByTestId('plug')
  // The map may still be moving to where all of it can be seen.
  await expect(async () => {
    await page.mouse.up()
    await mapNodes(page)
    const { x, y } = await middleOf(page, kind, label)
    // The head of a box: what is in it can be taken hold of by itself.
    const up = kind === 'box' ? 10 : 0
    await page.mouse.move(x - 60, y - 60)
    await page.mouse.move(x, y - up, { steps: 3 })
    await expect(handle).toBeVisible({ timeout: 500 })
    const box = await handle.boundingBox()
    if (!box) throw new Error('the handle is gone again')
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
    await page.mouse.down()
    await expect(tip(page)).toBeVisible({ timeout: 500 })
  }).toPass()
}

export async function dragOver(page: Page, kind: string, label: string): Promise<void> {
  const { x, y } = await middleOf(page, kind, label)
  await page.mouse.move(x, y, { steps: 5 })
}
