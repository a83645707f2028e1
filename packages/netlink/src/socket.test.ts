import koffi from 'koffi'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Message, Reader } from './codec/reader.ts'
import { attribute, encodeMessage, i32, u32 } from './codec/writer.ts'
import { DumpInterruptedError, errnoName, NetlinkError } from './errors.ts'
import * as libc from './libc.ts'
import { NetlinkSocket } from './socket.ts'

// The far end of a socket pair plays the kernel, for answers that a real one gives only by chance. Requests are
// synchronous, so its answers wait in the queue before they are asked for, numbered as the socket will number its requests.
const socketpair = koffi.load(null).func('int socketpair(int domain, int type, int protocol, uint8_t *pair)')
const AF_UNIX = 1
const SOCK_SEQPACKET = 5
const DUMP_INTR = 0x10
const ACK_TLVS = 0x200
const CAPPED = 0x100
const request = { type: 18, payload: Buffer.alloc(4), doing: 'dump things' }
const value = (reader: Reader, message: Message) => reader.u32(message.start, message.end)

describe('dumps', () => {
  let socket: NetlinkSocket
  let kernel = -1
  let next = 0

  beforeEach(() => {
    const pair = Buffer.alloc(8)
    libc.check(socketpair(AF_UNIX, SOCK_SEQPACKET | libc.SOCK_NONBLOCK | libc.SOCK_CLOEXEC, 0, pair), 'make a pair')
    socket = new NetlinkSocket(pair.readInt32LE(0))
    kernel = pair.readInt32LE(4)
    // Nobody answers the first request, which tells where the sequence numbers stand.
    expect(() => socket.dump(request, value)).toThrow('dump things: EAGAIN')
    const sent = Buffer.alloc(64)
    libc.check(Number(libc.recv(kernel, sent, sent.length, 0)), 'receive the request')
    next = sent.readUInt32LE(8) + 1
  })
  afterEach(() => {
    socket.close()
    libc.close(kernel)
  })

  function answer(sequence: number, ...messages: [type: number, flags: number, payload: Buffer][]): void {
    const datagram = Buffer.concat(
      messages.map(([type, flags, payload]) => {
        const message = encodeMessage(type, flags, payload)
        message.writeUInt32LE(sequence, 8)
        return message
      }),
    )
    libc.check(Number(libc.send(kernel, datagram, datagram.length, 0)), 'answer')
  }
  const done = (flags = 0): [number, number, Buffer] => [3, flags, i32(0)]

  it('collect the records of several datagrams and skip late answers to older requests', () => {
    answer(next - 1, [16, 2, u32(99)], done())
    answer(next, [16, 2, u32(1)], [16, 2, u32(2)])
    answer(next, [16, 2, u32(3)], done())
    expect(socket.dump(request, value)).toEqual([1, 2, 3])
  })

  it('start again when the table changed, and keep nothing of the broken tries', () => {
    answer(next, [16, 2 | DUMP_INTR, u32(1)], done(DUMP_INTR))
    answer(next + 1, [16, 2, u32(2)], done(DUMP_INTR))
    answer(next + 2, [16, 2, u32(3)], done())
    expect(socket.dump(request, value)).toEqual([3])
  })

  it('give up after five tries', () => {
    for (let tries = 0; tries < 6; tries++) answer(next + tries, [16, 2 | DUMP_INTR, u32(tries)], done(DUMP_INTR))
    expect(() => socket.dump(request, value)).toThrow(DumpInterruptedError)
  })

  it('throw the errno that ends a dump half way', () => {
    answer(next, [16, 2, u32(1)], [3, 0, i32(-105)])
    expect(() => socket.dump(request, value)).toThrow('dump things: ENOBUFS')
  })

  it.each([
    ['of an error that repeats the request', [2, ACK_TLVS], [encodeMessage(18, 1, Buffer.alloc(4))]],
    ['of an error that repeats its header alone', [2, ACK_TLVS | CAPPED], [encodeMessage(18, 1, Buffer.alloc(0))]],
    ['of the end of a dump', [3, ACK_TLVS], []],
  ])("pass on the kernel's words %s", (_what, [type = 0, flags = 0], echo) => {
    const words = attribute(1, Buffer.from('Invalid header for dump request\0'))
    answer(next, [type, flags, Buffer.concat([i32(-22), ...echo, words])])
    expect(() => socket.dump(request, value)).toThrow('dump things: EINVAL (Invalid header for dump request)')
  })

  it('take a missing table for an empty one when told so', () => {
    answer(next, [2, 0, i32(-2)])
    expect(socket.dump({ ...request, missing: 'ENOENT' }, value)).toEqual([])
    answer(next + 1, [2, 0, i32(-2)])
    expect(() => socket.dump({ ...request, missing: 'ENODEV' }, value)).toThrow(NetlinkError)
  })

  it('count what was cut', () => {
    answer(next, [16, 2, Buffer.alloc(2)])
    answer(next, done())
    expect(socket.dump(request, value)).toEqual([])
    expect(socket.tally).toEqual({ truncated: 1, unknown: 0 })
  })
})

describe('errno names', () => {
  it('has a name for each', () => {
    expect([1, 2, 11, 105, 524].map(errnoName)).toEqual(['EPERM', 'ENOENT', 'EAGAIN', 'ENOBUFS', 'ERRNO_524'])
  })
})
