import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { expect, type Page } from '@playwright/test'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** Fails when what the page shows breaks a rule of axe. */
export async function expectClean(page: Page, screen: string): Promise<void> {
  // Over the debugger's channel: the page's own policy admits no foreign script.
  await page.evaluate(axe)
  const violations = await page.evaluate(async () => {
    // What is still fading in has less contrast than what it becomes. What fades for ever is left out of that.
    const moving = document
      .getAnimations()
      .filter((a) => a.effect?.getComputedTiming().endTime !== Number.POSITIVE_INFINITY)
    await Promise.allSettled(moving.map((a) => a.finished))
    // The script above put it there; the page itself knows nothing of it.
    const found = await (window as unknown as { axe: { run: (d: Document) => Promise<Found> } }).axe.run(document)
    return found.violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target.join(' ')} — ${n.failureSummary}`))
  })
  expect(violations, screen).toEqual([])
}
type Found = { violations: { id: string; nodes: { target: string[]; failureSummary: string }[] }[] }
