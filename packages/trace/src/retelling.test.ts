import { recordedHost } from '@hopscope/testkit/recorded'
import { describe, expect, it } from 'vitest'
import { ourChain, TRACE_TABLE, type TraceEvent } from './events.ts'
import { factsOf } from './facts.ts'
import { createPacketizer, type TracedPacket } from './packets.ts'
import { createRetelling } from './retelling.ts'
import { tellStory } from './story.ts'
import { joinPackets, type Travel } from './travels.ts'

const host = recordedHost(46)
const netns = host.host.rootNetns
const IP = { start: '45000054', id: '79ce', rest: '40004001', checksum: 'a8b7', addresses: 'ac110003ac110002' }
const l3 = (more: Partial<typeof IP> = {}) => Object.values({ ...IP, ...more }).join('')
const PING = { l2: '0242ac1100020242ac1100030800', l3: l3(), l4: '080034120007000162d2' }
const TCP = { l3: l3({ rest: '40004006' }), l4: '01bb01bb0000000100000001801001f612340000' }

/** A packet that comes in, meets a rule, and is forwarded; `more` changes what is told of the rule, or of all. */
function travel(more: Partial<TraceEvent> = {}, all: Partial<TraceEvent> = PING): Travel {
  const event = (table: string, chain: string, one: Partial<TraceEvent> = {}): TraceEvent => ({
    ...{ netns, at: 3, id: 7, family: 'ip', table, chain, type: 'rule', handle: 3, verdict: 'accept', iif: 2 },
    ...{ ct: { id: 5, state: 2 }, ...all, ...one },
  })
  const packets: TracedPacket[] = []
  const packetizer = createPacketizer({ onPacket: (packet) => packets.push(packet) })
  packetizer.push(event(TRACE_TABLE, ourChain('start', 'prerouting'), { verdict: 'continue' }))
  packetizer.push(event('filter', 'FORWARD', { oif: 3, ...more }))
  packetizer.push(event(TRACE_TABLE, ourChain('seen', 'postrouting'), { oif: 3 }))
  packetizer.flush(packetizer.last)
  const [one] = joinPackets(packets, factsOf(host))
  if (!one) throw new Error('a packet is a travel')
  return one
}

describe('a packet that fares like one before', () => {
  const ALIKE: [string, Partial<TraceEvent>, Partial<TraceEvent>][] = [
    ['later, under another id', PING, { ...PING, at: 9, id: 8 }],
    ['with another identifier of IP', PING, { ...PING, l3: l3({ id: '0001', checksum: '1234' }) }],
    ['with another number of its ping', PING, { ...PING, l4: '0800ffff0007000262d2' }],
    ['further on in its connection', TCP, { ...TCP, l4: '01bb01bb0000000200000003801001f7ffff0000' }],
  ]
  it.each(ALIKE)('has its way: %s', (_what, before, after) => {
    const retell = createRetelling()
    const first = retell(travel({}, before), host)
    const second = travel({}, after)
    const told = retell(second, host)
    expect(told.way).toBe(first.way)
    expect(told).toEqual(tellStory(second, host))
  })

  const OTHERS: [string, Partial<TraceEvent>, Partial<TraceEvent>?][] = [
    ['another rule', { handle: 4 }],
    ['another verdict', { verdict: 'drop' }],
    ['another chain', { chain: 'OTHER' }],
    ['another table', { table: 'other' }],
    ['another family', { family: 'ip6' }],
    ['the end of a chain', { type: 'policy', policy: 'accept' }],
    ['a jump', { verdict: 'jump', to: 'DOCKER' }],
    ['another link that it came by', { iif: 4 }],
    ['another link that it goes by', { oif: 4 }],
    ['a mark', { mark: 1 }],
    ['another connection', { ct: { id: 6, state: 2 } }],
    ['a new connection', { ct: { id: 5, state: 8 } }],
    ['a translated connection', { ct: { id: 5, state: 2, status: 16 } }],
    ['an answer', { ct: { id: 5, state: 2, reply: true } }],
    ['another time to live', { l3: l3({ rest: '40003f01' }) }],
    ['another address', {}, { ...PING, l3: l3({ addresses: 'ac110003ac110004' }) }],
    ['another length', {}, { ...PING, l3: l3({ start: '45000055' }) }],
    ['another MAC address', {}, { ...PING, l2: '0242ac1100040242ac1100030800' }],
    ['another kind of ping', {}, { ...PING, l4: '000034120007000162d2' }],
    ['another ping', {}, { ...PING, l4: '080034120008000162d2' }],
  ]
  it.each(OTHERS)('is not one that met %s', (_what, more, all) => {
    const retell = createRetelling()
    const first = retell(travel(), host)
    const other = travel(more, all)
    const told = retell(other, host)
    expect(told.way).not.toBe(first.way)
    expect(told).toEqual(tellStory(other, host))
  })

  it('is not one of which less is known, or of another state of the host', () => {
    const retell = createRetelling()
    const first = retell(travel(), host)
    expect(retell({ ...travel(), partial: true }, host).partial).toBe(true)
    expect(retell(travel(), { ...host }).way).not.toBe(first.way)
  })
})
