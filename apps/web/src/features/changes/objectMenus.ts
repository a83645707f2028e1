import type { RecordRef } from '@hopscope/topology'
import type { KeyboardEvent, PointerEvent } from 'react'

/** A menu that somebody asks for: of which object, and where. */
export type ObjectMenuRequest = {
  /** What stands behind the object, its main record first. */
  refs: readonly [RecordRef, ...RecordRef[]]
  name: string
  /** On the screen, in CSS pixels. */
  at: { x: number; y: number }
  /** What has the focus afterwards. */
  opener: HTMLElement
}

/** The keys that ask for the menu of what has the focus; the menu key itself comes as `contextmenu`. */
export const asksForMenu = ({ key, shiftKey }: Pick<KeyboardEvent, 'key' | 'shiftKey'>): boolean =>
  shiftKey && key === 'Enter'

/** Whether the menu key was pressed, or Shift-F10: then there is no pointer to open it at. */
export const isByKey = ({ button, pointerType }: { button: number; pointerType?: string }): boolean =>
  button !== 2 && pointerType !== 'touch'

const LONG_MS = 500
const STILL_PX = 8

/**
 * Handlers for rows in which a long press of a finger opens the menu, as the right button does: not every browser says so by
 * itself. `open` is told the element that was pressed.
 */
export function longPress(open: (target: Element, at: { x: number; y: number }) => void) {
  let timer: ReturnType<typeof setTimeout> | undefined
  let from = { x: 0, y: 0 }
  const stop = () => clearTimeout(timer)
  return {
    onPointerDown: (e: PointerEvent) => {
      stop()
      if (e.pointerType !== 'touch' || !(e.target instanceof Element)) return
      const { target } = e
      from = { x: e.clientX, y: e.clientY }
      timer = setTimeout(() => open(target, from), LONG_MS)
    },
    onPointerMove: (e: PointerEvent) => {
      if (Math.hypot(e.clientX - from.x, e.clientY - from.y) > STILL_PX) stop()
    },
    onPointerUp: stop,
    onPointerCancel: stop,
  }
}

/** Where a menu opens for what has the focus: at its lower left. */
export function atElement(element: Element): { x: number; y: number } {
  const { left, bottom } = element.getBoundingClientRect()
  return { x: left + 24, y: bottom }
}
