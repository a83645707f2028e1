/** A process that has not answered this often, this far apart, hangs. */
const EVERY = 10_000
const MOST_MISSED = 3

/**
 * Asks another process now and then whether it runs, and calls `onHang` once when it said nothing for half a minute. Questions
 * are counted, not seconds: a machine that slept makes nobody hang.
 */
export function watchHeart(ask: () => void, onHang: () => void, every = EVERY): { beat(): void; close(): void } {
  let missed = 0
  const timer = setInterval(() => {
    if (missed >= MOST_MISSED) {
      clearInterval(timer)
      onHang()
      return
    }
    missed++
    ask()
  }, every)
  timer.unref()
  return {
    beat() {
      missed = 0
    },
    close: () => clearInterval(timer),
  }
}
