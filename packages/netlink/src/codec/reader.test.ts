import { describe, expect, it } from 'vitest'
import { fieldDecoder } from './fields.ts'
import { Reader } from './reader.ts'
import { attribute, cString, encodeMessage, i32, nested, u32 } from './writer.ts'

const attributesOf = (bytes: Buffer) => {
  const reader = new Reader(bytes)
  const found: [number, string][] = []
  reader.attributes(0, bytes.length, (type, start, end) => found.push([type, reader.hex(start, end)]))
  return { found, tally: reader.tally }
}

describe('reader and writer', () => {
  it('reads what was written, without flags and padding', () => {
    const bytes = Buffer.concat([
      attribute(3, cString('eth0')),
      nested(18, attribute(1, u32(7))),
      attribute(2, i32(-1)),
    ])
    expect(attributesOf(bytes)).toEqual({
      found: [
        [3, '6574683000'],
        [18, '0800010007000000'],
        [2, 'ffffffff'],
      ],
      tally: { truncated: 0, unknown: 0 },
    })
  })

  it('stops at a length that is impossible, and counts it', () => {
    const short = attribute(1, u32(1))
    short.writeUInt16LE(3, 0)
    expect(attributesOf(Buffer.concat([attribute(9, u32(2)), short]))).toEqual({
      found: [[9, '02000000']],
      tally: { truncated: 1, unknown: 0 },
    })
    const long = attribute(1, u32(1))
    long.writeUInt16LE(9, 0)
    expect(attributesOf(long)).toEqual({ found: [], tally: { truncated: 1, unknown: 0 } })
  })

  it('walks messages and reports a cut one', () => {
    const bytes = Buffer.concat([encodeMessage(16, 2, u32(5)), encodeMessage(20, 0, u32(6))])
    const types: number[] = []
    const reader = new Reader(bytes)
    reader.messages(0, bytes.length - 1, (message) => types.push(message.type))
    expect(types).toEqual([16])
    expect(reader.tally.truncated).toBe(1)
  })

  it('gives undefined for a value that is too short', () => {
    const reader = new Reader(Buffer.from([1, 2, 3]))
    expect([reader.u8(0, 1), reader.u16(0, 1), reader.u32(0, 3), reader.u64(0, 3), reader.ip(0, 3)]).toEqual([
      1,
      undefined,
      undefined,
      undefined,
      undefined,
    ])
    expect(reader.tally.truncated).toBe(4)
  })

  it('reads counters beyond 32 bits in both byte orders', () => {
    const bytes = Buffer.alloc(16)
    bytes.writeBigUInt64LE(0x1_2345_6789_abn, 0)
    bytes.writeBigUInt64BE(0x1_2345_6789_abn, 8)
    const reader = new Reader(bytes)
    expect([reader.u64(0, 8), reader.u64BE(8, 16)]).toEqual([0x1_2345_6789_ab, 0x1_2345_6789_ab])
  })

  it('ends a string at its first NUL or at its end', () => {
    const reader = new Reader(Buffer.from('网桥\0rest'))
    expect(reader.text(0, 11)).toBe('网桥')
    expect(reader.text(0, 6)).toBe('网桥')
  })
})

describe('field tables', () => {
  const decode = fieldDecoder({ 1: ['id', 'u32'], 2: ['name', 'text'], 3: ['flag', 'present'], 4: ['other', 'skip'] })

  it('name, skip and count', () => {
    const bytes = Buffer.concat([
      attribute(1, u32(9)),
      attribute(3, Buffer.alloc(0)),
      attribute(4, u32(1)),
      attribute(77, u32(1)),
    ])
    const reader = new Reader(bytes)
    expect(decode(reader, 0, bytes.length)).toEqual({ id: 9, flag: true })
    expect(reader.tally).toEqual({ truncated: 0, unknown: 1 })
  })

  it('leave out what is too short', () => {
    const bytes = Buffer.concat([attribute(1, Buffer.from([1])), attribute(2, cString('x'))])
    const reader = new Reader(bytes)
    expect(decode(reader, 0, bytes.length)).toEqual({ name: 'x' })
    expect(reader.tally).toEqual({ truncated: 1, unknown: 0 })
  })
})
