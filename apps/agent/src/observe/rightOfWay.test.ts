import { afterEach, expect, it, vi } from 'vitest'
import type { Scheduler } from './contract.ts'
import { GATHER, SLICE } from './dirty.ts'
import { createRightOfWay, QUIET } from './rightOfWay.ts'

/** Time passes only by `run`; reading a namespace takes a millisecond. */
function scene() {
  let now = 0
  const due = new Set<{ at: number; act: () => void }>()
  const scheduler: Scheduler = {
    after(milliseconds, act) {
      const entry = { at: now + milliseconds, act }
      due.add(entry)
      return () => due.delete(entry)
    },
    every: () => () => undefined,
  }
  vi.spyOn(performance, 'now').mockImplementation(() => now)
  const read: { netns: string; at: number }[] = []
  const dirty = createRightOfWay<'links'>(scheduler, (netns) => {
    read.push({ netns, at: ++now })
  })
  const run = (until: number) => {
    for (;;) {
      const [next] = [...due].sort((a, b) => a.at - b.at)
      if (next === undefined || next.at > until) break
      due.delete(next)
      now = Math.max(now, next.at)
      next.act()
    }
    now = Math.max(now, until)
  }
  return { dirty, read, run, now: () => now, pass: (milliseconds: number) => run(now + milliseconds) }
}

afterEach(() => {
  vi.restoreAllMocks()
})

const BUSY = Array.from({ length: 300 }, (_, i) => `busy:${i}`)

it.each([
  ['while a large batch is read', 40],
  ['while a large batch is rested from', 330],
])('reads what changed in a quiet namespace first, %s', (_, moment) => {
  const { dirty, read, run, pass } = scene()
  for (const netns of BUSY) dirty.hear(netns, 'links')
  run(2_000)
  for (const netns of BUSY) dirty.hear(netns, 'links')
  pass(QUIET / 2)
  // From here on all of them go on and on: none is quiet.
  for (const netns of BUSY) dirty.hear(netns, 'links')
  pass(QUIET / 2)
  for (const netns of BUSY) dirty.hear(netns, 'links')
  pass(moment)
  const before = read.length
  dirty.hear('quiet', 'links')
  pass(100)
  const turn = read.slice(before).findIndex(({ netns }) => netns === 'quiet')
  expect(turn).toBeGreaterThanOrEqual(0)
  expect(turn).toBeLessThanOrEqual(2 * SLICE)
  pass(10_000)
  expect(dirty.pending()).toBe(false)
})

it('gives it once, and gathers what follows there', () => {
  const { dirty, read, run, pass, now } = scene()
  run(QUIET)
  dirty.hear('one', 'links')
  pass(0)
  expect(read.map(({ netns }) => netns)).toEqual(['one'])
  const began = now()
  dirty.hear('one', 'links')
  dirty.hear('one', 'links')
  pass(1_000)
  expect(read).toHaveLength(2)
  expect((read[1]?.at ?? 0) - began).toBeGreaterThanOrEqual(GATHER - 1)
})

it('forgets a namespace that ended, in both queues', () => {
  const { dirty, read, pass } = scene()
  dirty.hear('one', 'links')
  dirty.mark('one', 'links')
  expect(dirty.has('one')).toBe(true)
  dirty.forget('one')
  expect(dirty.pending()).toBe(false)
  pass(1_000)
  expect(read).toEqual([])
})

it('reads everything at once when it is asked to', () => {
  const { dirty, read } = scene()
  dirty.hear('one', 'links')
  dirty.mark('two', 'links')
  dirty.flush()
  expect(read.map(({ netns }) => netns)).toEqual(['one', 'two'])
  expect(dirty.pending()).toBe(false)
})
