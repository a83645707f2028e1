import { createServer, connect as dial, type Socket } from 'node:net'

/** A TCP connection's way to the hub that can be cut and blocked. */
export type Cable = {
  /** Where to dial instead. */
  url: string
  /** Ends all connections at once, without a word. */
  cut(): void
  /** Bytes wait from now on, in both directions. */
  block(): void
  unblock(): void
  close(): Promise<void>
}

/** Listens on a free port and passes bytes on to and from another, which may come and go. */
export async function layCable(port: () => number): Promise<Cable> {
  const sockets = new Set<Socket>()
  let blocked = false
  const join = (from: Socket, to: Socket) => {
    sockets.add(from)
    if (blocked) from.pause()
    from.on('data', (bytes) => void to.write(bytes))
    // A reset is what this is for; the other side sees it as one.
    from.on('error', () => to.destroy())
    from.on('close', () => {
      sockets.delete(from)
      to.destroy()
    })
  }
  const server = createServer((near) => {
    const far = dial(port(), '127.0.0.1')
    join(near, far)
    join(far, near)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port')
  const cut = () => {
    for (const socket of [...sockets]) socket.destroy()
  }
  return {
    url: `http://127.0.0.1:${address.port}`,
    cut,
    block() {
      blocked = true
      for (const socket of sockets) socket.pause()
    },
    unblock() {
      blocked = false
      for (const socket of sockets) socket.resume()
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        cut()
      }),
  }
}
