import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { openPage } from '../page.ts'
import { setUp, withHub } from '../withHub.ts'
import { layCable } from './cable.ts'

// As much in a quarter of the time; HOPSCOPE_SLOW_HUB=20000 blocks as long as a person would, with ten patches a second.
const blockedFor = Number(process.env.HOPSCOPE_SLOW_HUB ?? 5_000)
const EVERY = blockedFor / 200
/** What may wait for the hub is 16 MB; text and frames of it, and the garbage of making them, are there beside. */
const MOST_GROWTH = 100 << 20

const told = z.object({ hash: z.string(), revision: z.number(), connected: z.boolean(), resident: z.number() })

describe('a hub that accepts and does not read', () => {
  it(`costs the agent a bounded amount of memory and nothing else, for ${blockedFor} ms`, {
    timeout: 120_000,
  }, async () => {
    const t = await withHub()
    const page = await openPage(t, await setUp(t))
    const cable = await layCable(() => t.hub.port)
    onTestFinished(() => cable.close())
    const entry = join(import.meta.dirname, 'busyAgent.ts')
    const argv = [cable.url, new URL(t.hub.url).host, t.key, String(EVERY)]
    const agent = fork(entry, argv, { execArgv: ['--import', import.meta.resolve('tsx')] })
    onTestFinished(async () => {
      const gone = once(agent, 'exit')
      agent.kill('SIGKILL')
      await gone
    })
    const ask = async (question: string) => {
      const answer = once(agent, 'message')
      agent.send(question)
      return told.parse((await answer)[0])
    }
    await expect.poll(() => page.states.get('busy')?.version.revision ?? 0, { timeout: 30_000 }).toBeGreaterThan(10)
    const before = await ask('how are you')
    cable.block()
    await new Promise((resolve) => setTimeout(resolve, blockedFor)) // it is the length of the fault
    const blocked = await ask('how are you')
    cable.unblock()
    const began = performance.now()
    const last = await ask('stop')
    await expect.poll(() => page.states.get('busy')?.hash, { timeout: 30_000 }).toBe(last.hash)
    const took = performance.now() - began
    const mb = ({ resident }: { resident: number }) => Math.round(resident / (1 << 20))
    console.log(
      `slow hub: resident ${mb(before)} MB, at most ${mb(blocked)} MB while blocked for ${blockedFor} ms; ${blocked.revision - before.revision} revisions made meanwhile; page equal ${Math.round(took)} ms after`,
    )
    expect(blocked.revision - before.revision, 'it went on observing').toBeGreaterThan(20)
    expect(page.states.get('busy')?.version.revision ?? 0).toBeGreaterThanOrEqual(blocked.revision)
    expect(blocked.resident - before.resident).toBeLessThan(MOST_GROWTH)
  })
})
