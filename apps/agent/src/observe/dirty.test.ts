import { afterEach, describe, expect, it, vi } from 'vitest'
import { systemScheduler } from '../scheduler.ts'
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
    const read: [string, string[]][] = []
    const dirty = createDirty<'links' | 'routes'>(scheduler, (netns, tables) => void read.push([netns, [...tables]]))
    dirty.mark('ns:1', 'links')
    dirty.mark('ns:1', 'links', 'routes')
    dirty.mark('ns:2', 'routes')
    expect(due.map((one) => one.milliseconds)).toEqual([0])
    expect(dirty.pending()).toBe(true)
    fire()
    expect(read).toEqual([
      ['ns:1', ['links', 'routes']],
      ['ns:2', ['routes']],
    ])
    expect(dirty.pending()).toBe(false)
    // What follows is gathered.
    dirty.mark('ns:1', 'links')
    dirty.mark('ns:1', 'routes')
    const [gathering] = due.map((one) => one.milliseconds)
    expect(gathering).toBeGreaterThan(0)
    expect(gathering).toBeLessThanOrEqual(GATHER)
    fire()
    fire()
    expect(read).toHaveLength(3)
  })

  it('keeps for the next batch what is marked while it reads, and nothing of a namespace that ended', () => {
    const { scheduler, fire } = handScheduler()
    const read: string[] = []
    const dirty = createDirty<'links'>(scheduler, (netns) => {
      read.push(netns)
      if (netns === 'ns:1') dirty.mark('ns:2', 'links')
    })
    dirty.mark('ns:1', 'links')
    dirty.mark('ns:3', 'links')
    dirty.forget('ns:3')
    fire()
    expect(read).toEqual(['ns:1'])
    fire()
    fire()
    expect(read).toEqual(['ns:1', 'ns:2'])
    dirty.mark('ns:4', 'links')
    dirty.close()
    fire()
    expect(read).toEqual(['ns:1', 'ns:2'])
  })
})

/** A clock that stands still but for what reading costs. */
function handClock() {
  let now = 0
  vi.spyOn(performance, 'now').mockImplementation(() => now)
  return {
    pass(milliseconds: number) {
      now += milliseconds
    },
  }
}

afterEach(() => {
  vi.restoreAllMocks()
})

it('reads very many in slices, a turn of the event loop for each', () => {
  const { scheduler, due, fire } = handScheduler()
  const clock = handClock()
  const read: string[] = []
  const dirty = createDirty<'links'>(scheduler, (netns) => {
    read.push(netns)
    clock.pass(SLICE / 2 + 1)
  })
  for (let i = 0; i < 5; i++) dirty.mark(`ns:${i}`, 'links')
  fire()
  expect(read).toEqual(['ns:0', 'ns:1'])
  dirty.forget('ns:4')
  dirty.mark('ns:0', 'links')
  expect(due.map((one) => one.milliseconds)).toEqual([0])
  expect(dirty.pending()).toBe(true)
  fire()
  expect(read).toEqual(['ns:0', 'ns:1', 'ns:2', 'ns:3'])
  // What was marked meanwhile has its own turn.
  expect(due).toHaveLength(1)
  fire()
  fire()
  expect(read.at(-1)).toBe('ns:0')
  expect(dirty.pending()).toBe(false)
})

it('reads the tables of a large namespace in slices too, before those of all others', () => {
  const { scheduler, fire } = handScheduler()
  const clock = handClock()
  const read: string[] = []
  const dirty = createDirty<'links' | 'routes' | 'fdb'>(scheduler, (netns, tables, isOver) => {
    const left = new Set(tables)
    for (const table of tables) {
      if (isOver()) break
      left.delete(table)
      read.push(`${netns} ${table}`)
      if (netns === 'large') clock.pass(SLICE + 1)
    }
    return left
  })
  dirty.mark('large', 'links', 'routes', 'fdb')
  dirty.mark('small', 'links', 'routes')
  for (let turn = 1; turn <= 3; turn++) {
    fire()
    expect(read).toHaveLength(turn)
  }
  fire()
  expect(read).toEqual(['large links', 'large routes', 'large fdb', 'small links', 'small routes'])
  expect(dirty.pending()).toBe(false)
})

it('reads all that is left at once when it is asked to', () => {
  const { scheduler, due, fire } = handScheduler()
  const clock = handClock()
  const read: string[] = []
  const dirty = createDirty<'links'>(scheduler, (netns) => {
    read.push(netns)
    clock.pass(SLICE)
  })
  const all = Array.from({ length: 10 }, (_, i) => `ns:${i}`)
  for (const netns of all) dirty.mark(netns, 'links')
  fire()
  expect(read.length).toBeLessThan(all.length)
  dirty.flush()
  expect(read).toEqual(all)
  expect(due).toHaveLength(0)
})

it('drains what is marked in turns of its own, without a rest, and waits for nothing that comes later', async () => {
  const clock = handClock()
  const turns: number[] = []
  let turn = 0
  let counting = true
  const next = () => {
    turn++
    if (counting) setImmediate(next)
  }
  setImmediate(next)
  const dirty = createDirty<'links'>(systemScheduler, (netns) => {
    turns.push(turn)
    // Whatever is read marks something: it is never all done.
    dirty.mark(netns, 'links')
    clock.pass(SLICE + 1)
  })
  for (let i = 0; i < 3; i++) dirty.mark(`ns:${i}`, 'links')
  for (let round = 1; round <= 3; round++) {
    await dirty.drain()
    expect(turns.length).toBeGreaterThanOrEqual(3 * round)
    expect(turns.length).toBeLessThanOrEqual(3 * round + 1)
  }
  counting = false
  dirty.close()
  expect(new Set(turns).size).toBe(turns.length)
  await dirty.drain()
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
