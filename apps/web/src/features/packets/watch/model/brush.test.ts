import { expect, it } from 'vitest'
import { type Brushed, brushBy, firstFilled } from './brush.ts'
import type { Slot } from './timeline.ts'

const slot = (arrived: number): Slot => ({
  ...{ arrived, unclear: 0, lost: 0, partial: 0 },
  missing: { unsent: 0, overruns: 0, leftOut: 0 },
})
const slots = [1, 0, 0, 2, 0, 1, 0].map(slot)
const after = (...keys: string[]): Brushed | undefined =>
  keys.reduce<Brushed | undefined>((now, text) => {
    const [, shift, key = ''] = /^(Shift\+)?(.*)$/.exec(text) ?? []
    return brushBy({ key, shiftKey: shift !== undefined }, slots, now)
  }, undefined)

it('goes from one slot with packets to the next, and no further than the last', () => {
  expect(after('ArrowRight')).toEqual({ anchor: 0, end: 0 })
  expect(after('ArrowRight', 'ArrowRight')).toEqual({ anchor: 3, end: 3 })
  expect(after('ArrowLeft')).toEqual({ anchor: 5, end: 5 })
  expect(after('ArrowLeft', 'ArrowRight')).toEqual({ anchor: 5, end: 5 })
  expect(after('End', 'Home')).toEqual({ anchor: 0, end: 0 })
})

it('with Shift takes all from where it began, in both directions and back again', () => {
  expect(after('ArrowRight', 'Shift+ArrowRight')).toEqual({ anchor: 0, end: 3 })
  expect(after('ArrowRight', 'ArrowRight', 'Shift+ArrowLeft')).toEqual({ anchor: 3, end: 0 })
  expect(after('ArrowRight', 'Shift+ArrowRight', 'Shift+ArrowRight', 'Shift+ArrowLeft')).toEqual({ anchor: 0, end: 3 })
  expect(after('ArrowRight', 'ArrowRight', 'Shift+Home', 'Shift+End')).toEqual({ anchor: 3, end: 5 })
})

it('leaves other keys, and packets of which there are none, alone', () => {
  expect(after('ArrowDown')).toBeUndefined()
  expect(brushBy({ key: 'ArrowRight', shiftKey: false }, [slot(0)], undefined)).toBeUndefined()
})

it('finds the first slot with packets in a stretch', () => {
  expect(firstFilled(slots, 1, 4)).toBe(slots[3])
  expect(firstFilled(slots, 1, 2)).toBeUndefined()
})
