// Keeps one of our long-running processes up: starts it again when it ends by itself or hangs, and stops it when asked.
import { spawn } from 'node:child_process'
import { once } from 'node:events'

const PAUSE = { first: 500, longest: 10_000 }
const MOST_FAILURES = 5
const WITHIN = 60_000
const STOP_LIMIT = 4_500

/**
 * Runs `node ARGV` until `stop`. When it ends by itself it is started again, a little later each time; after five failures in a
 * minute, or when `isFinal` says that another try is useless, `giveUp` is called instead. It is asked every `watchdog / 3`
 * seconds whether it runs, and killed when it did not answer three times: questions are counted, not seconds, because a machine
 * that slept makes nobody hang. `env` is read at every start. `say` gets each reason, as one line.
 */
export function keepRunning({ name, argv, cwd, env, stdout, watchdog, onStart, isFinal, giveUp, say }) {
  const failures = []
  let child
  let again
  let stopping = false

  function start() {
    // A group of its own: Ctrl-C in a terminal reaches only the one who started it, who ends the parts in order.
    child = spawn(process.execPath, argv, {
      cwd,
      env: env(),
      stdio: ['ignore', stdout, 'inherit', 'ipc'],
      detached: true,
    })
    const own = child
    const heart = watchHeart(own, watchdog, () => {
      say(`The ${name} has not answered for ${watchdog} s: its event loop hangs. Ending it.`)
      own.kill('SIGKILL')
    })
    let over = false
    const ended = (reason, code) => {
      if (over) return
      over = true
      heart.close()
      if (!stopping) failed(reason, code)
    }
    own.once('error', (error) => ended(error.message))
    own.once('exit', (code, signal) => ended(signal ?? `exit code ${code}`, code))
    onStart?.(own)
  }

  function failed(reason, code) {
    const now = performance.now()
    failures.push(now)
    while (now - failures[0] > WITHIN) failures.shift()
    if (isFinal?.(code)) return giveUp(`The ${name} ended (${reason}).`)
    if (failures.length >= MOST_FAILURES)
      return giveUp(`The ${name} ended (${reason}), ${failures.length} times within a minute. Giving up.`)
    const pause = Math.min(PAUSE.first * 2 ** (failures.length - 1), PAUSE.longest)
    say(`The ${name} ended (${reason}). Starting it again in ${pause / 1000} s.`)
    again = setTimeout(start, pause)
  }

  start()
  return {
    get pid() {
      return child.pid
    },
    /** Ends it by SIGTERM, and after some seconds for good. */
    async stop() {
      stopping = true
      clearTimeout(again)
      if (hasEnded(child)) return
      const exit = once(child, 'exit')
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT)
      child.kill('SIGTERM')
      await exit
      clearTimeout(timer)
    },
    /** Ends it now. */
    kill() {
      stopping = true
      clearTimeout(again)
      child.kill('SIGKILL')
    },
  }
}

const hasEnded = (child) => child.pid === undefined || child.exitCode !== null || child.signalCode !== null

function watchHeart(child, watchdog, onHang) {
  if (!(watchdog > 0)) return { close() {} }
  let missed = 0
  child.on('message', () => {
    missed = 0
  })
  const timer = setInterval(
    () => {
      if (missed >= 3) {
        clearInterval(timer)
        return onHang()
      }
      missed++
      // One that has just ended cannot be asked any more; its `exit` says so.
      if (child.connected) child.send('ping', () => undefined)
    },
    (watchdog * 1000) / 3,
  )
  return { close: () => clearInterval(timer) }
}
