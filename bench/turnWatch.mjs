// Preloaded into a program that is measured: appends the longest delay of its event loop, in milliseconds, ten times a second.
import { appendFileSync } from 'node:fs'
import { monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks'

const RESOLUTION = 1
const file = `${process.env.HOPSCOPE_TURNS}/${process.pid}`
const histogram = monitorEventLoopDelay({ resolution: RESOLUTION })

function watch() {
  loaded.disconnect()
  histogram.enable()
  setInterval(() => {
    const longest = histogram.max / 1e6 - RESOLUTION
    histogram.reset()
    if (longest <= 0) return
    appendFileSync(file, `${Date.now()} ${longest.toFixed(1)} ${process.argv[1]} ${process.argv[2] ?? ''}\n`)
  }, 100).unref()
}
// Loading a program is one long turn, before it does anything. Agent and hub say when they are loaded.
const loaded = new PerformanceObserver(watch)
loaded.observe({ type: 'mark' })
