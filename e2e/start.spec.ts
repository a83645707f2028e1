import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, test } from '@playwright/test'

const root = join(import.meta.dirname, '..')

test('npm start -- --demo prints one link that logs in, brings two hosts up, and leaves nothing when it ends', async ({
  page,
}) => {
  test.setTimeout(180_000)
  const folder = mkdtempSync(join(tmpdir(), 'hopscope-start-'))
  const run = join(folder, 'run')
  const child = spawn('npm', ['start', '--silent', '--', '--demo', '--port', '0', '--data', join(folder, 'data')], {
    cwd: root,
    env: { ...process.env, HOPSCOPE_RUN_DIR: run, HOPSCOPE_DATA_DIR: join(folder, 'sandboxes') },
    stdio: ['ignore', 'pipe', 'inherit'],
    // A group of its own, to be ended as Ctrl-C ends it.
    detached: true,
  })
  const exit = once(child, 'exit')
  const links: string[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    links.push(...(line.match(/http\S+#token=\S+/g) ?? []))
    if (/is up after/.test(line)) break
  }
  expect(links).toHaveLength(1)
  await page.goto(links[0] ?? '')
  await expect(page.getByRole('button', { name: 'Create account' })).toBeVisible()
  expect(readdirSync(join(run, 'sandboxes'))).toEqual(['demo'])
  if (child.pid === undefined) throw new Error('npm did not start')
  process.kill(-child.pid, 'SIGINT')
  await exit
  expect(readdirSync(join(run, 'sandboxes'))).toEqual([])
  rmSync(folder, { recursive: true, force: true })
})
