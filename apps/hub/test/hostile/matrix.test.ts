import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { AGENTS, type AgentToHub, BROWSERS, type BrowserToHub, PROTOCOL_VERSION } from '@hopscope/protocol'
import { describe, expect, it } from 'vitest'
import { account, setUp, type TestHub, withHub } from '../withHub.ts'
import { PROCEDURES } from './procedures.ts'
import { frame, rawSocket } from './rawSocket.ts'

type Header = [name: string, value: string]
type Request = { method: string; target: string; headers: Header[]; body?: string }
type Rights = { cookie: string; key: string; metrics: string }

/** The status that the hub answers to a request as it is written: nothing is put right on the way. */
function status({ hub }: TestHub, { method, target, headers, body = '' }: Request): Promise<number> {
  const lines = [...headers, ['Connection', 'close'], ['Content-Length', String(body.length)]]
  const text = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  return new Promise((resolve) => {
    let answer = ''
    const socket = connect(hub.port, '127.0.0.1', () =>
      socket.write(`${method} ${target} HTTP/1.1\r\n${text}\r\n${body}`),
    )
    socket.on('data', (chunk) => {
      answer += chunk
      // An upgrade that is let in stays open.
      if (answer.includes('\r\n')) socket.destroy()
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(Number(answer.split(' ')[1] ?? 0)))
  })
}

const UPGRADE: Header[] = [
  ['Connection', 'Upgrade'],
  ['Upgrade', 'websocket'],
  ['Sec-WebSocket-Version', '13'],
  ['Sec-WebSocket-Key', Buffer.alloc(16).toString('base64')],
]
const JSON_TYPE: Header = ['Content-Type', 'application/json']
const SOCKET = '/socket.io/?EIO=4&transport='

/** Every way in, with rights that suffice; `passes` is the status when Host and Origin are right, too. */
const TRANSPORTS: Record<string, (r: Rights) => Request & { passes: number }> = {
  'a query': ({ cookie }) => ({
    method: 'GET',
    target: '/api/trpc/hosts.list',
    headers: [['Cookie', cookie]],
    passes: 200,
  }),
  'a mutation': ({ cookie }) => ({
    method: 'POST',
    target: '/api/trpc/prefs.set',
    headers: [['Cookie', cookie], JSON_TYPE],
    body: '{}',
    passes: 200,
  }),
  'a page': () => ({ method: 'GET', target: '/', headers: [], passes: 200 }),
  health: () => ({ method: 'GET', target: '/readyz', headers: [], passes: 200 }),
  metrics: ({ metrics }) => ({
    method: 'GET',
    target: '/metrics',
    headers: [['Authorization', `Bearer ${metrics}`]],
    passes: 200,
  }),
  'a WebSocket of a page': ({ cookie }) => ({
    method: 'GET',
    target: `${SOCKET}websocket`,
    headers: [...UPGRADE, ['Cookie', cookie]],
    passes: 101,
  }),
  // Refused in any case.
  polling: ({ cookie }) => ({ method: 'GET', target: `${SOCKET}polling`, headers: [['Cookie', cookie]], passes: 400 }),
}

const foreignOrigins = (port: number): string[] => [
  'null',
  '',
  'http://evil.test',
  `http://evil.test:${port}`,
  `https://127.0.0.1:${port}`,
  'http://127.0.0.1',
  `http://127.0.0.1:${port + 1}`,
  `http://127.0.0.1:${port}/`,
  `http://127.0.0.1:${port}@evil.test`,
  `http://127.0.0.1:${port}.evil.test`,
  `http://user@127.0.0.1:${port}`,
  `HTTP://127.0.0.1:${port}`,
  `http://LOCALHOST:${port}`,
  `http://localhost.:${port}`,
  `http://sub.localhost:${port}`,
  `http://127.1:${port}`,
  `http://2130706433:${port}`,
  `http://[::ffff:127.0.0.1]:${port}`,
  `http://0.0.0.0:${port}`,
  `http://127.0.0.1:${port} http://127.0.0.1:${port}`,
]
const ownNames = (port: number): string[] => [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`]

/** A hub, and what it takes to get in everywhere. */
async function open(): Promise<{ t: TestHub; rights: Rights; host: Header; origin: Header }> {
  const t = await withHub()
  const metrics = readFileSync(join(t.dataDir, 'metrics.token'), 'utf8').trim()
  const rights = { cookie: await setUp(t), key: t.key, metrics }
  return { t, rights, host: ['Host', `127.0.0.1:${t.hub.port}`], origin: ['Origin', t.hub.url] }
}

describe.each(Object.entries(TRANSPORTS))('%s', (_name, request) => {
  it('passes from exactly our origins, and from none of 20 others', async () => {
    const { t, rights, host } = await open()
    const { passes, ...made } = request(rights)
    const from = (...origins: string[]) => {
      const headers: Header[] = [host, ...made.headers, ...origins.map((o): Header => ['Origin', o])]
      return status(t, { ...made, headers })
    }
    for (const name of ownNames(t.hub.port)) expect(await from(`http://${name}`), name).toBe(passes)
    const foreign = foreignOrigins(t.hub.port)
    expect(foreign).toHaveLength(20)
    for (const origin of foreign) expect(await from(origin), origin).toBe(403)
    expect(await from(t.hub.url, 'http://evil.test'), 'two').toBe(403)
    expect(await from('http://evil.test', t.hub.url), 'two').toBe(403)
  })
  it('passes by exactly our names, and by no other form of a host', async () => {
    const { t, rights, origin } = await open()
    const { port } = t.hub
    const { passes, ...made } = request(rights)
    const by = (headers: Header[], target = made.target) =>
      status(t, { ...made, target, headers: [...headers, ...made.headers, origin] })
    const own = `127.0.0.1:${port}`
    for (const name of ownNames(port)) expect(await by([['Host', name]]), name).toBe(passes)
    const foreign = [
      `evil.test:${port}`,
      '127.0.0.1',
      `127.0.0.1:${port + 1}`,
      `127.0.0.1.:${port}`,
      `localhost.:${port}`,
      `LOCALHOST:${port}`,
      `user@127.0.0.1:${port}`,
      `127.0.0.1:${port}.evil.test`,
      `127.0.0.1.nip.io:${port}`,
      `[::ffff:127.0.0.1]:${port}`,
      `[0:0:0:0:0:0:0:1]:${port}`,
      `::1:${port}`,
      `0x7f000001:${port}`,
      '',
    ]
    for (const host of foreign) expect(await by([['Host', host]]), host).toBe(421)
    const forwarded: Header[] = [
      ['X-Forwarded-Host', own],
      ['Forwarded', `host=${own}`],
    ]
    expect(await by([['Host', 'evil.test'], ...forwarded]), 'forwarded').toBe(421)
    for (const two of [
      [own, 'evil.test'],
      ['evil.test', own],
      [own, own],
    ])
      expect([400, 421], 'two hosts').toContain(await by(two.map((host): Header => ['Host', host])))
    // An upgrade to a whole URL is not one to our socket: the connection ends without an answer.
    expect([421, 0], 'a whole URL').toContain(await by([['Host', own]], `http://evil.test${made.target}`))
    expect([400, 421], 'no host').toContain(await by([]))
  })
})

