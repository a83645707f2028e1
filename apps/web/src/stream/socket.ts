import { BROWSERS, type BrowserToHub, type HubToBrowser } from '@hopscope/protocol'
import { io, type Socket } from 'socket.io-client'
import { Stream } from './stream.ts'

/** The page's one stream. It holds nothing until `connect` is called. */
export const stream = new Stream({
  now: () => Date.now(),
  frame: (run) => requestAnimationFrame(run),
  later: (ms, run) => setTimeout(run, ms),
})

const RETRY_MS = 3_000
let socket: Socket<HubToBrowser, BrowserToHub> | undefined

/** Opens the stream to the hub that served this page; the session cookie goes along. Returns what closes it. */
export function connect(onRefused: () => void): () => void {
  const mine: Socket<HubToBrowser, BrowserToHub> = io(BROWSERS, {
    transports: ['websocket'],
    reconnectionDelay: 500,
    reconnectionDelayMax: RETRY_MS,
  })
  let retry: ReturnType<typeof setTimeout> | undefined
  // socket.io reconnects by itself after a broken line, but not when the hub closed it or said no.
  mine.on('disconnect', (reason) => {
    if (reason === 'io server disconnect') mine.connect()
  })
  mine.on('connect_error', () => {
    onRefused()
    clearTimeout(retry)
    if (!mine.active) retry = setTimeout(() => mine.connect(), RETRY_MS)
  })
  // Another version of the hub: asking again would be refused again.
  mine.on('refused', () => mine.close())
  socket = mine
  stream.attach(mine)
  return () => {
    clearTimeout(retry)
    mine.close()
    if (socket === mine) socket = undefined
  }
}

/** Resolves once a new connection stands; rejects when the hub is not reached in time. */
export function connectAnew(within = 10_000): Promise<void> {
  return new Promise((resolve, reject) => {
    const mine = socket
    const connected = () => {
      clearTimeout(timer)
      resolve()
    }
    const timer = setTimeout(() => {
      mine?.off('connect', connected)
      reject(new Error('the hub is not reached over a new connection'))
    }, within)
    mine?.once('connect', connected)
    reconnectNow()
  })
}

/** Tries again at once instead of waiting for the next attempt. */
export function reconnectNow(): void {
  socket?.disconnect().connect()
}
