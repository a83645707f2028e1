import type { Clock, Scheduler } from './observe/contract.ts'

export const systemClock: Clock = { now: Date.now }

/** Timers that let the process end while they wait. */
export const systemScheduler: Scheduler = {
  after(milliseconds, act) {
    const timer = setTimeout(act, milliseconds)
    timer.unref()
    return () => clearTimeout(timer)
  },
  every(milliseconds, act) {
    const timer = setInterval(act, milliseconds)
    timer.unref()
    return () => clearInterval(timer)
  },
}
