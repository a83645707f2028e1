import type { LinkCounters } from '@hopscope/model'
import { describe, expect, it } from 'vitest'
import { bytesText, ratesOf, ruleRate } from './rates.ts'

const counters = (rxBytes: number): LinkCounters => ({
  rxBytes,
  rxPackets: 0,
  rxErrors: 0,
  rxDropped: 0,
  rxOverruns: 0,
  multicast: 0,
  txBytes: 0,
  txPackets: 0,
  txErrors: 0,
  txDropped: 0,
  txOverruns: 0,
  collisions: 0,
})

describe('rates', () => {
  const at = (now: number, before: number) => ({
    at: 3_000,
    values: { a: counters(now) },
    previous: { at: 1_000, values: { a: counters(before) } },
  })
  it('are per second between two samples', () => expect(ratesOf(at(5_000, 1_000), 'a')?.rxBytes).toBe(2_000))
  it('are unknown before the second sample, for another link, and after a counter started anew', () => {
    expect(ratesOf({ at: 1, values: { a: counters(1) } }, 'a')).toBeUndefined()
    expect(ratesOf(at(2, 1), 'b')).toBeUndefined()
    expect(ratesOf(at(1, 2), 'a')).toBeUndefined()
    expect(ratesOf(undefined, 'a')).toBeUndefined()
  })
  it('of rules count packets', () => {
    const sampled = {
      at: 2_000,
      values: { r: { packets: 30, bytes: 0 } },
      previous: { at: 0, values: { r: { packets: 10, bytes: 0 } } },
    }
    expect(ruleRate(sampled, 'r')).toBe(10)
  })
  it('are written with a unit that fits', () => {
    expect(bytesText(0, 'en')).toBe('0 byte')
    expect(bytesText(1_500, 'en', true)).toBe('1.5 kB/s')
    expect(bytesText(250_000_000, 'en')).toBe('250 MB')
  })
})
