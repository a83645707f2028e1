import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { constants, inflateRawSync } from 'node:zlib'

/** What was inflated on a connection so far: its window, and what followed it on whichever connection came first. */
type History = { window: Buffer; next: Map<string, { text: Buffer; history: History }> }
type Done = (error: Error | null, text?: Buffer) => void

const nothing: History = { window: Buffer.alloc(0), next: new Map() }
const histories = new WeakMap<object, History>()
const MOST = 32 * 1024
const END = Buffer.from([0, 0, 0xff, 0xff])

/**
 * Lets connections of this process that were sent the same bytes inflate them once. A crowd of pages has a processor each; here
 * two processes stand for all of them, and would measure mostly themselves.
 */
export function inflateOnce(): void {
  // The ws of socket.io's client, and in it what ws calls for each message; neither is exported.
  const below = ['socket.io-client', 'engine.io-client', 'ws']
  const found = below.reduce((from, name) => createRequire(from).resolve(name), import.meta.url)
  const PerMessageDeflate: { prototype: { decompress(data: Buffer, fin: boolean, done: Done): void } } = createRequire(
    found,
  )(join(dirname(found), 'lib/permessage-deflate.js'))
  PerMessageDeflate.prototype.decompress = function decompress(this: object, data, _fin, done) {
    const history = histories.get(this) ?? nothing
    const key = data.toString('latin1')
    const known = history.next.get(key) ?? inflate(data, history)
    history.next.set(key, known)
    histories.set(this, known.history)
    process.nextTick(done, null, known.text)
  }
}

function inflate(data: Buffer, { window }: History): { text: Buffer; history: History } {
  const text = inflateRawSync(Buffer.concat([data, END]), {
    finishFlush: constants.Z_SYNC_FLUSH,
    ...(window.length > 0 && { dictionary: window }),
  })
  return { text, history: { window: Buffer.concat([window, text]).subarray(-MOST), next: new Map() } }
}
