import type { Flow } from '@hopscope/model'
import { recordedHost } from '@hopscope/testkit/recorded'
import { describe, expect, it } from 'vitest'
import { alternativesOf } from './filter.ts'
import { matches } from './matches.ts'
import { parseFilter } from './parse.ts'
import { widen } from './widen.ts'

const read = (text: string) => {
  const parsed = parseFilter(text)
  const alternatives = parsed.ok ? alternativesOf(parsed.filter) : undefined
  if (alternatives === undefined) throw new Error(text)
  return alternatives
}
const flow: Flow = { family: 'inet', protocol: 'tcp', src: '10.0.0.1', dst: '172.17.0.2', sport: 4000, dport: 80 }
const ping: Flow = { family: 'inet', protocol: 'icmp', src: '10.0.0.1', dst: '10.0.0.2', icmpType: 8 }

describe('whether a packet is meant', () => {
  it.each<[string, boolean, boolean]>([
    ['', true, true],
    ['tcp dst port 80', true, false],
    ['not port 80', false, true],
    ['icmp type echo-request', false, true],
    ['src net 10.0.0.0/8', true, true],
    ['dst host 172.17.0.2 and not udp', true, false],
    ['ip6', false, false],
    ['portrange 79-81', true, false],
  ])('%s', (text, asked, pinged) => {
    expect([matches(read(text), flow), matches(read(text), ping)]).toEqual([asked, pinged])
  })
})

describe('a published port', () => {
  const host = recordedHost(46)
  const [container] = Object.values(host.records.container).filter(({ ports }) => ports.length > 0)
  const [port] = container?.ports ?? []
  const address = container?.attachments[0]?.ip

  it('is followed to the container that answers at it, for the protocol alone that it is published for', () => {
    if (port === undefined || address === undefined) throw new Error('no container of that host has a published port')
    const there: Flow = { ...flow, dst: address, dport: port.containerPort, protocol: port.protocol }
    const filter = read(`${port.protocol} dst port ${port.hostPort} and dst host 192.168.66.11`)
    expect(matches(filter, there)).toBe(false)
    expect(matches(widen(filter, host), there)).toBe(true)
    const other = port.protocol === 'tcp' ? 'udp' : 'tcp'
    expect(matches(widen(read(`${other} dst port ${port.hostPort}`), host), { ...there, protocol: other })).toBe(false)
    expect(widen(read('icmp'), host)).toEqual(read('icmp'))
  })
})
