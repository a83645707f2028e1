import { Gauge, Histogram, type Registry } from 'prom-client'

/** Often enough to meet what blocks the process for long, and rare enough to cost nothing. */
const EVERY = 2_500
/** The longest delay is told of the last one to two of these. */
const WINDOW = 30_000

/**
 * Measures how late a timer gets its turn. Every 2.5 seconds, instead of the hundred times a second of Node's own histogram: an
 * idle hub stays idle. Returns what ends it.
 */
export function measureEventLoop(registry: Registry, prefix: string): () => void {
  const delays = new Histogram({
    name: `${prefix}_event_loop_delay_seconds`,
    help: 'Time that a timer had to wait for its turn, sampled every 2.5 seconds.',
    buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
    registers: [registry],
  })
  let longest = 0
  let before = 0
  new Gauge({
    name: `${prefix}_event_loop_delay_max_seconds`,
    help: 'Longest time in the last minute that a timer had to wait for its turn.',
    registers: [registry],
    collect() {
      this.set(Math.max(longest, before) / 1000)
    },
  })
  let due = performance.now() + EVERY
  let turn = due + WINDOW
  const timer = setInterval(() => {
    const now = performance.now()
    const late = Math.max(0, now - due)
    delays.observe(late / 1000)
    longest = Math.max(longest, late)
    due = now + EVERY
    if (now < turn) return
    turn = now + WINDOW
    before = longest
    longest = 0
  }, EVERY)
  timer.unref()
  return () => clearInterval(timer)
}
