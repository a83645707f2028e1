import type { View } from './canvasPainter.ts'
import type { Size } from './views.ts'

export type Seen = { view: View; size: Size }

/** What of the map is on the screen. Those who listen are told at most once a frame: a drag moves it far more often. */
export type SeenStore = {
  now: () => Seen | undefined
  tell: (view: View, size: Size) => void
  subscribe: (listener: () => void) => () => void
}

/** A store that also hands the view to `keep`, not more often than every `restMs` milliseconds. */
export function createSeen(keep: (seen: Seen) => void, restMs = 500): SeenStore {
  const listeners = new Set<() => void>()
  let now: Seen | undefined
  let framed = false
  let resting = false
  const settle = (): void => {
    resting = false
    if (now) keep(now)
  }
  return {
    now: () => now,
    tell: (view, size) => {
      now = { view, size }
      if (!resting) setTimeout(settle, restMs)
      resting = true
      if (framed) return
      framed = true
      requestAnimationFrame(() => {
        framed = false
        for (const listener of listeners) listener()
      })
    },
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
