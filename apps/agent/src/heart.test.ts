import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { watchHeart } from './heart.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

it('calls a process hung that does not answer for half a minute, once', () => {
  const hung = vi.fn()
  const ask = vi.fn()
  watchHeart(ask, hung, 10_000)
  vi.advanceTimersByTime(39_000)
  expect(hung).not.toHaveBeenCalled()
  vi.advanceTimersByTime(100_000)
  expect(hung).toHaveBeenCalledOnce()
  expect(ask).toHaveBeenCalledTimes(3)
})

it('leaves one alone that answers, however late, and one that was let go', () => {
  const hung = vi.fn()
  const heart = watchHeart(() => undefined, hung, 10_000)
  for (let i = 0; i < 20; i++) {
    vi.advanceTimersByTime(29_000)
    heart.beat()
  }
  heart.close()
  vi.advanceTimersByTime(100_000)
  expect(hung).not.toHaveBeenCalled()
})
