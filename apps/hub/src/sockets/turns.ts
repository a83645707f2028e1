/** Lets large things go out a bounded number of bytes at a time, in the order in which they were asked for. */
export type Turns = {
  /**
   * Calls `run` once these bytes have their turn, perhaps at once, with what ends the turn (once).
   * The result gives the place up while it still waits.
   */
  take(bytes: number, run: (end: () => void) => void): () => void
}

type Turn = { bytes: number; run: (end: () => void) => void }

/** `most`: bytes that may be on their way at once. One that is larger than that goes alone. */
export function createTurns(most: number): Turns {
  const waiting = new Set<Turn>()
  let used = 0

  function start({ bytes, run }: Turn): void {
    used += bytes
    run(() => {
      used -= bytes
      // Whoever ends a turn may be in the middle of something.
      queueMicrotask(startWaiting)
    })
  }
  function startWaiting(): void {
    for (const turn of waiting) {
      if (used > 0 && used + turn.bytes > most) return
      waiting.delete(turn)
      start(turn)
    }
  }

  return {
    take(bytes, run) {
      const turn = { bytes, run }
      waiting.add(turn)
      startWaiting()
      return () => {
        waiting.delete(turn)
      }
    },
  }
}
