// A page without a browser: logs in to the hub whose one-time token is given, takes the snapshot, and holds the patches together.
import { setTimeout as wait } from 'node:timers/promises'
import { applyToSnapshot, type HostSnapshot } from '@hopscope/model'
import { BROWSERS, type BrowserToHub, createJoiner, type HubToBrowser, PROTOCOL_VERSION } from '@hopscope/protocol'
import { io, type Socket } from 'socket.io-client'

const [url = '', token = ''] = process.argv.slice(2)
const claimed = await call('auth.claim', { token })
const cookie = await call('auth.setup', { name: 'bench', password: 'as long as it should be' }, claimed)
let snapshot: HostSnapshot | undefined
const socket: Socket<HubToBrowser, BrowserToHub> = io(`${url}${BROWSERS}`, {
  transports: ['websocket'],
  extraHeaders: { origin: url, cookie },
})
socket.on('connect', () => socket.emit('hello', { protocol: PROTOCOL_VERSION, known: {} }))
socket.on('connect_error', (error) => {
  throw error
})
socket.on('snapshot', (message) => {
  snapshot = message.snapshot
})
const joiner = createJoiner()
socket.on('part', (part) => {
  socket.emit('got', { hostId: part.hostId })
  snapshot = joiner.take(part)?.snapshot ?? snapshot
})
socket.on('patch', ({ diff }) => {
  if (snapshot) snapshot = applyToSnapshot(snapshot, diff)
})
const say = (answer: unknown) => process.stdout.write(`${JSON.stringify(answer)}\n`)
say('ready')
for await (const chunk of process.stdin) {
  if (String(chunk).trim() !== 'counts') throw new Error(`unknown request: ${chunk}`)
  // The agent may still be on its way.
  for (let tries = 0; tries < 300 && snapshot === undefined; tries++) await wait(100)
  const records = snapshot?.records
  say({ netns: Object.keys(records?.netns ?? {}).length, container: Object.keys(records?.container ?? {}).length })
}
process.exit(0)

async function call(procedure: string, input: unknown, cookie = ''): Promise<string> {
  const headers = { 'content-type': 'application/json', origin: url, cookie }
  const response = await fetch(`${url}/api/trpc/${procedure}`, { method: 'POST', headers, body: JSON.stringify(input) })
  if (!response.ok) throw new Error(`${procedure} answered ${response.status}: ${await response.text()}`)
  return response.headers.getSetCookie()[0]?.split(';')[0] ?? cookie
}
