import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { type Question, type SpotAnswer, spotAskSchema } from './spot.ts'

// Runs inside a network namespace: answers at ports with its name, and asks at others.
const [name = ''] = process.argv.slice(2)
const PATIENCE = 1_000
const FAMILIES = ['0.0.0.0', '::'] as const
type Any = (typeof FAMILIES)[number]

process.on('message', async (raw) => {
  const ask = spotAskSchema.parse(raw)
  const answer: SpotAnswer = { id: ask.id }
  if (ask.kind === 'serve')
    await Promise.all(ask.ports.flatMap((port) => FAMILIES.flatMap((on) => [serveTcp(port, on), serveUdp(port, on)])))
  else {
    const found = await (ask.question.protocol === 'tcp' ? askTcp(ask.question) : askUdp(ask.question))
    if (found !== undefined) answer.text = found
  }
  process.send?.(answer)
})
process.on('disconnect', () => process.exit(0))
process.send?.('ready')

async function serveTcp(port: number, host: Any): Promise<void> {
  const server = createServer((socket) => {
    // Whoever asks may be gone before it reads the answer.
    socket.on('error', () => socket.destroy())
    socket.end(`${name}:${port}/tcp`)
  })
  server.listen({ port, host, ipv6Only: true })
  await once(server, 'listening')
}

async function serveUdp(port: number, host: Any): Promise<void> {
  const socket = createSocket({ type: host === '::' ? 'udp6' : 'udp4', ipv6Only: host === '::' })
  socket.on('message', (_, from) => socket.send(`${name}:${port}/udp`, from.port, from.address))
  socket.bind(port, host)
  await once(socket, 'listening')
}

function askTcp({ address, port }: Question): Promise<string | undefined> {
  const socket = connect({ host: address, port })
  socket.setTimeout(PATIENCE, () => socket.destroy())
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk.toString()
  })
  return new Promise((resolve) => {
    socket.on('error', () => resolve(undefined)) // refused, unreachable: nobody answers
    socket.on('close', () => resolve(text === '' ? undefined : text))
  })
}

/** A connected socket takes an answer from the address that was asked only. */
function askUdp({ address, port }: Question): Promise<string | undefined> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4')
  return new Promise((resolve) => {
    const end = (found: string | undefined) => {
      clearTimeout(timer)
      socket.close()
      resolve(found)
    }
    const timer = setTimeout(() => end(undefined), PATIENCE)
    socket.once('message', (text) => end(text.toString()))
    socket.once('error', () => end(undefined)) // refused, unreachable: nobody answers
    socket.connect(port, address, () => socket.send('who are you?'))
  })
}
