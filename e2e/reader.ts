import { expect, type Locator, type Page } from '@playwright/test'

/** A line of a table: what stands in each cell, by the header of its column. */
export type Line = Record<string, string>
type View = 'Map' | 'Tables' | 'Tree'

/** What a person does on the page to find something out, and what they read there. */
export class Reader {
  constructor(readonly page: Page) {}

  async view(name: View): Promise<void> {
    await this.page.getByRole('navigation', { name: 'View' }).getByRole('button', { name }).click()
  }
  /** Waits until the page knows a host and what is on it. */
  async seesHost(name: string): Promise<void> {
    await this.page.keyboard.press('Control+k')
    await this.page.getByRole('combobox').fill(name)
    const stack = this.page.getByRole('option', { name: new RegExp(`Network namespace.*${escaped(name)}`) })
    await expect(stack.first()).toBeVisible({ timeout: 30_000 })
    await this.page.keyboard.press('Escape')
  }
  /** Ctrl-K, a text, and the first object found of this kind; the inspector then shows it. */
  async search(text: string, option: RegExp): Promise<void> {
    await this.page.keyboard.press('Control+k')
    await this.page.getByRole('combobox').fill(text)
    await this.page.getByRole('option', { name: option }).first().click()
    await expect(this.details).toBeVisible()
  }
  get details(): Locator {
    return this.page.getByRole('complementary', { name: 'Details' })
  }
  get title(): Locator {
    return this.details.getByRole('heading', { level: 2 })
  }
  /** A section of the inspector, opened when it is folded. */
  async section(name: string): Promise<Locator> {
    const section = this.details.getByRole('region', { name: new RegExp(`^${escaped(name)}( \\d+|\\d+)?$`) })
    const head = section.getByRole('heading', { level: 3 }).getByRole('button')
    if ((await head.getAttribute('aria-expanded')) === 'false') await head.click()
    return section
  }
  /** What stands beside a label in a section of the inspector. */
  async fact(section: string, label: string): Promise<Locator> {
    const lines = (await this.section(section)).locator('dl > div')
    const term = this.page.getByRole('term').filter({ hasText: new RegExp(`^${escaped(label)}$`) })
    return lines.filter({ has: term }).getByRole('definition')
  }
  /** Opens a table and filters it. */
  async table(name: string, filter = ''): Promise<void> {
    await this.view('Tables')
    const list = this.page.getByRole('navigation', { name: 'Tables' })
    await list.getByRole('button', { name: new RegExp(`^${escaped(name)} ?[\\d,]+$`) }).click()
    await expect(this.page.getByRole('heading', { level: 1, name })).toBeVisible()
    await this.page.getByRole('textbox', { name: 'Filter' }).fill(filter)
  }
  /** Shows a column that is hidden at first. */
  async column(name: string): Promise<void> {
    if ((await this.page.getByRole('columnheader', { name, exact: true }).count()) > 0) return
    await this.page.getByRole('button', { name: 'Columns' }).click()
    await this.page.getByRole('menuitemcheckbox', { name, exact: true }).click()
    await this.page.keyboard.press('Escape')
  }
  /** All lines of the open table as they stand there, scrolled through from top to end. */
  async lines(): Promise<Line[]> {
    // All that are there, none or one: it may go at any moment, and must not be waited for then.
    return this.page.getByRole('grid').evaluateAll(readGrid)
  }
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')

/** Runs in the page. Only the lines in sight are drawn, so it scrolls on until it has seen them all. */
async function readGrid([grid]: Element[]): Promise<Line[]> {
  if (!grid) return []
  const textOf = (cell: Element): string =>
    [...cell.querySelectorAll('*')]
      .filter((e) => e.childElementCount === 0 && !e.closest('.sr-only,[aria-hidden],svg'))
      .map((e) => (e.textContent ?? '').trim())
      .filter((t) => t !== '')
      .join(', ')
  const heads = [...grid.querySelectorAll('[role=columnheader]')].map(textOf)
  const seen = new Map<number, Line>()
  const count = () => Number(grid.getAttribute('aria-rowcount')) - 1
  let wanted = count()
  const deadline = performance.now() + 3000
  grid.scrollTop = 0
  while (performance.now() < deadline) {
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))
    // Other rows than those that were read until now: from the top again.
    if (grid.getAttribute('aria-busy') === 'true' || count() !== wanted) {
      seen.clear()
      wanted = count()
      grid.scrollTop = 0
      continue
    }
    for (const row of grid.querySelectorAll('[role=row][id]')) {
      const cells = [...row.querySelectorAll('[role=gridcell]')].map(textOf)
      seen.set(Number(row.getAttribute('aria-rowindex')), Object.fromEntries(heads.map((h, i) => [h, cells[i] ?? ''])))
    }
    if (seen.size >= wanted || !grid.isConnected) break
    grid.scrollTop += grid.clientHeight / 2
  }
  return [...seen].sort(([a], [b]) => a - b).map(([, line]) => line)
}
