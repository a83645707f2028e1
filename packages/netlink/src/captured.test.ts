import { describe, expect, it } from 'vitest'
import { type CapturedMessage, capturedMessages, decodeBytes } from '../test/captured.ts'
import { DECODERS, HEADER } from '../test/decoders.ts'
import { Reader } from './codec/reader.ts'

const captured = capturedMessages()
const MUTATIONS = 30_000

describe('captured messages', () => {
  it('covers every table', () => {
    const names = new Set<string>(captured.map((message) => message.name))
    const alone = ['bridgePorts', 'nftGeneration'] // these two occur among the events
    expect(Object.keys(DECODERS).filter((name) => !names.has(name))).toEqual(alone)
    expect(captured.length).toBeGreaterThan(100)
  })

  it.each([...new Set(captured.map((message) => message.name))])('%s mean what they meant when recorded', (name) => {
    for (const message of captured.filter((one) => one.name === name)) {
      const { record, reader } = decodeBytes(message, message.bytes)
      expect(JSON.parse(JSON.stringify(record))).toEqual(message.expected)
      expect(reader.tally).toEqual({ truncated: 0, unknown: 0 })
    }
  })

  it('cut at every length say so, unless the cut falls between two attributes', () => {
    let cuts = 0
    for (const message of captured) {
      const whole = wholeLengths(message)
      for (let length = 0; length < message.bytes.length; length++) {
        // Copied, so that a read beyond the cut throws instead of seeing the rest.
        const { reader } = decodeBytes(message, Buffer.from(message.bytes.subarray(0, length)))
        const silent = reader.tally.truncated === 0
        if (silent !== whole.has(length)) {
          throw new Error(
            `${message.name} cut at ${length} of ${message.bytes.length}: truncated ${reader.tally.truncated}`,
          )
        }
        cuts++
      }
    }
    expect(cuts).toBeGreaterThan(20_000)
  })

  it(`survive ${MUTATIONS} seeded mutations without a crash, and count what they lose`, () => {
    const random = mulberry32(20_260_729)
    const total = { truncated: 0, unknown: 0 }
    for (let round = 0; round < MUTATIONS; round++) {
      const message = captured[Math.floor(random() * captured.length)]
      if (message === undefined) throw new Error('nothing was captured')
      const { reader } = decodeBytes(message, mutated(message.bytes, random))
      total.truncated += reader.tally.truncated
      total.unknown += reader.tally.unknown
    }
    expect(total.truncated).toBeGreaterThan(MUTATIONS / 10)
    expect(total.unknown).toBeGreaterThan(MUTATIONS / 100)
  })

  it('are not found in pure noise, which ends', () => {
    const random = mulberry32(7)
    for (let round = 0; round < 10_000; round++) {
      const bytes = Buffer.from(Array.from({ length: Math.floor(random() * 200) }, () => Math.floor(random() * 256)))
      // Half of them with a length that fits, or the noise would hardly ever get past the header.
      if (bytes.length >= 16 && round % 2 === 0) bytes.writeUInt32LE(bytes.length, 0)
      const reader = new Reader(bytes)
      let messages = 0
      reader.messages(0, bytes.length, (message) => {
        messages++
        for (const decode of Object.values(DECODERS)) decode(reader, message)
      })
      expect(messages).toBeLessThan(14)
      if (messages === 0 && bytes.length > 0) expect(reader.tally.truncated).toBeGreaterThan(0)
    }
  })
})

/** The lengths at which the payload still ends with a whole attribute (or its padding). */
function wholeLengths({ name, type, bytes }: CapturedMessage): Set<number> {
  const header = name === 'routeEvents' ? eventHeader(type, bytes) : name === 'netfilterEvents' ? 4 : HEADER[name]
  const lengths = new Set([header])
  let at = header
  while (at + 4 <= bytes.length) {
    const end = at + bytes.readUInt16LE(at)
    at = (end + 3) & ~3
    for (let length = end; length <= at; length++) lengths.add(length)
  }
  return lengths
}

function eventHeader(type: number, bytes: Buffer): number {
  const byGroup: Record<number, number> = { 16: 16, 20: 8, 24: 12, 28: 12, 32: 12, 80: 4, 88: 4 }
  const header = byGroup[type & ~3]
  if (header === undefined || bytes.length < header) throw new Error(`no header length for message type ${type}`)
  return header
}

/** One to eight bytes changed, preferring small values (lengths, types), and now and then cut short. */
function mutated(bytes: Buffer, random: () => number): Buffer {
  const copy = Buffer.from(bytes)
  for (let changes = 1 + Math.floor(random() * 8); changes > 0; changes--) {
    const at = Math.floor(random() * copy.length)
    copy[at] = random() < 0.5 ? Math.floor(random() * 24) : Math.floor(random() * 256)
  }
  return random() < 0.2 ? Buffer.from(copy.subarray(0, Math.floor(random() * copy.length))) : copy
}

function mulberry32(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let value = Math.imul(state ^ (state >>> 15), 1 | state)
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value
    return ((value ^ (value >>> 14)) >>> 0) / 4_294_967_296
  }
}
