import { readdirSync, readlinkSync } from 'node:fs'
import { createSandbox, type Sandbox } from '@hopscope/sandbox'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pickChange, Scene } from './changes.ts'
import { differences } from './comparable.ts'
import { type Observed, observe } from './observed.ts'
import { Random } from './random.ts'
import { seenIn } from './seen.ts'
import { namespacesIn, readTruth } from './truth.ts'

// HOPSCOPE_SEED repeats a run, HOPSCOPE_CHANGES sets its length.
const seed = Number(process.env.HOPSCOPE_SEED ?? Math.floor(Math.random() * 2 ** 31))
const wanted = Number(process.env.HOPSCOPE_CHANGES ?? 500)
const perRound = 8

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
    const before = await settle(host, observer.look)
    let made = 0
    let rounds = 0
    const restarts = new Set([Math.floor(wanted / 3), Math.floor((2 * wanted) / 3)])
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
      rounds += 1
      const { diff } = await settle(host, observer.look)
      expect(diff, `after ${made} changes (seed ${seed}), the last ones: ${log.join('; ')}`).toEqual([])
    }
    await cleanUp(scene)
    const after = await settle(host, observer.look)
    expect(after.diff).toEqual([])
    const pinned = await namespacesHeldBy(observer.look)
    await observer.close()
    console.log(
      `oracle: seed ${seed}, ${made} changes, ${rounds} comparisons, 0 differences; descriptors ${before.seen.descriptors} → ${after.seen.descriptors}; namespaces ${before.namespaces} → ${after.namespaces}; ${JSON.stringify(after.seen.stats)}`,
    )
    expect(pinned).toEqual([])
    expect(after.seen.descriptors).toBeLessThanOrEqual(before.seen.descriptors + 2)
    expect(after.namespaces).toBe(before.namespaces)
  })
})

/** Compares until both sides agree; the kernel itself needs a moment after some changes (address checks, timers). */
async function settle(host: Sandbox['hosts'][number], look: () => Promise<Observed>) {
  const deadline = performance.now() + 8_000
  for (;;) {
    const truth = await readTruth(host)
    const seen = await look()
    const diff = differences(truth, seenIn(seen.snapshot))
    if (diff.length === 0 || performance.now() > deadline) {
      return { diff, seen, namespaces: namespacesIn(host).size }
    }
  }
}

async function cleanUp(scene: Scene): Promise<void> {
  if (scene.containers.length) await scene.docker('rm', '-f', ...scene.containers)
  for (const network of scene.networks) await scene.docker('network', 'rm', network)
  for (const namespace of scene.namespaces) await scene.in('', 'ip', 'netns', 'del', namespace)
  for (const link of scene.links) if (link.namespace === '') await scene.in('', 'ip', 'link', 'del', link.name)
}

/** Namespace descriptors that any of our own processes still holds open. */
async function namespacesHeldBy(look: () => Promise<Observed>): Promise<string[]> {
  await look()
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const target = readlinkSync(`/proc/self/fd/${fd}`)
      return target.startsWith('net:[') ? [target] : []
    } catch (error) {
      // The descriptor of the listing itself is gone by now.
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
      throw error
    }
  })
}
