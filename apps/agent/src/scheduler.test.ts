import { expect, it } from 'vitest'
import { systemScheduler } from './scheduler.ts'

const STEPS = 200

it('does not sleep before what is due at once', async () => {
  let steps = 0
  await new Promise<void>((resolve) => {
    // Sleeping, the process would be woken by this timer, or by whatever else happens in it, for one step at a time.
    const enough = setTimeout(resolve, 2_000)
    const step = () => {
      if (++steps < STEPS) systemScheduler.after(0, step)
      else {
        clearTimeout(enough)
        resolve()
      }
    }
    systemScheduler.after(0, step)
  })
  expect(steps).toBe(STEPS)
})

it('does not run what was taken back', async () => {
  let ran = false
  systemScheduler.after(0, () => {
    ran = true
  })()
  await new Promise((resolve) => setImmediate(resolve))
  expect(ran).toBe(false)
})
