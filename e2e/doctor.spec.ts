import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import { Product } from './product.ts'

const root = join(import.meta.dirname, '..')

/** `npx hopscope doctor` on the machine that the product runs on. */
function doctor(product: Product, ...options: string[]): string {
  const argv = [join(root, 'apps/agent/bin/hopscope.mjs'), 'doctor', ...options]
  const env = { ...process.env, ...product.sandboxes, HOPSCOPE_DATA: join(product.folder, 'data') }
  const { status, stdout, stderr } = spawnSync(process.execPath, argv, { cwd: root, env, encoding: 'utf8' })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  return stdout
}

type Figure = { name: string; value: number; meaning: string; ok: boolean }

test('doctor explains the figures of hub and agent, and says when the hub is gone', async () => {
  test.setTimeout(60_000)
  const product = await Product.start()
  const token = readFileSync(join(product.folder, 'data/metrics.token'), 'utf8').trim()
  const metrics = async () => {
    const answer = await fetch(`${product.url}/metrics`, { headers: { authorization: `Bearer ${token}` } })
    return answer.text()
  }
  await expect.poll(metrics, { timeout: 20_000 }).toMatch(/^hopscope_agent_records\{host="\w+"\} \d+$/m)
  expect((await fetch(`${product.url}/metrics`)).status).toBe(401)

  const { running } = JSON.parse(doctor(product, '--json'))
  expect(running).toMatchObject({ state: 'running', detail: product.url })
  const figures: Figure[] = running.figures
  const told = [...(await metrics()).matchAll(/^# HELP (\w+) /gm)].map((match) => match[1])
  expect(figures.map(({ name }) => name)).toEqual(told)
  for (const { name, meaning } of figures) expect(meaning, name).toMatch(/^[A-Z].*\.$/)
  const value = (name: string) => figures.find((figure) => figure.name === name)?.value
  expect(value('hopscope_hub_agents')).toBe(1)
  expect(value('hopscope_hub_revision_lag')).toBeLessThan(50)
  expect(value('hopscope_agent_resident_memory_bytes')).toBeGreaterThan(1e7)
  expect(doctor(product)).toMatch(/^ *hopscope_hub_agents +1 +Agents that are connected\./m)

  await product.kill('hub')
  expect(JSON.parse(doctor(product, '--json')).running).toMatchObject({
    state: 'unreadable',
    remedy: 'The hub was killed: start it again.',
  })
  await product.stop()
})
