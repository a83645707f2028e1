import type { LinkCounters } from '@hopscope/model'
import { describe, expect, it } from 'vitest'
import { rateOf, rateText } from './rates.ts'

const counters = (rxBytes: number, txBytes: number): LinkCounters => ({
  rxBytes,
  txBytes,
  rxPackets: 0,
  rxErrors: 0,
  rxDropped: 0,
  rxOverruns: 0,
  multicast: 0,
  txPackets: 0,
  txErrors: 0,
  txDropped: 0,
  txOverruns: 0,
  collisions: 0,
})
const sampled = (before: LinkCounters, now: LinkCounters) => ({
  at: 3000,
  values: { l: now },
  previous: { at: 1000, values: { l: before } },
})

describe('rateOf', () => {
  it('is bytes per second between two samples', () => {
    expect(rateOf(sampled(counters(1000, 0), counters(5000, 100)), 'l')).toEqual({ rx: 2000, tx: 50 })
  })
  it('is unknown before a second sample, for another link, and when the counters began anew', () => {
    expect(rateOf({ at: 1, values: { l: counters(1, 1) } }, 'l')).toBeUndefined()
    expect(rateOf(sampled(counters(1, 1), counters(2, 2)), 'other')).toBeUndefined()
    expect(rateOf(sampled(counters(100, 1), counters(2, 2)), 'l')).toBeUndefined()
  })
})

describe('rateText', () => {
  it('has a unit that fits', () => {
    expect(rateText(0, 'en')).toBe('0B/s')
    expect(rateText(1234, 'en')).toBe('1.23kB/s')
    expect(rateText(98_700_000, 'en')).toBe('98.7MB/s')
    expect(rateText(5e13, 'en')).toContain('GB/s')
  })
})
