import { type KeyboardEvent, type PointerEvent, useRef } from 'react'
import { type Brushed, brushBy, firstFilled } from '../model/brush.ts'
import { type Axis, isIn, type Slot, type Span, slotAt, slotsIn, spanOf } from '../model/timeline.ts'

type Options = {
  axis: Axis
  slots: readonly Slot[]
  span: Span | undefined
  onSpan: (span: Span | undefined) => void
  /** The place of a packet in the list. */
  onChoose: (index: number) => void
  onHover: (slot: number | undefined) => void
}
/** `at`: the time of the slot, which stays the same when packets come and the slots are others. */
type Pressed = { x: number; at: number; pulled: boolean }

/** Pixels beyond which a press is a pull. */
const SLACK = 4

/**
 * How a stretch of time is told on a strip: pull over it, or go from bar to bar by the arrow keys, with Shift to make the stretch longer. A
 * click or Enter goes to the first packet of a bar, Escape lets go of the stretch.
 */
export function useBrush({ axis, slots, span, onSpan, onChoose, onHover }: Options) {
  const pressed = useRef<Pressed>(undefined)
  /** The end that goes on with Shift is the earlier one. */
  const grewBack = useRef(false)

  const mark = ({ anchor, end }: Brushed) => {
    grewBack.current = end < anchor
    onSpan(spanOf(axis, anchor, end))
  }
  const goTo = (slot: Slot | undefined) => {
    const first = slot?.first
    // Only what is in the list can be gone to.
    if (span && (first === undefined || !isIn(span, first))) onSpan(undefined)
    if (first) onChoose(first.index)
  }
  const onKey = (e: KeyboardEvent): boolean => {
    const [first, last] = span ? slotsIn(axis, span) : []
    if (first !== undefined && last !== undefined) {
      if (e.key === 'Escape') onSpan(undefined)
      else if (e.key === 'Enter') goTo(firstFilled(slots, first, last))
      if (e.key === 'Escape' || e.key === 'Enter') return true
    }
    const now =
      first === undefined || last === undefined
        ? undefined
        : grewBack.current
          ? { anchor: last, end: first }
          : { anchor: first, end: last }
    const next = brushBy(e, slots, now)
    if (next) mark(next)
    return next !== undefined
  }
  return {
    onKeyDown(e: KeyboardEvent) {
      if (e.ctrlKey || e.metaKey || e.altKey || !onKey(e)) return
      // The same keys go from hop to hop elsewhere in the pane, and Escape closes what is selected.
      e.preventDefault()
      e.stopPropagation()
    },
    onPointerDown(e: PointerEvent<HTMLElement>) {
      if (e.button !== 0) return
      e.currentTarget.setPointerCapture(e.pointerId)
      pressed.current = { x: e.clientX, at: axis.start + slotUnder(e, axis) * axis.width, pulled: false }
    },
    onPointerMove(e: PointerEvent<HTMLElement>) {
      const slot = slotUnder(e, axis)
      onHover(slot)
      const now = pressed.current
      if (now === undefined) return
      now.pulled ||= Math.abs(e.clientX - now.x) > SLACK
      if (now.pulled) mark({ anchor: slotAt(axis, now.at), end: slot })
    },
    onPointerUp() {
      const now = pressed.current
      pressed.current = undefined
      if (now && !now.pulled) goTo(slots[slotAt(axis, now.at)])
    },
    onPointerCancel() {
      pressed.current = undefined
    },
    onPointerLeave: () => onHover(undefined),
  }
}

function slotUnder({ clientX, currentTarget }: PointerEvent<HTMLElement>, { count }: Axis): number {
  const { left, width } = currentTarget.getBoundingClientRect()
  return Math.max(0, Math.min(count - 1, Math.floor(((clientX - left) / width) * count)))
}
