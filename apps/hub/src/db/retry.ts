import { setTimeout as wait } from 'node:timers/promises'

const FIRST_WAIT = 20
const LONGEST = 5000

/**
 * Tries again while another connection or process holds the database's lock, for five seconds. SQLite's own waiting would
 * stand in the way of everything else in this process: its calls are synchronous.
 */
export async function whileLocked<T>(work: () => Promise<T>, isLocked: (error: unknown) => boolean): Promise<T> {
  const deadline = performance.now() + LONGEST
  for (let pause = FIRST_WAIT; ; pause = Math.min(pause * 2, 500)) {
    try {
      return await work()
    } catch (error) {
      if (!isLocked(error) || performance.now() + pause > deadline) throw error
    }
    await wait(pause)
  }
}
