/** Often enough to meet what blocks the process for long, and rare enough to cost nothing. */
const EVERY = 250
/** The longest delay is told of the last one to two of these. */
const WINDOW = 30_000

/** Measures how late a timer gets its turn; `longest` gives the seconds, of the last minute. */
export function watchEventLoop(): { longest(): number; close(): void } {
  let longest = 0
  let before = 0
  let due = performance.now() + EVERY
  let turn = due + WINDOW
  const timer = setInterval(() => {
    const now = performance.now()
    longest = Math.max(longest, now - due)
    due = now + EVERY
    if (now < turn) return
    turn = now + WINDOW
    before = longest
    longest = 0
  }, EVERY)
  timer.unref()
  return { longest: () => Math.max(longest, before) / 1000, close: () => clearInterval(timer) }
}
