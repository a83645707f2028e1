// Answers whatever comes at the ports that it is given, by tcp and by udp, in the namespace it is started in.
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { networkInterfaces } from 'node:os'

const addresses = Object.values(networkInterfaces())
  .flat()
  .flatMap(({ address, family }) => (family === 'IPv4' ? [address] : []))
for (const port of process.argv.slice(2).map(Number)) {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy())
    socket.once('data', () => socket.end('here'))
  })
  server.listen(port, '0.0.0.0')
  await once(server, 'listening')
  // One for each address: a socket for all of them answers from the address of its route.
  for (const address of addresses) await answer(port, address)
}
process.stdout.write('ready\n')

async function answer(port, address) {
  const udp = createSocket('udp4')
  udp.on('message', (_message, from) => udp.send('here', from.port, from.address))
  // An ICMP error about an answer is nothing to end for.
  udp.on('error', () => undefined)
  udp.bind(port, address)
  await once(udp, 'listening')
}
