import { createSocket } from 'node:dgram'
import { connect, createServer } from 'node:net'
import { createInterface } from 'node:readline'

// Runs inside a namespace. "sink" takes what comes by TCP and by UDP, and tells at every line how many bytes came by TCP so far; "source"
// sends for so many seconds as much as TCP takes and so many datagrams a second, and tells how many datagrams that were.
const [role, address = '', tcpPort = 0, udpPort = 0] = process.argv.slice(2)
const say = (answer: unknown) => process.stdout.write(`${JSON.stringify(answer)}\n`)
const DATAGRAMS = 10_000

if (role === 'sink') {
  let bytes = 0
  createServer((socket) => socket.on('data', ({ length }) => (bytes += length))).listen(Number(tcpPort), address)
  createSocket('udp4').bind(Number(udpPort), address)
  say('ready')
  for await (const _ of createInterface({ input: process.stdin })) say(bytes)
} else {
  say('ready')
  for await (const seconds of createInterface({ input: process.stdin })) say(await send(Number(seconds)))
}
process.exit(0)

async function send(seconds: number): Promise<number> {
  const began = performance.now()
  const over = () => performance.now() - began >= seconds * 1000
  const chunk = Buffer.alloc(64 << 10)
  const stream = connect(Number(tcpPort), address)
  const write = () => {
    while (!over() && stream.write(chunk)) {}
  }
  stream.on('drain', write).once('connect', write)
  const datagrams = createSocket('udp4')
  let sent = 0
  while (!over()) {
    // As many as are due by now.
    const due = ((performance.now() - began) / 1000) * DATAGRAMS
    for (; sent < due; sent++) datagrams.send('x', Number(udpPort), address)
    await new Promise((resolve) => setImmediate(resolve))
  }
  stream.destroy()
  datagrams.close()
  return sent
}
