// Answers whatever comes at the ports that it is given, by tcp and by udp, by one family, in the namespace it is started in.
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { networkInterfaces } from 'node:os'

const [asked, ...ports] = process.argv.slice(2)
const [name, type, any] = asked === 'inet6' ? ['IPv6', 'udp6', '::'] : ['IPv4', 'udp4', '0.0.0.0']
const addresses = Object.values(networkInterfaces())
  .flat()
  // What means nothing without its link is not asked for.
  .flatMap(({ address, family, scopeid = 0 }) => (family === name && scopeid === 0 ? [address] : []))
for (const port of ports.map(Number)) {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy())
    socket.once('data', () => socket.end('here'))
  })
  server.listen({ port, host: any, ipv6Only: type === 'udp6' })
  await once(server, 'listening')
  // One for each address: a socket for all of them answers from the address of its route.
  for (const address of addresses) await answer(port, address)
}
process.stdout.write('ready\n')

async function answer(port, address) {
  const udp = createSocket({ type, ipv6Only: type === 'udp6' })
  udp.on('message', (_message, from) => udp.send('here', from.port, from.address))
  // An ICMP error about an answer is nothing to end for.
  udp.on('error', () => undefined)
  udp.bind(port, address)
  await once(udp, 'listening')
}
