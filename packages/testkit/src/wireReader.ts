import { randomBytes } from 'node:crypto'
import { type ClientRequest, get, type IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { constants, inflateRawSync } from 'node:zlib'
import { applyToSnapshot, stateHash } from '@hopscope/model'
import { BROWSERS, createJoiner, PROTOCOL_VERSION, type SnapshotMessage } from '@hopscope/protocol'

/** A frame that came: its bytes on the wire, header included, and what it says once it is inflated. */
export type WireFrame = { bytes: number; text: string; deflated: boolean }
export type WireReaderOptions = {
  url: string
  cookie: string
  /** What is offered as Sec-WebSocket-Extensions; what Chromium offers unless told otherwise, nothing when empty. */
  extensions?: string
}
/**
 * A page as the wire sees it: counts the bytes of each frame, inflates them with a window of its own, and keeps the state of
 * each host, throwing away nothing. A frame that does not fit is an error, and so is a state with another hash.
 */
export type WireReader = {
  /** All frames, in the order of their coming. */
  frames: WireFrame[]
  /** The hash of the state that is held of a host. */
  hash(hostId: string): string | undefined
  /** What did not fit, if anything. */
  error(): Error | undefined
  /** What the hub agreed to. */
  extensions: string
  /** Reads on, or not. */
  pause(): void
  resume(): void
  close(): void
}

const CHROMIUM = 'permessage-deflate; client_max_window_bits'

/** Connects to a hub as a page does, and says hello. Rejects when the hub refuses. */
export async function wireReader({ url, cookie, extensions = CHROMIUM }: WireReaderOptions): Promise<WireReader> {
  const request = get(new URL('/socket.io/?EIO=4&transport=websocket', url), {
    headers: {
      connection: 'upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': randomBytes(16).toString('base64'),
      ...(extensions && { 'sec-websocket-extensions': extensions }),
      origin: new URL(url).origin,
      cookie,
    },
  })
  const { response, socket, head } = await upgraded(request)
  const states = createStates((hostId) => write(socket, `42${BROWSERS},${JSON.stringify(['got', { hostId }])}`))
  const frames: WireFrame[] = []
  const take = createFrameReader((frame) => {
    frames.push(frame)
    if (frame.text === '2') write(socket, '3')
    else if (frame.text.startsWith('0')) write(socket, `40${BROWSERS},`)
    else if (frame.text.startsWith(`40${BROWSERS}`))
      write(socket, `42${BROWSERS},${JSON.stringify(['hello', { protocol: PROTOCOL_VERSION, known: {} }])}`)
    else states.take(frame.text)
  })
  let error: Error | undefined
  const read = (bytes: Buffer): void => {
    try {
      take(bytes)
    } catch (thrown) {
      error ??= thrown instanceof Error ? thrown : new Error(String(thrown))
      socket.destroy()
    }
  }
  socket.on('data', read)
  socket.on('error', (thrown) => {
    error ??= thrown
  })
  read(head)
  return {
    frames,
    hash: states.hash,
    error: () => error,
    extensions: response.headers['sec-websocket-extensions'] ?? '',
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    close: () => socket.destroy(),
  }
}

type Upgraded = { response: IncomingMessage; socket: Socket; head: Buffer }

function upgraded(request: ClientRequest): Promise<Upgraded> {
  return new Promise((resolve, reject) => {
    request.on('upgrade', (response: IncomingMessage, socket: Socket, head: Buffer) =>
      resolve({ response, socket, head }),
    )
    request.on('response', ({ statusCode }) => reject(new Error(`the hub answered ${statusCode}`)))
    request.on('error', reject)
  })
}

/** Small messages, each whole in one frame (RFC 6455, 5.2). A mask of zeros is a mask. */
function write(socket: Socket, text: string): void {
  const content = Buffer.from(text)
  const head =
    content.length < 126 ? [0x81, 0x80 | content.length] : [0x81, 0xfe, content.length >> 8, content.length & 255]
  if (socket.writable) socket.write(Buffer.concat([Buffer.from(head), Buffer.alloc(4), content]))
}

function createFrameReader(onFrame: (frame: WireFrame) => void): (bytes: Buffer) => void {
  let held: Buffer = Buffer.alloc(0)
  let window: Buffer = Buffer.alloc(0)
  function inflate(content: Buffer): Buffer {
    const dictionary = window.length > 0 ? { dictionary: window } : {}
    const whole = Buffer.concat([content, Buffer.from([0, 0, 0xff, 0xff])])
    const text = inflateRawSync(whole, { finishFlush: constants.Z_SYNC_FLUSH, ...dictionary })
    window = Buffer.concat([window, text]).subarray(-32 * 1024)
    return text
  }
  return (bytes) => {
    held = Buffer.concat([held, bytes])
    for (let size = sizeOf(held); size && held.length >= size.head + size.content; size = sizeOf(held)) {
      const content = held.subarray(size.head, size.head + size.content)
      const [first = 0] = held
      held = held.subarray(size.head + size.content)
      const deflated = (first & 0x40) !== 0
      const text = (deflated ? inflate(content) : content).toString('utf8')
      if ((first & 0x0f) === 1) onFrame({ bytes: size.head + size.content, text, deflated })
    }
  }
}

function sizeOf(bytes: Buffer): { head: number; content: number } | undefined {
  const short = (bytes[1] ?? 0) & 0x7f
  const head = short < 126 ? 2 : short === 126 ? 4 : 10
  if (bytes.length < head) return undefined
  const content = head === 2 ? short : head === 4 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2))
  return { head, content }
}

/** The states of hosts by what the hub says of them, and `got` for each part. */
function createStates(got: (hostId: string) => void) {
  const states = new Map<string, SnapshotMessage>()
  const joiner = createJoiner()
  function hold(message: SnapshotMessage): void {
    if (stateHash(message.snapshot.records) !== message.hash) throw new Error('a state is not what its message says')
    states.set(message.hostId, message)
  }
  return {
    hash: (hostId: string) => states.get(hostId)?.hash,
    take(text: string): void {
      const packet = `42${BROWSERS},`
      if (!text.startsWith(packet)) return
      // What the hub of this same project says.
      const [event, message] = JSON.parse(text.slice(packet.length))
      if (event === 'snapshot') hold(message)
      if (event === 'part') {
        got(message.hostId)
        const whole = joiner.take(message)
        if (whole) hold(whole)
      }
      if (event !== 'patch') return
      const { hostId, epoch, from, to, hash, diff } = message
      const held = states.get(hostId)
      if (!held || held.version.epoch !== epoch || held.version.revision !== from)
        throw new Error(`a patch from ${from} does not fit ${held?.version.revision}`)
      hold({ hostId, hash, version: { epoch, revision: to }, snapshot: applyToSnapshot(held.snapshot, diff) })
    },
  }
}
