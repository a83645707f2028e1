import { packetsIn, type Slot } from './timeline.ts'

/** A stretch of slots: where it was begun, and the end that goes on. */
export type Brushed = { anchor: number; end: number }

/**
 * The stretch after an arrow key, Home or End: the next slot with packets, or with Shift all until that one. The same when there is none;
 * undefined: without any, or it is none of these keys.
 */
export function brushBy(
  { key, shiftKey }: { key: string; shiftKey: boolean },
  slots: readonly Slot[],
  now: Brushed | undefined,
): Brushed | undefined {
  const next = slotBy(key, slots, now?.end)
  if (next === undefined) return undefined
  return { anchor: (shiftKey ? now?.anchor : undefined) ?? next, end: next }
}

/** The first slot with packets among these. */
export function firstFilled(slots: readonly Slot[], first: number, last: number): Slot | undefined {
  return slots.slice(first, last + 1).find((slot) => packetsIn(slot) > 0)
}

function slotBy(key: string, slots: readonly Slot[], from: number | undefined): number | undefined {
  switch (key) {
    case 'ArrowRight':
      return nextFilled(slots, from, 1) ?? from
    case 'ArrowLeft':
      return nextFilled(slots, from, -1) ?? from
    case 'Home':
      return nextFilled(slots, undefined, 1)
    case 'End':
      return nextFilled(slots, undefined, -1)
    default:
      return undefined
  }
}

/** The next slot with packets in a direction, counted from a slot or, without one, from that end. */
function nextFilled(slots: readonly Slot[], from: number | undefined, by: 1 | -1): number | undefined {
  const start = from === undefined ? (by === 1 ? 0 : slots.length - 1) : from + by
  for (let i = start; i >= 0 && i < slots.length; i += by) {
    const slot = slots[i]
    if (slot && packetsIn(slot) > 0) return i
  }
  return undefined
}
