import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

export const TEXT = 1
export const BINARY = 2
const CLOSE = 8
const PING = 9
const PONG = 10

/** A WebSocket connection without a library in between: what is sent is sent as it is. */
export type RawSocket = {
  /** The status line of the answer to the upgrade. */
  status: string
  /** Sends bytes that were made by `frame`, or anything else. */
  send(bytes: Buffer): void
  /** Resolves with true once the hub has read everything sent before, with false when it ended the connection. */
  settled(): Promise<boolean>
  /** Messages that came, as text; the newest 100. */
  messages: string[]
  /** The code in the closing frame, once there is one. */
  closeCode(): number | undefined
  end(): void
}

/** Asks for an upgrade to engine.io's WebSocket with these headers. */
export async function rawSocket(port: number, headers: Record<string, string>, early?: Buffer): Promise<RawSocket> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  // Small packets follow each other here; the kernel would wait for an answer in between.
  socket.setNoDelay(true)
  const lines = Object.entries({
    host: `127.0.0.1:${port}`,
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': randomBytes(16).toString('base64'),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.write(`GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n${lines.join('')}\r\n`)
  if (early) socket.write(early)
  return follow(socket)
}

/** One frame as browsers send it: masked, whole. */
export function frame(data: string | Buffer, opcode = typeof data === 'string' ? TEXT : BINARY): Buffer {
  const payload = typeof data === 'string' ? Buffer.from(data) : data
  const { length } = payload
  const size = length < 126 ? 0 : length < 65_536 ? 2 : 8
  const head = Buffer.alloc(2 + size + 4)
  head[0] = 0x80 | opcode
  head[1] = 0x80 | (size === 0 ? length : size === 2 ? 126 : 127)
  if (size === 2) head.writeUInt16BE(length, 2)
  if (size === 8) head.writeBigUInt64BE(BigInt(length), 2)
  // A mask of zeros is a mask, and spares the work.
  return Buffer.concat([head, payload])
}

function follow(socket: Socket): Promise<RawSocket> {
  let closed = false
  let held = Buffer.alloc(0)
  let status: string | undefined
  let closeCode: number | undefined
  const waiting: ((open: boolean) => void)[] = []
  const messages: string[] = []

  function readHead(): void {
    const end = held.indexOf('\r\n\r\n')
    if (end < 0) return
    status = held.toString('latin1', 0, held.indexOf('\r\n'))
    held = held.subarray(end + 4)
  }
  function readFrames(): void {
    for (let one = readFrame(held); one; one = readFrame(held)) {
      held = held.subarray(one.end)
      if (one.opcode === PONG) waiting.shift()?.(true)
      else if (one.opcode === CLOSE) {
        closeCode = one.payload.length >= 2 ? one.payload.readUInt16BE(0) : undefined
        socket.destroy()
      } else if (one.opcode === PING) socket.write(frame(one.payload, PONG))
      else if (messages.push(one.payload.toString()) > 100) messages.shift()
    }
  }
  const answered = new Promise<void>((resolve) => {
    socket.on('data', (chunk) => {
      held = Buffer.concat([held, chunk])
      if (status === undefined) readHead()
      if (status?.includes(' 101 ')) readFrames()
      if (status !== undefined) resolve()
    })
    // A connection that is reset has ended, too.
    socket.on('error', () => {})
    socket.on('close', () => {
      closed = true
      for (const done of waiting.splice(0)) done(false)
      resolve()
    })
  })
  return answered.then(() => ({
    status: status ?? '',
    messages,
    send: (bytes) => void (socket.writable && socket.write(bytes)),
    settled() {
      if (closed || socket.destroyed) return Promise.resolve(false)
      if (socket.writable) socket.write(frame(Buffer.alloc(0), PING))
      return new Promise((resolve) => waiting.push(resolve))
    },
    closeCode: () => closeCode,
    end: () => socket.destroy(),
  }))
}

function readFrame(bytes: Buffer): { opcode: number; payload: Buffer; end: number } | undefined {
  const [first, second] = bytes
  if (first === undefined || second === undefined) return undefined
  const short = second & 0x7f
  const start = short < 126 ? 2 : short === 126 ? 4 : 10
  if (bytes.length < start) return undefined
  const length = short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2))
  if (bytes.length < start + length) return undefined
  return { opcode: first & 0x0f, payload: bytes.subarray(start, start + length), end: start + length }
}
