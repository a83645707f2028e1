// Preloaded into a program that is measured: appends the longest turn of its event loop, in milliseconds, ten times a second.
import { appendFileSync } from 'node:fs'
import { PerformanceObserver } from 'node:perf_hooks'

const file = `${process.env.HOPSCOPE_TURNS}/${process.pid}`

function watch() {
  loaded.disconnect()
  let longest = 0
  let at = performance.now()
  let used = process.cpuUsage()
  // A timer that is always due runs in every turn. What passes without the process at work is the machine's, not ours.
  setInterval(() => {
    const { user, system } = process.cpuUsage(used)
    longest = Math.max(longest, Math.min(performance.now() - at, (user + system) / 1000))
    at = performance.now()
    used = process.cpuUsage()
  }, 1).unref()
  setInterval(() => {
    appendFileSync(file, `${Date.now()} ${longest.toFixed(1)} ${process.argv[1]} ${process.argv[2] ?? ''}\n`)
    longest = 0
  }, 100).unref()
}
// Loading a program is one long turn, before it does anything. Agent and hub say when they are loaded.
const loaded = new PerformanceObserver(watch)
loaded.observe({ type: 'mark' })
