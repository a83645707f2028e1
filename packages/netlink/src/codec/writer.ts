const HEADER = 16

/** A netlink message: type, flags and payload; the socket fills in the sequence number when it sends it. */
export function encodeMessage(type: number, flags: number, payload: Uint8Array): Buffer {
  const message = Buffer.alloc(HEADER + payload.length)
  message.writeUInt32LE(message.length, 0)
  message.writeUInt16LE(type, 4)
  message.writeUInt16LE(flags, 6)
  message.set(payload, HEADER)
  return message
}

/** One attribute, padded to four bytes. */
export function attribute(type: number, value: Uint8Array): Buffer {
  const length = 4 + value.length
  const bytes = Buffer.alloc((length + 3) & ~3)
  bytes.writeUInt16LE(length, 0)
  bytes.writeUInt16LE(type, 2)
  bytes.set(value, 4)
  return bytes
}

/** An attribute that holds attributes (NLA_F_NESTED). */
export function nested(type: number, ...children: Uint8Array[]): Buffer {
  return attribute(type | 0x8000, Buffer.concat(children))
}

export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value >>> 0)
  return bytes
}

export function i32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32LE(value)
  return bytes
}

/** Netfilter's numbers are in network byte order; a negative one is its two's complement. */
export function u32BE(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value >>> 0)
  return bytes
}

export function u16BE(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16BE(value)
  return bytes
}

export function u64BE(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(value))
  return bytes
}

/** A NUL-terminated string. */
export function cString(value: string): Buffer {
  return Buffer.from(`${value}\0`)
}
