import { describe, expect, it } from 'vitest'
import type { Scheduler } from './contract.ts'
import { createDirty, GATHER, SLICE } from './dirty.ts'
import { createJobs } from './jobs.ts'

function handScheduler() {
  const due: { milliseconds: number; act: () => void }[] = []
  const scheduler: Scheduler = {
    after(milliseconds, act) {
      const entry = { milliseconds, act }
      due.push(entry)
      return () => {
        const at = due.indexOf(entry)
        if (at >= 0) due.splice(at, 1)
      }
    },
    every: () => () => undefined,
  }
  const fire = () => {
    for (const { act } of due.splice(0)) act()
  }
  return { scheduler, due, fire }
}

describe('createDirty', () => {
  it('reads once what a burst of events marked', () => {
    const { scheduler, due, fire } = handScheduler()
    const batches: [string, string[]][][] = []
    const dirty = createDirty<'links' | 'routes'>(scheduler, (batch) => {
      batches.push([...batch].map(([netns, tables]) => [netns, [...tables]]))
    })
    dirty.mark('ns:1', 'links')
    dirty.mark('ns:1', 'links', 'routes')
    dirty.mark('ns:2', 'routes')
    expect(due.map((one) => one.milliseconds)).toEqual([0])
    expect(dirty.pending()).toBe(true)
    fire()
    expect(batches).toEqual([
      [
        ['ns:1', ['links', 'routes']],
        ['ns:2', ['routes']],
      ],
    ])
    expect(dirty.pending()).toBe(false)
    // What follows is gathered.
    dirty.mark('ns:1', 'links')
    dirty.mark('ns:1', 'routes')
    const [gathering] = due.map((one) => one.milliseconds)
    expect(gathering).toBeGreaterThan(0)
    expect(gathering).toBeLessThanOrEqual(GATHER)
    fire()
    expect(batches).toHaveLength(2)
  })

  it('keeps for the next batch what is marked while it reads, and nothing of a namespace that ended', () => {
    const { scheduler, fire } = handScheduler()
    const read: string[] = []
    const dirty = createDirty<'links'>(scheduler, (batch) => {
      for (const netns of batch.keys()) {
        read.push(netns)
        if (netns === 'ns:1') dirty.mark('ns:2', 'links')
      }
    })
    dirty.mark('ns:1', 'links')
    dirty.mark('ns:3', 'links')
    dirty.forget('ns:3')
    fire()
    expect(read).toEqual(['ns:1'])
    fire()
    expect(read).toEqual(['ns:1', 'ns:2'])
    dirty.mark('ns:4', 'links')
    dirty.close()
    fire()
    expect(read).toEqual(['ns:1', 'ns:2'])
  })
})

it('reads very many in slices, a turn of the event loop for each', () => {
  const { scheduler, due, fire } = handScheduler()
  const slices: string[][] = []
  const dirty = createDirty<'links'>(scheduler, (batch) => slices.push([...batch.keys()]))
  const all = Array.from({ length: 2 * SLICE + 1 }, (_, i) => `ns:${i}`)
  for (const netns of all) dirty.mark(netns, 'links')
  fire()
  dirty.forget(`ns:${2 * SLICE}`)
  dirty.mark('ns:0', 'links')
  expect(due.map((one) => one.milliseconds)).toEqual([0])
  expect(dirty.pending()).toBe(true)
  fire()
  expect(slices).toEqual([all.slice(0, SLICE), all.slice(SLICE, 2 * SLICE)])
  // What was marked meanwhile has its own turn.
  expect(due).toHaveLength(1)
  fire()
  expect(slices.at(-1)).toEqual(['ns:0'])
  expect(dirty.pending()).toBe(false)
})

it('reads all that is left at once when it is asked to', () => {
  const { scheduler, due, fire } = handScheduler()
  const read: string[] = []
  const dirty = createDirty<'links'>(scheduler, (batch) => read.push(...batch.keys()))
  const all = Array.from({ length: 3 * SLICE }, (_, i) => `ns:${i}`)
  for (const netns of all) dirty.mark(netns, 'links')
  fire()
  dirty.flush()
  expect(read).toEqual(all)
  expect(due).toHaveLength(0)
})

describe('createJobs', () => {
  it('never works twice at once on a namespace, nor on more than the limit, and repeats what was asked meanwhile', async () => {
    const log: string[] = []
    const release: (() => void)[] = []
    const jobs = createJobs(2, async (netns) => {
      log.push(`start ${netns}`)
      await new Promise<void>((resolve) => release.push(resolve))
      log.push(`end ${netns}`)
    })
    const settle = () => new Promise((resolve) => setImmediate(resolve))
    jobs.add('a')
    jobs.add('a')
    jobs.add('b')
    jobs.add('c')
    expect(log).toEqual(['start a', 'start b'])
    release.shift()?.()
    await settle()
    expect(log).toEqual(['start a', 'start b', 'end a', 'start a'])
    for (let i = 0; i < 3; i++) {
      release.shift()?.()
      await settle()
    }
    expect(log.filter((line) => line === 'start a')).toHaveLength(2)
    expect(log.slice(-2)).toEqual(['end a', 'end c'])
    expect(jobs.pending()).toBe(false)
  })
})
