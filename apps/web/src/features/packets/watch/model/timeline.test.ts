import type { ToldStory } from '@hopscope/protocol'
import { type Random, seeded } from '@hopscope/testkit/random'
import { describe, expect, it } from 'vitest'
import { gapAtEnd, gapBefore } from './gaps.ts'
import {
  axisOf,
  isIn,
  isLacking,
  type Listed,
  MOST_SLOTS,
  packetsIn,
  slotAt,
  slotsIn,
  slotsOf,
  spanOf,
  ticksOf,
} from './timeline.ts'
import { digitsFor, timeOfDay } from './timeOfDay.ts'

const NOON = Date.UTC(2026, 0, 2, 12)
const verdicts = ['delivered', 'left', 'refused', 'dropped', 'undetermined'] as const

const row = (at: number, index: number, verdict: ToldStory['way']['outcome']['verdict'] = 'delivered'): Listed => ({
  story: { at, partial: false, way: { hops: [], outcome: { verdict } } },
  index,
})
const rowsAt = (...times: number[]): Listed[] => times.map((at, i) => row(NOON + at, i))
const axisOfRows = (rows: readonly Listed[]) => {
  const axis = axisOf(rows.map(({ story }) => story))
  if (!axis) throw new Error('no axis')
  return axis
}

function randomRows(random: Random): Listed[] {
  const length = random.pick([0, 0.4, 30, 1_000, 60_000, 300_000, 9e9])
  const count = 1 + random.below(random.pick([3, 60, 2_000]))
  // Told when their way is over: not in the order of their times.
  return Array.from({ length: count }, (_, i) => row(NOON + random.next() * length, i, random.pick(verdicts)))
}

describe('whatever the packets', () => {
  it('has each in one slot, the bars sum up to the list, and a span of slots means just theirs', () => {
    const random = seeded('packets on a timeline')
    for (let round = 0; round < 200; round++) {
      const rows = randomRows(random)
      const axis = axisOfRows(rows)
      const slots = slotsOf(axis, rows)
      const about = `seed ${random.seed}, round ${round}`
      expect(slots.length, about).toBeLessThanOrEqual(MOST_SLOTS)
      expect(
        slots.reduce((sum, slot) => sum + packetsIn(slot), 0),
        about,
      ).toBe(rows.length)
      const lost = rows.filter(({ story }) => /dropped|refused/.test(story.way.outcome.verdict))
      expect(
        slots.reduce((sum, slot) => sum + slot.lost, 0),
        about,
      ).toBe(lost.length)
      for (const [i, slot] of slots.entries()) {
        const within = rows.filter(({ story }) => isIn(spanOf(axis, i, i), story))
        expect(within.length, about).toBe(packetsIn(slot))
        const [earliest] = within.toSorted((a, b) => a.story.at - b.story.at)
        expect(slot.first?.index, about).toBe(earliest?.index)
      }
      const [a, b] = [random.below(axis.count), random.below(axis.count)]
      expect(slotsIn(axis, spanOf(axis, a, b)), about).toEqual([Math.min(a, b), Math.max(a, b)])
    }
  })

  it('has round ticks, and slots of round times', () => {
    const random = seeded('ticks of a timeline')
    const isRound = (ms: number) => /^[125]0*$/.test(String(ms))
    for (let round = 0; round < 200; round++) {
      const axis = axisOfRows(randomRows(random))
      const ticks = ticksOf(axis, 5)
      const about = `seed ${random.seed}, round ${round}`
      expect(isRound(axis.width), about).toBe(true)
      expect(ticks[0], about).toBe(0)
      expect(ticks.length, about).toBeGreaterThan(1)
      expect(ticks.length, about).toBeLessThanOrEqual(5)
      expect(ticks.at(-1), about).toBeLessThan(axis.width * axis.count)
      const [, step = 0] = ticks
      expect(isRound(step), about).toBe(true)
      expect(ticks, about).toEqual(ticks.map((_, i) => i * step))
    }
  })
})

it('is as long as the packets take, and never one wide bar', () => {
  expect(axisOf([])).toBeUndefined()
  expect(axisOfRows(rowsAt(3))).toEqual({ start: NOON + 3, width: 1, count: 20 })
  expect(axisOfRows(rowsAt(5_900, 0))).toEqual({ start: NOON, width: 100, count: 60 })
  expect(axisOfRows(rowsAt(0, 5_901))).toEqual({ start: NOON, width: 200, count: 30 })
})

it('ends with numbers that are no times', () => {
  const rows = [row(-1.7e308, 0), row(1.7e308, 1), row(0, 2)]
  const slots = slotsOf(axisOfRows(rows), rows)
  expect(slots.length).toBeLessThanOrEqual(MOST_SLOTS)
  expect(slots.reduce((sum, slot) => sum + packetsIn(slot), 0)).toBe(3)
  expect(ticksOf(axisOfRows(rows), 5).length).toBeLessThanOrEqual(5)
})

it('is the same for all of a list when some of it are left out', () => {
  const rows = rowsAt(0, 500, 1_000)
  const slots = slotsOf(axisOfRows(rows), rows.slice(1, 2))
  expect(slots.flatMap((slot, i) => (packetsIn(slot) > 0 ? [i] : []))).toEqual([slotAt(axisOfRows(rows), NOON + 500)])
})

it('is labelled with as many digits as tell its slots apart', () => {
  expect([1, 5, 10, 20, 100, 500, 1_000, 60_000].map(digitsFor)).toEqual([3, 3, 2, 2, 1, 1, 0, 0])
  const at = new Date(2026, 0, 2, 3, 4, 5, 67).getTime()
  expect([0, 1, 3].map((digits) => timeOfDay(at, digits))).toEqual(['03:04:05', '03:04:05.0', '03:04:05.067'])
})

describe('what is missing', () => {
  const stories = [{ at: NOON }, { at: NOON + 100 }]
  const until = { stories, shown: 2, overruns: 0 }
  const message = (shown: number, overruns: number, ...times: number[]) => ({
    stories: times.map((at) => row(NOON + at, 0).story),
    ...{ shown, overruns },
  })

  it('is nothing when all has come', () => {
    expect(gapBefore(until, message(3, 0, 200))).toEqual([])
    expect(gapAtEnd(until, { shown: 2, overruns: 0, leftOut: 0 })).toEqual([])
  })
  it('stands beside the packets that came next', () => {
    expect(gapBefore(until, message(10, 1, 200, 300))).toEqual([{ at: NOON + 200, unsent: 6, overruns: 1, leftOut: 0 }])
  })
  it('stands at the end when nothing came behind it, and nowhere without a packet', () => {
    const summary = { shown: 3, overruns: 0, leftOut: 4 }
    expect(gapAtEnd(until, summary)).toEqual([{ at: NOON + 100, unsent: 1, overruns: 0, leftOut: 4 }])
    expect(gapAtEnd({ ...until, stories: [] }, summary)).toEqual([])
  })
  it('is in the slot of its time, beside packets that are not whole', () => {
    const rows = rowsAt(0, 1_000)
    const gap = { at: NOON + 1_000, unsent: 2, overruns: 0, leftOut: 1 }
    const slots = slotsOf(axisOfRows(rows), rows, [gap, gap])
    expect(slots.filter(isLacking)).toEqual([slots[slotAt(axisOfRows(rows), gap.at)]])
    expect(slots.find(isLacking)?.missing).toEqual({ unsent: 4, overruns: 0, leftOut: 2 })
  })
})
