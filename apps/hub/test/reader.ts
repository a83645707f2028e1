import { setTimeout } from 'node:timers/promises'
import type { Page } from './page.ts'

type Connection = { pause(): void; resume(): void; terminate(): void; _socket: NodeJS.EventEmitter }

/** The connection below a page: what a browser's process does when it stops, or is on a slow line. */
export function reader({ socket }: Page) {
  // Private by its type only; the page's own API cannot stop reading.
  const { ws } = (socket.io.engine as unknown as { transport: { ws: Connection } }).transport
  return {
    /** The connection stays, nobody reads it. */
    pause: () => ws.pause(),
    resume: () => ws.resume(),
    terminate: () => ws.terminate(),
    /** Reads about so many bytes a second until the returned function is called; then without a bound. */
    slow(bytesPerSecond: number): () => void {
      let fast = false
      let taken = 0
      const count = (data: Buffer): void => {
        taken += data.length
        if (fast || taken < bytesPerSecond / 20) return
        const rest = (taken / bytesPerSecond) * 1000
        taken = 0
        ws.pause()
        void setTimeout(rest).then(() => ws.resume())
      }
      ws._socket.on('data', count)
      return () => {
        fast = true
        ws._socket.off('data', count)
      }
    },
  }
}
