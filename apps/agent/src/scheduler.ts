import type { Clock, Scheduler } from './observe/contract.ts'

export const systemClock: Clock = {
  now: Date.now,
  steady: () => Math.round(performance.timeOrigin + performance.now()),
}

/**
 * Timers that let the process end while they wait. What comes again and again is due at multiples of its period, so that all
 * of it wakes the process together: waking up costs more than most of what is done then.
 */
export const systemScheduler: Scheduler = {
  after(milliseconds, act) {
    if (milliseconds <= 0) return enqueue(act)
    const timer = setTimeout(act, milliseconds)
    timer.unref()
    return () => clearTimeout(timer)
  },
  every(milliseconds, act) {
    const task: Task = { milliseconds, act, due: nextDue(milliseconds) }
    tasks.add(task)
    arm()
    return () => {
      tasks.delete(task)
      arm()
    }
  },
}

/**
 * What is due, in its order. Many parts work in slices of a turn of the event loop: all of them together get as much of each
 * turn as one of them would alone.
 */
const queue = new Set<{ act: () => void }>()
let isDue = false

function enqueue(act: () => void): () => void {
  const entry = { act }
  queue.add(entry)
  comeBack()
  return () => void queue.delete(entry)
}

/** Not unref'ed: Node would go to sleep before it, until something else wakes the process. It keeps the process for one turn only. */
function comeBack(): void {
  if (isDue) return
  isDue = true
  setImmediate(runQueue)
}

function runQueue(): void {
  const began = performance.now()
  const due = [...queue]
  try {
    for (const entry of due) {
      // Taken back by one before it.
      if (!queue.delete(entry)) continue
      entry.act()
      if (performance.now() - began > MOST_AT_ONCE) break
    }
  } finally {
    // What came meanwhile must not run in the same turn: it would never end.
    isDue = false
    if (queue.size > 0) comeBack()
  }
}

type Task = { milliseconds: number; act: () => void; due: number }

/** Milliseconds. What is due after so much work waits for the next turn of the event loop, so that nothing else waits for long. */
const MOST_AT_ONCE = 10
/** Timers may fire this much early. */
const EARLY = 2

const tasks = new Set<Task>()
let timer: NodeJS.Timeout | undefined
let armedFor = Number.POSITIVE_INFINITY

const nextDue = (period: number): number => (Math.floor((performance.now() + EARLY) / period) + 1) * period

function arm(): void {
  let first = Number.POSITIVE_INFINITY
  for (const { due } of tasks) first = Math.min(first, due)
  if (first === armedFor) return
  clearTimeout(timer)
  armedFor = first
  if (tasks.size > 0) timer = setTimeout(runDue, Math.max(0, first - performance.now())).unref()
}

function runDue(): void {
  const began = performance.now()
  armedFor = Number.POSITIVE_INFINITY
  try {
    for (const task of tasks) {
      const now = performance.now()
      if (task.due > now + EARLY) continue
      if (now - began > MOST_AT_ONCE) break
      task.due = nextDue(task.milliseconds)
      task.act()
    }
  } finally {
    // What is overdue runs at once, after whatever else waits.
    arm()
  }
}
