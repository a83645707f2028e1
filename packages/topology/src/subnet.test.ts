import { expect, it } from 'vitest'
import { subnetOf } from './subnet.ts'

it.each([
  ['192.168.1.77', 24, '192.168.1.0/24'],
  ['10.9.255.1', 12, '10.0.0.0/12'],
  ['172.17.0.1', 16, '172.17.0.0/16'],
  ['2001:db8:1:2::77', 64, '2001:db8:1:2::/64'],
  ['fd00::1', 8, 'fd00::/8'],
  ['10.0.0.1', 32, undefined],
  ['fe80::1', 64, undefined],
  ['169.254.3.4', 16, undefined],
  ['not an address', 24, undefined],
])('%s/%i lies in %s', (address, length, subnet) => {
  expect(subnetOf(address, length)).toBe(subnet)
})
