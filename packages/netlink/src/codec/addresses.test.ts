import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatIp, formatMac, parseIp, parseMac } from './addresses.ts'

const ipv6 = (text: string) => formatIp(parseIp(text), 0, 16)

describe('IP addresses as iproute2 prints them', () => {
  it.each([
    ['::', '::'],
    ['::1', '::1'],
    ['2001:0db8:0000:0000:0001:0000:0000:0001', '2001:db8::1:0:0:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['fe80:0:0:0:0:0:0:0', 'fe80::'],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.1'],
    ['::10.1.2.3', '::10.1.2.3'],
    ['::ffff:0:0', '::ffff:0.0.0.0'],
    ['64:ff9b::192.0.2.1', '64:ff9b::c000:201'],
    ['0:0:0:0:1::', '::1:0:0:0'],
  ])('%s → %s', (given, printed) => {
    expect(ipv6(given)).toBe(printed)
  })

  it('IPv4, and nothing else of another length', () => {
    expect(formatIp(Buffer.from([9, 10, 0, 255, 1]), 1, 5)).toBe('10.0.255.1')
    expect(formatIp(Buffer.alloc(8), 0, 8)).toBeUndefined()
  })

  it('parses what it formats', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
        expect([...parseIp(formatIp(bytes, 0, 16) ?? '')]).toEqual([...bytes])
      }),
      { seed: 1, numRuns: 2000 },
    )
  })

  it.each(['10.0.0', '10.0.0.256', ':::', '1::2::3', '1:2:3', 'g::', '1:2:3:4:5:6:7:8::', ''])('refuses %s', (text) => {
    expect(() => parseIp(text), inspect(text)).toThrow(RangeError)
  })
})

describe('link-layer addresses', () => {
  it('formats any length', () => {
    expect(formatMac(Buffer.from('02420a0000ff', 'hex'), 0, 6)).toBe('02:42:0a:00:00:ff')
    expect(formatMac(Buffer.alloc(0), 0, 0)).toBe('')
  })

  it('parses what it formats and refuses the rest', () => {
    expect(parseMac('02:42:0a:00:00:ff').toString('hex')).toBe('02420a0000ff')
    expect(() => parseMac('02:42:zz')).toThrow(RangeError)
  })
})
