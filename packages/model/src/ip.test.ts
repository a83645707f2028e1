import { SocketAddress } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inSubnet, networkOf, normalIp } from './ip.ts'

describe('addresses', () => {
  it('are printed as Node prints them, however they are written', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(0, 0, 1, 0xabc, 0xffff), { minLength: 8, maxLength: 8 }), (groups) => {
        const long = groups.map((g) => g.toString(16).padStart(4, '0').toUpperCase()).join(':')
        expect(normalIp(long)).toBe(new SocketAddress({ address: long, family: 'ipv6' }).address)
        const short = normalIp(long) ?? ''
        expect(normalIp(short)).toBe(short)
      }),
    )
    expect(normalIp('::ffff:10.0.0.1')).toBe('::ffff:10.0.0.1')
  })
  it('that are none give undefined', () => {
    for (const text of [
      '',
      '1.2.3',
      '1.2.3.256',
      '1.2.3.4.5',
      '1.2.3.x',
      ':',
      ':::',
      '1::2::3',
      'g::',
      '1:2:3:4:5:6:7',
      '1::2:3:4:5:6:7:8',
    ]) {
      expect(normalIp(text), text).toBeUndefined()
    }
  })
  it('lie in subnets', () => {
    expect(networkOf('192.168.17.5', 20)).toBe('192.168.16.0')
    expect(networkOf('2001:db8::1:2', 64)).toBe('2001:db8::')
    expect(networkOf('10.1.2.3', 0)).toBe('0.0.0.0')
    expect(networkOf('10.1.2.3', 33)).toBeUndefined()
    expect(inSubnet('10.0.1.9', '10.0.0.1', 23)).toBe(true)
    expect(inSubnet('10.0.2.9', '10.0.0.1', 23)).toBe(false)
    expect(inSubnet('::1', '10.0.0.1', 0)).toBe(false)
  })
})
