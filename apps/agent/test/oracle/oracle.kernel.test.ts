import type { HostSnapshot } from '@hopscope/model'
import { createSandbox, type Sandbox } from '@hopscope/sandbox'
import { Random } from '@hopscope/testkit/random'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Scene } from './changes/scene.ts'
import { pickChange } from './changes.ts'
import { observe } from './observed.ts'
import { settle } from './settle.ts'

// HOPSCOPE_SEED repeats a run, HOPSCOPE_CHANGES sets its length.
// A fresh seed finds more; what a change lands on must be the same for every change.
const fallback = process.env.CI ? 44 : Math.floor(Math.random() * 2 ** 31)
const seed = Number(process.env.HOPSCOPE_SEED ?? fallback)
const wanted = Number(process.env.HOPSCOPE_CHANGES ?? 500)
const perRound = 16
/** After so many rounds everything is read again, to see what nobody noticed. */
const auditEvery = 8

describe.skipIf(process.getuid?.() !== 0)('the kernel is the oracle', () => {
  let sandbox: Sandbox
  beforeAll(async () => {
    sandbox = await createSandbox({ name: 't-oracle' })
  })
  afterAll(async () => {
    await sandbox?.down()
  })

  it(`${wanted} random changes leave no difference (seed ${seed})`, { timeout: 900_000 }, async () => {
    const host = sandbox.hosts[0]
    if (!host) throw new Error('the sandbox has no host')
    const observer = await observe(host)
    const scene = new Scene(host, new Random(seed))
    const before = await settle(host, observer)
    const restarts = new Set([Math.floor(wanted / 3), Math.floor((2 * wanted) / 3)])
    const took: number[] = []
    const missed: string[] = []
    let made = 0
    while (made < wanted) {
      const log: string[] = []
      for (let i = 0; i < perRound; i++) {
        const change = pickChange(scene.random)
        if (!(await change.run(scene))) continue
        made += 1
        log.push(change.name)
        if (restarts.delete(made)) {
          await host.restartDocker()
          log.push('restart dockerd')
        }
      }
      const { diff, seen, tookMs } = await settle(host, observer)
      const about = `${log.join('; ')}; sources: ${notOk(seen.snapshot)}`
      expect(diff, `after ${made} changes (seed ${seed}), the last ones: ${about}`).toEqual([])
      took.push(tookMs)
      if (took.length % auditEvery === 0) missed.push(...(await observer.audit()).found)
    }
    await cleanUp(scene)
    const after = await settle(host, observer)
    expect(after.diff).toEqual([])
    missed.push(...(await observer.audit()).found)
    await observer.close()
    took.sort((a, b) => a - b)
    console.log(
      `oracle: seed ${seed}, ${made} changes, ${took.length} comparisons, 0 differences; right after ${Math.round(took[took.length >> 1] ?? 0)} ms (median), ${Math.round(took.at(-1) ?? 0)} ms (longest), the reading of the truth included; ${missed.length} found only by reading everything, ${after.seen.stats.repairs} repaired by the sweep; descriptors ${before.seen.descriptors} → ${after.seen.descriptors}; namespaces ${before.namespaces} → ${after.namespaces}; ${JSON.stringify(after.seen.stats)}`,
    )
    expect(missed, 'changes that neither an event nor a poll told of').toEqual([])
    expect(after.seen.stats.repairs, 'changes that only the sweep found').toBe(0)
    expect(after.seen.pinned, 'namespaces that the observer keeps alive').toEqual([])
    expect(after.seen.descriptors).toBeLessThanOrEqual(before.seen.descriptors + 2)
    expect(after.namespaces).toBe(before.namespaces)
  })
})

const notOk = ({ records }: HostSnapshot): string =>
  Object.values(records.source)
    .filter(({ state }) => state !== 'ok')
    .map(({ name, detail }) => `${name}: ${detail}`)
    .join('; ')

async function cleanUp(scene: Scene): Promise<void> {
  for (const listener of scene.listeners) listener.kill('SIGKILL')
  if (scene.containers.length) await scene.docker('rm', '-f', ...scene.containers)
  for (const network of scene.networks) await scene.docker('network', 'rm', network)
  for (const namespace of scene.namespaces) await scene.in('', 'ip', 'netns', 'del', namespace)
  for (const link of scene.links) if (link.namespace === '') await scene.in('', 'ip', 'link', 'del', link.name)
}
