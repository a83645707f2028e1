import { constants, deflateRawSync } from 'node:zlib'
import { contentOf, type Frame, frameOf, together, webSocketFrame } from './frame.ts'

/** What deflate can refer back to. */
const MOST = 32 * 1024
// A message of this size says enough that what comes next is likely to repeat some of it.
const RICH = 2 * 1024
// A turn of the event loop is not for more; what is as large as this is rare.
const LARGEST = 256 * 1024

/** One thing for all pages: `packed` for those that were at `from` and are at `to` with it, `plain` for the others. */
export type Shared = { plain: Frame; packed: Frame; from: number; to: number }

/** What no page is in step to read otherwise. */
export const unshared = (plain: Frame): Shared => ({ plain, packed: plain, from: -1, to: -1 })

/**
 * What all pages that follow were sent lately, which is what deflate refers back to (RFC 7692, "context takeover"). As it is
 * the same for all of them, a message is deflated once for however many pages, and the hub keeps one window instead of one
 * for each. A page that missed something is out of step: it reads plain frames until a primer has brought it the window.
 */
export type SharedWindow = {
  /** Counts what was added; a page in step is at the same count. */
  at(): number
  /** Deflates messages that follow each other, and adds them. */
  share(frames: readonly Frame[]): Shared
  /** Adds what is likely to be said again, as a message that pages take no notice of. */
  hint(text: string): Shared
  /** Bytes of short messages that were added since the last one worth referring to: chatter fills the window in time. */
  chatter(): number
  /** The whole window as a message that pages take no notice of: brings any page in step. */
  primer(): Frame
}

export function createSharedWindow(): SharedWindow {
  let window: Buffer = Buffer.alloc(0)
  let at = 0
  let chatter = 0
  let primer: { at: number; frame: Frame } | undefined

  function add(content: Buffer): void {
    window = latest(window.length === 0 ? content : Buffer.concat([window, content]))
    at++
    chatter = content.length < RICH ? chatter + content.length : 0
  }
  function pack(content: Buffer, plain: Frame): Frame {
    const frame = content.length > LARGEST ? plain : frameOf(plain.text, deflated(content, window))
    // What goes as it is leaves the windows of the pages as they are.
    if (frame !== plain) add(content)
    return frame
  }

  return {
    at: () => at,
    share(frames) {
      const from = at
      const packed = together(frames.map((frame) => pack(contentOf(frame), frame)))
      return { plain: together(frames), packed, from, to: at }
    },
    hint(text) {
      const from = at
      const content = ignored(Buffer.from(text))
      const packed = pack(content, frameOf('', webSocketFrame(content)))
      chatter = 0
      return { plain: frameOf('', Buffer.alloc(0)), packed, from, to: at }
    },
    chatter: () => chatter,
    primer() {
      if (primer?.at !== at) primer = { at, frame: frameOf('', deflated(ignored(window))) }
      return primer.frame
    },
  }
}

/** A packet of type 6 of engine.io: "noop", which the other side drops whatever it holds. */
const ignored = (content: Buffer): Buffer => Buffer.concat([Buffer.from('6'), content])

/** The end of it, from the beginning of a character on: a message has to be text. */
function latest(content: Buffer): Buffer {
  let start = Math.max(0, content.length - MOST)
  while (((content[start] ?? 0) & 0xc0) === 0x80) start++
  return content.subarray(start)
}

function deflated(content: Buffer, dictionary?: Buffer): Buffer {
  const finishFlush = constants.Z_SYNC_FLUSH
  const bytes = deflateRawSync(content, { finishFlush, ...(dictionary?.length && { dictionary }) })
  // Both sides know how it ends (RFC 7692, 7.2.1).
  return webSocketFrame(bytes.subarray(0, -4), true)
}
