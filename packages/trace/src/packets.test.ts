import { describe, expect, it } from 'vitest'
import { ourChain, TRACE_TABLE, type TraceEvent } from './events.ts'
import { readHeaders } from './headers.ts'
import { createPacketizer, type TracedPacket } from './packets.ts'
import { headOf, pcapFile } from './pcap.ts'

const PING = { l3: '4500005479ce40004001a8b7ac110003ac110002', l4: '080034120007000162d2' }
const event = (more: Partial<TraceEvent>): TraceEvent => ({
  ...{ netns: 'ns:1', at: 0, id: 7, family: 'ip', table: 'filter', chain: 'FORWARD', type: 'rule', handle: 3 },
  ...more,
})
const start = (more: Partial<TraceEvent> = {}): TraceEvent =>
  event({ table: TRACE_TABLE, chain: ourChain('start', 'prerouting'), verdict: 'continue', iif: 2, ...PING, ...more })

function packetsOf(events: readonly TraceEvent[], most?: number): TracedPacket[] {
  const packets: TracedPacket[] = []
  const packetizer = createPacketizer({ onPacket: (p) => packets.push(p), ...(most !== undefined && { most }) })
  for (const one of events) packetizer.push(one)
  packetizer.flush(Number.POSITIVE_INFINITY)
  return packets
}
const short = ({ id, started, partial, events }: TracedPacket) => ({ id, started, partial, events: events.length })

describe('packets', () => {
  it('are all events of one id in one namespace', () => {
    const events = [start(), event({}), start({ netns: 'ns:2' }), event({ type: 'policy', policy: 'drop' })]
    expect(packetsOf(events).map((one) => [one.netns, ...Object.values(short(one))])).toEqual([
      ['ns:1', 7, true, false, 3],
      ['ns:2', 7, true, false, 1],
    ])
  })

  it('are two when headers of the same base chain come again under an id', () => {
    const packets = packetsOf([start(), event({ ...PING }), start({ at: 5 }), event({ ...PING })])
    expect(packets.map(short)).toEqual(Array(2).fill({ id: 7, started: true, partial: false, events: 2 }))
    expect(packets[1]).toMatchObject({ first: 3, last: 4, at: 5 })
  })

  it('without their start say so', () => {
    expect(packetsOf([event({ ...PING })]).map(short)).toEqual([{ id: 7, started: false, partial: false, events: 1 }])
  })

  it('that were under way when messages were lost, or begin before all is calm, are partial', () => {
    const packets: TracedPacket[] = []
    const packetizer = createPacketizer({ onPacket: (p) => packets.push(p) })
    packetizer.push(start())
    packetizer.lost()
    packetizer.push(start({ id: 8 }))
    packetizer.calm()
    packetizer.push(start({ id: 9 }))
    packetizer.flush(packetizer.last)
    expect(packets.map(({ id, partial }) => [id, partial])).toEqual([
      [7, true],
      [8, true],
      [9, false],
    ])
  })

  it('are bounded in number and length', () => {
    const flood = Array.from({ length: 5 }, (_, id) => start({ id }))
    expect(packetsOf(flood, 2).map(({ id, partial }) => [id, partial])).toEqual([
      [0, true],
      [1, true],
      [2, true],
      [3, false],
      [4, false],
    ])
    const [long] = packetsOf([start(), ...Array.from({ length: 3000 }, () => event({}))])
    expect([long?.events.length, long?.partial]).toEqual([2000, true])
  })
})

describe('headers', () => {
  it('of a ping', () => {
    expect(readHeaders(start())).toEqual({
      flow: {
        ...{ family: 'inet', protocol: 'icmp', src: '172.17.0.3', dst: '172.17.0.2' },
        ...{ icmpType: 8, icmpCode: 0, icmpId: 7 },
      },
      ttl: 64,
      length: 84,
      ipId: 0x79ce,
      icmpSeq: 1,
    })
  })

  it('that are cut are none', () => {
    for (let length = 0; length < 40; length += 2) expect(readHeaders({ l3: PING.l3.slice(0, length) })).toBeUndefined()
  })
})

describe('a pcap file', () => {
  it('has the headers of each packet, and its length', () => {
    const file = Buffer.from(
      pcapFile(
        packetsOf([start({ at: 1.5 })]).flatMap((packet) => headOf(packet) ?? []),
        1_700_000_000_000,
      ),
    )
    expect(file.toString('hex', 0, 4)).toBe('d4c3b2a1')
    expect([file.readUInt32LE(20), file.readUInt32LE(24), file.readUInt32LE(28)]).toEqual([101, 1_700_000_000, 1500])
    expect([file.readUInt32LE(32), file.readUInt32LE(36)]).toEqual([30, 84])
    expect(file.toString('hex', 40)).toBe(PING.l3 + PING.l4)
  })
})
