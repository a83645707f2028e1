import { BROWSERS, type BrowserToHub, createJoiner, type HubToBrowser, PROTOCOL_VERSION } from '@hopscope/protocol'
import { io, type Socket } from 'socket.io-client'

/** Connects as a page does, and resolves when it has a whole snapshot of the host. */
export async function readWhole(url: string, cookie: string, hostId: string): Promise<void> {
  const socket: Socket<HubToBrowser, BrowserToHub> = io(url + BROWSERS, {
    transports: ['websocket'],
    forceNew: true,
    reconnection: false,
    extraHeaders: { cookie, origin: url },
  })
  const joiner = createJoiner()
  try {
    await new Promise<void>((resolve, reject) => {
      const limit = setTimeout(() => reject(new Error(`no snapshot of ${hostId} within 60 s`)), 60_000)
      const whole = (of: string): void => {
        if (of !== hostId) return
        clearTimeout(limit)
        resolve()
      }
      socket.on('connect_error', reject)
      socket.on('connect', () => socket.emit('hello', { protocol: PROTOCOL_VERSION, known: {} }))
      socket.on('snapshot', (message) => whole(message.hostId))
      socket.on('part', (part) => {
        socket.emit('got', { hostId: part.hostId })
        const message = joiner.take(part)
        if (message) whole(message.hostId)
      })
    })
  } finally {
    socket.disconnect()
  }
}

/** Resolves when it holds; rejects after the limit in milliseconds. */
export async function until(holds: () => Promise<boolean>, limit: number): Promise<void> {
  const end = Date.now() + limit
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`not within ${limit} ms: ${holds}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
