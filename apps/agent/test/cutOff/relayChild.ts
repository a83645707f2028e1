import { createConnection, createServer } from 'node:net'

// Runs inside a sandbox host, which the machine has no network to: a port there leads to a socket file, behind which the hub is.
const [address = '', file = ''] = process.argv.slice(2)
const server = createServer({ noDelay: true }, (near) => {
  const far = createConnection(file)
  near.pipe(far).pipe(near)
  for (const [one, other] of [
    [near, far],
    [far, near],
  ] as const) {
    one.on('error', () => other.destroy())
    one.on('close', () => other.destroy())
  }
})
server.listen(7117, address, () => process.send?.('listening'))