describe('every mutation', () => {
  it('refuses what a form can send', async () => {
    const { t, rights, host, origin } = await open()
    const mutations = PROCEDURES.filter((p) => p.kind === 'mutation')
    expect(mutations.length).toBeGreaterThanOrEqual(12)
    const types = [
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'text/plain',
      'text/plain; application/json',
      '',
    ]
    for (const { path } of mutations)
      for (const type of types)
        for (const target of [`/api/trpc/${path}`, `/api/trpc/${path}?batch=1`]) {
          const headers: Header[] = [
            host,
            origin,
            ['Cookie', rights.cookie],
            ...(type ? [['Content-Type', type] as Header] : []),
          ]
          expect(await status(t, { method: 'POST', target, headers, body: '{}' }), `${path} ${type}`).toBe(415)
        }
    expect((await t.call('hosts.list', undefined, rights.cookie)).status).toBe(200)
  })
  it('is refused by GET', async () => {
    const { t, rights, host } = await open()
    for (const { path } of PROCEDURES.filter((p) => p.kind === 'mutation')) {
      const headers: Header[] = [host, ['Cookie', rights.cookie]]
      expect(await status(t, { method: 'GET', target: `/api/trpc/${path}?input=%7B%7D`, headers }), path).toBe(405)
    }
  })
})

