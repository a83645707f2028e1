import { BROWSERS, type HubToBrowser } from '@hopscope/protocol'
import type { PageSocket } from './server.ts'

/** A message to pages as it goes over the wire: encoded once, for however many pages. */
export type Frame = {
  /** The packet as text. */
  text: string
  bytes: number
  options: { wsPreEncodedFrame: Buffer[] }
}

/** Between packets that travel together as text, by engine.io's protocol. */
const SEPARATOR = '\x1e'

/** Encodes a message of the pages' namespace. */
export function encode<E extends keyof HubToBrowser>(event: E, ...message: Parameters<HubToBrowser[E]>): Frame {
  // As socket.io writes it: a packet of type 2 (an event) for this namespace; 4 makes it a message of engine.io.
  const text = `2${BROWSERS},${JSON.stringify([event, ...message])}`
  return frameOf(text, webSocketFrame(contentOf({ text })))
}

/** What a frame holds when it is not deflated. */
export const contentOf = ({ text }: Pick<Frame, 'text'>): Buffer => Buffer.from(`4${text}`)

/** A message that is encoded already. */
export const frameOf = (text: string, frame: Buffer): Frame => ({
  text,
  bytes: frame.length,
  options: { wsPreEncodedFrame: [frame] },
})

/** Several messages as one, for one call of the kernel. */
export function together(frames: readonly Frame[]): Frame {
  const [only] = frames
  if (only && frames.length === 1) return only
  const joined = Buffer.concat(frames.flatMap(({ options }) => options.wsPreEncodedFrame))
  return frameOf(frames.map((frame) => frame.text).join(SEPARATOR), joined)
}

/** Sends it to one page. `sent` is called when all of it, and what was sent before, left this process. */
export function write(page: PageSocket, { text, options }: Frame, sent?: () => void): void {
  // The option is how socket.io's own broadcasts share a frame; the type of `write` does not name it.
  page.conn.write(text, options as object, sent)
}

/** One unmasked text frame (RFC 6455, 5.2); `deflated` says that its content is (RFC 7692, 6). */
export function webSocketFrame(content: Buffer, deflated = false): Buffer {
  const { length } = content
  const header = length < 126 ? 2 : length < 65_536 ? 4 : 10
  const frame = Buffer.allocUnsafeSlow(header + length)
  frame[0] = deflated ? 0xc1 : 0x81
  if (header === 2) frame[1] = length
  else if (header === 4) {
    frame[1] = 126
    frame.writeUInt16BE(length, 2)
  } else {
    frame[1] = 127
    frame.writeBigUInt64BE(BigInt(length), 2)
  }
  content.copy(frame, header)
  return frame
}
