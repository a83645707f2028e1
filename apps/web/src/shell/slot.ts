import { useSyncExternalStore } from 'react'

/** A value that the whole page has once, outside of React. */
export type Slot<T> = { get(): T; set(next: T): void; subscribe(listener: () => void): () => void }

export function createSlot<T>(first: T): Slot<T> {
  let now = first
  const listeners = new Set<() => void>()
  return {
    get: () => now,
    set(next) {
      if (now === next) return
      now = next
      for (const tell of listeners) tell()
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

/** The value; whoever reads it is drawn anew when there is another one. */
export const useSlot = <T>({ subscribe, get }: Slot<T>): T => useSyncExternalStore(subscribe, get, get)