// A new event does not compile before it is named here, with who may send it.
const AGENT_EVENTS: Record<keyof AgentToHub, 'agent'> = {
  snapshot: 'agent',
  part: 'agent',
  patch: 'agent',
  samples: 'agent',
  progress: 'agent',
  stories: 'agent',
  traced: 'agent',
  way: 'agent',
  gone: 'agent',
  away: 'agent',
  marks: 'agent',
}
const PAGE_EVENTS: Record<keyof BrowserToHub, 'viewer'> = {
  hello: 'viewer',
  watch: 'viewer',
  watchChanges: 'viewer',
  resync: 'viewer',
  got: 'viewer',
}

describe('who may do what', () => {
  it('is known of every procedure, and an agent may call none', async () => {
    const { t, rights, host, origin } = await open()
    for (const { path, kind, access } of PROCEDURES) {
      expect(['public', 'bootstrap', 'viewer', 'operator', 'admin'], path).toContain(access)
      if (access === 'public') continue
      const method = kind === 'query' ? 'GET' : 'POST'
      const headers: Header[] = [host, origin, JSON_TYPE, ['Authorization', `Bearer ${rights.key}`]]
      expect(
        await status(t, { method, target: `/api/trpc/${path}`, headers, body: kind === 'query' ? '' : '{}' }),
        path,
      ).toBe(401)
    }
  })
  it('is known of every event: pages and agents send theirs, and nobody those of the other', async () => {
    const { t, rights } = await open()
    const viewer = await account(t, rights.cookie, 'viewer')
    const operator = await account(t, rights.cookie, 'operator')
    const page = (cookie: string) => ({ origin: t.hub.url, cookie })
    const callers: Record<string, { headers: Record<string, string>; may: string }> = {
      nobody: { headers: { origin: t.hub.url }, may: '' },
      viewer: { headers: page(viewer), may: BROWSERS },
      operator: { headers: page(operator), may: BROWSERS },
      admin: { headers: page(rights.cookie), may: BROWSERS },
      agent: { headers: { authorization: `Bearer ${t.key}` }, may: AGENTS },
    }
    const events = { [AGENTS]: Object.keys(AGENT_EVENTS), [BROWSERS]: Object.keys(PAGE_EVENTS) }
    for (const [who, { headers, may }] of Object.entries(callers))
      for (const [namespace, names] of Object.entries(events))
        for (const event of names) {
          const socket = await rawSocket(t.hub.port, headers)
          const what = `${who} sends ${event} to ${namespace}`
          expect(socket.status.includes(' 101 '), what).toBe(may !== '')
          if (may === '') continue
          socket.send(frame(`40${namespace},${JSON.stringify({ key: t.key, protocol: PROTOCOL_VERSION })}`))
          const answered = (): boolean => socket.messages.some((m) => m.startsWith('40') || m.startsWith('44'))
          while (!answered()) expect(await socket.settled(), what).toBe(true)
          expect(
            socket.messages.some((m) => m.startsWith(`40${namespace}`)),
            what,
          ).toBe(namespace === may)
          socket.send(frame(`42${namespace},["${event}",{}]`))
          // Who has not joined is cut off; who has is told nothing, for the message is empty.
          expect(await socket.settled(), what).toBe(namespace === may)
          socket.end()
        }
  })
})
