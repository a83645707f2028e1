import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemScheduler } from '../scheduler.ts'
import { CALM, createRecovery, LONG_CALM, STORM } from './recovery.ts'

describe('after losses', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
  afterEach(() => void vi.useRealTimers())

  /** Loses something every `every` milliseconds. */
  const storm = (lost: () => void, length: number, every: number) => {
    for (let at = 0; at < length; at += every) {
      lost()
      vi.advanceTimersByTime(every)
    }
  }

  it('everything is read once, when the storm is over', () => {
    const times: number[] = []
    const began = performance.now()
    const recovery = createRecovery(systemScheduler, () => times.push(performance.now() - began))
    storm(recovery.lost, 3_000, 10)
    expect(recovery.pending()).toBe(true)
    expect(times).toEqual([])
    vi.advanceTimersByTime(20_000)
    expect(times).toEqual([2_990 + CALM])
    expect(recovery.pending()).toBe(false)
  })

  it('what still comes is waited for, as it belongs to the same storm', () => {
    const recovery = createRecovery(systemScheduler, () => undefined)
    storm(recovery.lost, 100, 10)
    storm(recovery.heard, 5_000, 10)
    expect(recovery.count()).toBe(0)
    vi.advanceTimersByTime(CALM)
    expect(recovery.count()).toBe(1)
    storm(recovery.heard, 20_000, 10)
    expect(recovery.count()).toBe(1)
  })

  it('a storm without end is not waited for, nor read in more than once in ten seconds', () => {
    const redump = vi.fn()
    const recovery = createRecovery(systemScheduler, redump)
    storm(recovery.lost, 60_000, 100)
    vi.advanceTimersByTime(LONG_CALM)
    expect(recovery.count()).toBe(60_000 / STORM)
    expect(redump).toHaveBeenCalledTimes(recovery.count())
  })

  it('the next storm is over a little later, and right within two seconds all the same', () => {
    const recovery = createRecovery(systemScheduler, () => undefined)
    storm(recovery.lost, 500, 50)
    vi.advanceTimersByTime(CALM)
    expect(recovery.count()).toBe(1)
    for (let n = 0; n < 10; n++) storm(recovery.lost, 1_000, 1_000) // a loss every second
    vi.advanceTimersByTime(LONG_CALM)
    expect(recovery.count()).toBe(2)
    recovery.lost()
    recovery.close()
    vi.advanceTimersByTime(20_000)
    expect(recovery.count()).toBe(2)
  })
})
