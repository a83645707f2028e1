import { systemScheduler } from '../scheduler.ts'

/** Together with the other regular work, so that measuring wakes nobody; what blocks the process for long is met all the same. */
const EVERY = 2_000
/** The longest delay is told of the last one to two of these. */
const WINDOW = 30_000

/** Measures how late a timer gets its turn; `longest` gives the seconds, of the last minute. */
export function watchEventLoop(): { longest(): number; close(): void } {
  let longest = 0
  let before = 0
  let due = performance.now() + EVERY
  let turn = due + WINDOW
  const close = systemScheduler.every(EVERY, () => {
    const now = performance.now()
    longest = Math.max(longest, now - due)
    due = now + EVERY
    if (now < turn) return
    turn = now + WINDOW
    before = longest
    longest = 0
  })
  return { longest: () => Math.max(longest, before) / 1000, close }
}
