import { formatIp, formatMac } from './addresses.ts'

/** What a decoder could not use: `truncated` values that were cut or malformed, `unknown` attributes newer than this code. */
export type DecodeTally = { truncated: number; unknown: number }

/** One netlink message inside the reader's bytes: its header and where its payload starts and ends. */
export type Message = { type: number; flags: number; sequence: number; start: number; end: number }

const MESSAGE_HEADER = 16
const ATTRIBUTE_HEADER = 4
const ATTRIBUTE_TYPE = 0x3fff // without NLA_F_NESTED and NLA_F_NET_BYTEORDER

/**
 * Reads messages, attributes and values straight from a receive buffer without copying. Every value is bounded by the
 * attribute that holds it: one that is too short is `undefined` and counted in `tally.truncated`, never guessed.
 * Byte order is that of x86-64 and arm64 (little) unless a method's name ends in BE.
 */
export class Reader {
  bytes: Buffer
  readonly tally: DecodeTally

  constructor(bytes: Buffer, tally: DecodeTally = { truncated: 0, unknown: 0 }) {
    this.bytes = bytes
    this.tally = tally
  }

  /** Visits each message; the visited object is reused, so keep nothing of it. */
  messages(start: number, end: number, visit: (message: Message) => void): void {
    const message: Message = { type: 0, flags: 0, sequence: 0, start: 0, end: 0 }
    let at = start
    while (at + MESSAGE_HEADER <= end) {
      const length = this.bytes.readUInt32LE(at)
      if (length < MESSAGE_HEADER || length > end - at) break
      message.type = this.bytes.readUInt16LE(at + 4)
      message.flags = this.bytes.readUInt16LE(at + 6)
      message.sequence = this.bytes.readUInt32LE(at + 8)
      message.start = at + MESSAGE_HEADER
      message.end = at + length
      visit(message)
      at += aligned(length)
    }
    if (at < end) this.tally.truncated++
  }

  /** Visits each attribute between start and end with its type (flags removed) and its value's bounds. */
  attributes(start: number, end: number, visit: (type: number, start: number, end: number) => void): void {
    let at = start
    while (at + ATTRIBUTE_HEADER <= end) {
      const length = this.bytes.readUInt16LE(at)
      if (length < ATTRIBUTE_HEADER || length > end - at) break
      visit(this.bytes.readUInt16LE(at + 2) & ATTRIBUTE_TYPE, at + ATTRIBUTE_HEADER, at + length)
      at += aligned(length)
    }
    if (at < end) this.tally.truncated++
  }

  /** True when `size` bytes are there, else counts a truncation. */
  has(start: number, end: number, size: number): boolean {
    if (end - start >= size) return true
    this.tally.truncated++
    return false
  }

  /** Counts an attribute that this code does not know. */
  unknown(): void {
    this.tally.unknown++
  }

  u8(start: number, end: number): number | undefined {
    return this.has(start, end, 1) ? this.bytes.readUInt8(start) : undefined
  }
  u16(start: number, end: number): number | undefined {
    return this.has(start, end, 2) ? this.bytes.readUInt16LE(start) : undefined
  }
  u32(start: number, end: number): number | undefined {
    return this.has(start, end, 4) ? this.bytes.readUInt32LE(start) : undefined
  }
  i32(start: number, end: number): number | undefined {
    return this.has(start, end, 4) ? this.bytes.readInt32LE(start) : undefined
  }
  /** A 64-bit counter as a number: exact up to 2^53, which a counter reaches after 8 PiB. */
  u64(start: number, end: number): number | undefined {
    if (!this.has(start, end, 8)) return undefined
    return this.bytes.readUInt32LE(start + 4) * 0x1_0000_0000 + this.bytes.readUInt32LE(start)
  }
  u16BE(start: number, end: number): number | undefined {
    return this.has(start, end, 2) ? this.bytes.readUInt16BE(start) : undefined
  }
  u32BE(start: number, end: number): number | undefined {
    return this.has(start, end, 4) ? this.bytes.readUInt32BE(start) : undefined
  }
  i32BE(start: number, end: number): number | undefined {
    return this.has(start, end, 4) ? this.bytes.readInt32BE(start) : undefined
  }
  u64BE(start: number, end: number): number | undefined {
    if (!this.has(start, end, 8)) return undefined
    return this.bytes.readUInt32BE(start) * 0x1_0000_0000 + this.bytes.readUInt32BE(start + 4)
  }
  /** True for a u8 other than 0. */
  bool(start: number, end: number): boolean | undefined {
    const value = this.u8(start, end)
    return value === undefined ? undefined : value !== 0
  }

  /** A C string: up to the first NUL or the end of the attribute. */
  text(start: number, end: number): string {
    let stop = start
    while (stop < end && this.bytes[stop] !== 0) stop++
    return this.bytes.toString('utf8', start, stop)
  }
  mac(start: number, end: number): string {
    return formatMac(this.bytes, start, end)
  }
  /** IPv4 or IPv6 text; a length that is neither is counted as truncated. */
  ip(start: number, end: number): string | undefined {
    const text = formatIp(this.bytes, start, end)
    if (text === undefined) this.tally.truncated++
    return text
  }
  hex(start: number, end: number): string {
    return this.bytes.toString('hex', start, end)
  }
}

function aligned(length: number): number {
  return (length + 3) & ~3
}
