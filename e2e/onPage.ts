import { expect, type Locator, type Page } from '@playwright/test'

/** Presses a key until the focus is on what has this name; fails when it never comes there. */
export async function tabTo(page: Page, name: RegExp, key = 'Tab'): Promise<void> {
  for (let i = 0; i < 100; i += 1) {
    const at = await page.evaluate(() => {
      const e = document.activeElement
      const labels = e && 'labels' in e ? [...((e.labels ?? []) as NodeListOf<HTMLElement>)] : [] // form controls only
      return labels[0]?.textContent ?? e?.getAttribute('aria-label') ?? e?.textContent ?? ''
    })
    if (name.test(at.trim())) return
    await page.keyboard.press(key)
  }
  throw new Error(`${key} never came to ${name}`)
}

/**
 * Chooses from the innermost open menu by typing the beginning of an item. The menu takes the focus a moment after it is seen, and
 * the item a moment after the last key.
 */
export async function chooseByTyping(page: Page, text: string, key = 'Enter'): Promise<void> {
  const menu = page.getByRole('menu').last()
  const focused = menu.locator(':scope:focus, :focus')
  await expect(focused).toBeAttached()
  await page.keyboard.type(text)
  await expect(focused).toHaveText(startsWith(text))
  // Each key gives the focus by a timer of its own; the last one must not take it from what is opened now.
  await page.evaluate(() => new Promise((done) => setTimeout(done)))
  await page.keyboard.press(key)
}

const startsWith = (text: string): RegExp => new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')}`, 'i')

/** The form says that all was done. */
export const done = (dialog: Locator) =>
  dialog.getByRole('region', { name: 'Result' }).getByText('Done', { exact: true }).first()

/** Chooses from the Actions menu of the object that the inspector shows. */
export async function act(page: Page, object: string, what: string): Promise<void> {
  await page.getByRole('button', { name: `Actions for ${object}` }).click()
  await page.getByRole('menuitem', { name: what, exact: true }).click()
}
