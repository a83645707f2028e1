import type { Outcome } from '@hopscope/model'
import type { ToldStory } from '@hopscope/protocol'
import type { Gap } from './gaps.ts'

/** Equal slots of time, from the first packet to the last: `start` in milliseconds since the epoch, `width` of a slot in milliseconds. */
export type Axis = { start: number; width: number; count: number }
/** A stretch of time in milliseconds since the epoch, without its end. */
export type Span = { from: number; to: number }
/** What became of a packet, as far as a bar tells it apart. */
export type Fate = 'arrived' | 'unclear' | 'lost'
/** What is in a slot of time; `missing`: what is known not to be there. */
export type Slot = Record<Fate, number> & {
  partial: number
  missing: Omit<Gap, 'at'>
  /** The packet that was seen first in it, by its place in the list. */
  first?: { index: number; at: number }
}
export type Listed = { story: Pick<ToldStory, 'at' | 'partial' | 'way'>; index: number }

/** More bars than this cannot be told apart in a narrow pane. */
export const MOST_SLOTS = 60
/** Of one packet, or of some at once, the bar shall not be as wide as the strip. */
const LEAST_SLOTS = 20

/** The axis for all packets of a list, with slots of 1, 2 or 5 times a power of ten milliseconds; undefined without any. */
export function axisOf(stories: readonly Pick<ToldStory, 'at'>[]): Axis | undefined {
  if (stories.length === 0) return undefined
  let [start, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const { at } of stories) {
    if (at < start) start = at
    if (at > last) last = at
  }
  // A file may hold any two numbers.
  const length = Math.min(last - start, Number.MAX_VALUE)
  // The last packet has to be before the end of a slot, so that there is one more than fit in between.
  const width = roundUp(length / (MOST_SLOTS - 1))
  return { start, width, count: Math.max(LEAST_SLOTS, Math.floor(length / width) + 1) }
}

/** What is in each slot of the axis: every packet in exactly one of them. */
export function slotsOf(axis: Axis, rows: readonly Listed[], gaps: readonly Gap[] = []): Slot[] {
  const slots = Array.from({ length: axis.count }, emptySlot)
  for (const { story, index } of rows) {
    const slot = slots[slotAt(axis, story.at)]
    if (slot === undefined) continue
    slot[fates[story.way.outcome.verdict]]++
    if (story.partial) slot.partial++
    if (slot.first === undefined || story.at < slot.first.at) slot.first = { index, at: story.at }
  }
  for (const { at, unsent, overruns, leftOut } of gaps) {
    const missing = slots[slotAt(axis, at)]?.missing
    if (missing === undefined) continue
    missing.unsent += unsent
    missing.overruns += overruns
    missing.leftOut += leftOut
  }
  return slots
}

const fates: Readonly<Record<Outcome['verdict'], Fate>> = {
  delivered: 'arrived',
  left: 'arrived',
  refused: 'lost',
  dropped: 'lost',
  undetermined: 'unclear',
}

/** The slot that a time falls into, or the nearest one. */
export function slotAt({ start, width, count }: Axis, at: number): number {
  return Math.max(0, Math.min(count - 1, Math.floor((at - start) / width)))
}

export const packetsIn = ({ arrived, unclear, lost }: Slot): number => arrived + unclear + lost

/** Whether something is known not to be told in it. */
export const isLacking = ({ partial, missing: { unsent, overruns, leftOut } }: Slot): boolean =>
  partial + unsent + overruns + leftOut > 0

/** The time of some slots, given by any two of them. */
export function spanOf({ start, width }: Axis, a: number, b: number): Span {
  return { from: start + Math.min(a, b) * width, to: start + (Math.max(a, b) + 1) * width }
}

/** The first and the last slot that a span covers a part of. */
export function slotsIn(axis: Axis, { from, to }: Span): [first: number, last: number] {
  const first = slotAt(axis, from)
  return [first, Math.max(first, Math.min(axis.count, Math.ceil((to - axis.start) / axis.width)) - 1)]
}

export const isIn = ({ from, to }: Span, { at }: Pick<ToldStory, 'at'>): boolean => at >= from && at < to

/** Round places along the axis, equally far from each other and at most so many, in milliseconds since its start. */
export function ticksOf({ width, count }: Axis, most: number): number[] {
  const length = width * count
  const step = roundUp(length / most)
  const ticks: number[] = []
  for (let i = 0; i * step < length && ticks.length < most; i++) ticks.push(i * step)
  return ticks
}

const emptySlot = (): Slot => ({
  ...{ arrived: 0, unclear: 0, lost: 0, partial: 0 },
  missing: { unsent: 0, overruns: 0, leftOut: 0 },
})

/** The least of 1, 2 or 5 times a power of ten that is not below a number of milliseconds; 1 at least. */
function roundUp(ms: number): number {
  if (ms <= 1) return 1
  const power = 10 ** Math.floor(Math.log10(ms))
  const factor = [1, 2, 5].find((one) => one * power >= ms) ?? 10
  return factor * power
}
