import type { Cancel, Scheduler } from './contract.ts'

/** Decides when everything is read again after events were lost. */
export type Recovery = {
  /** Some were lost just now. */
  lost(): void
  /** Some arrived just now: what changes them goes on. */
  heard(): void
  /** How often everything was read again. */
  count(): number
  pending(): boolean
  close(): void
}

/** A storm is over when nothing came for this time: reading in the middle of one would have to be done again. */
export const CALM = 400
/** In one that does not end, and from one storm to the next, this long passes between two readings if it can. */
export const STORM = 10_000
/** So soon after the last reading, the calm has to last longer; the state is still right two seconds after the last event. */
export const LONG_CALM = 1_200

/** Calls `redump` once after each storm of losses, and every ten seconds in a storm that goes on. */
export function createRecovery(scheduler: Scheduler, redump: () => void): Recovery {
  let firstLoss: number | undefined
  let lastStir = 0
  let lastDump = Number.NEGATIVE_INFINITY
  let count = 0
  let timer: Cancel | undefined

  const due = (began: number): number => {
    const calm = lastStir - lastDump < STORM ? LONG_CALM : CALM
    return Math.min(lastStir + calm, Math.max(began, lastDump) + STORM)
  }
  const look = () => {
    timer = undefined
    if (firstLoss === undefined) return
    const wait = due(firstLoss) - performance.now()
    if (wait > 0) {
      timer = scheduler.after(Math.ceil(wait), look)
      return
    }
    firstLoss = undefined
    lastDump = performance.now()
    count++
    redump()
  }
  return {
    lost() {
      lastStir = performance.now()
      firstLoss ??= lastStir
      // Losses are told thousands of times a second; the timer looks how long ago the last one was.
      timer ??= scheduler.after(CALM, look)
    },
    heard() {
      if (firstLoss !== undefined) lastStir = performance.now()
    },
    count: () => count,
    pending: () => firstLoss !== undefined,
    close() {
      timer?.()
      timer = undefined
      firstLoss = undefined
    },
  }
}
