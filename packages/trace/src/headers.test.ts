import { describe, expect, it } from 'vitest'
import { readHeaders } from './headers.ts'

/** As nftables told them of a question and its answer on a bridge. */
const QUESTION = '000108000604000102420a00000a0a00000a0000000000000a00000b'
const ANSWER = '000108000604000202420a00000b0a00000b02420a00000a0a00000a'

describe('headers of ARP', () => {
  it('say who asks whom, and which MAC address is told', () => {
    const [asker, other] = ['10.0.0.10', '10.0.0.11']
    const common = { family: 'inet', protocol: 'arp' }
    expect(readHeaders({ l3: QUESTION })).toMatchObject({
      flow: { ...common, src: asker, dst: other, arpOperation: 1 },
      lladdr: '02:42:0a:00:00:0a',
    })
    expect(readHeaders({ l3: ANSWER })).toMatchObject({
      flow: { ...common, src: other, dst: asker, arpOperation: 2 },
      lladdr: '02:42:0a:00:00:0b',
    })
  })

  it('are none when they are cut, or of other addresses or operations', () => {
    for (let length = 0; length < QUESTION.length; length += 2)
      expect(readHeaders({ l3: QUESTION.slice(0, length) }), `${length / 2} bytes`).toBeUndefined()
    for (const other of [QUESTION.replace('0800', '86dd'), QUESTION.replace('0604', '0810')])
      expect(readHeaders({ l3: other })).toBeUndefined()
    expect(readHeaders({ l3: `${QUESTION.slice(0, 12)}0003${QUESTION.slice(16)}` })).toBeUndefined()
  })
})
