import { AGENTS, BROWSERS, PROTOCOL_VERSION } from '@hopscope/protocol'
import { replayAgent } from '@hopscope/testkit/replayAgent'
import { io } from 'socket.io-client'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openPage } from '../../test/page.ts'
import { account, newToken, setUp, type TestHub, withHub } from '../../test/withHub.ts'

type Headers = Record<string, string>
// Any 16 bytes.
const KEY = Buffer.alloc(16).toString('base64')
const UPGRADE: Headers = {
  connection: 'upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': KEY,
}

/** How a handshake ends: 'connected', or the status or the code of the refusal. */
function attempt(t: TestHub, o: { namespace: string; headers: Headers; auth?: object }) {
  const socket = io(`${t.hub.url}${o.namespace}`, {
    transports: ['websocket'],
    extraHeaders: o.headers,
    auth: o.auth ?? {},
    forceNew: true,
    reconnection: false,
  })
  onTestFinished(() => {
    socket.disconnect()
  })
  return new Promise<string>((resolve) => {
    socket.once('connect', () => resolve('connected'))
    socket.once('connect_error', (error) => {
      // A refusal of a namespace has data; one of the whole connection is an HTTP status.
      if ('data' in error && error.data) return resolve(JSON.stringify(error.data))
      const { description } = error as unknown as { description?: number | { message?: string } }
      resolve(typeof description === 'number' ? String(description) : (description?.message ?? error.message))
    })
  })
}

describe('a handshake', () => {
  it('of a page needs the exact origin, the exact host and a session', async () => {
    const t = await withHub()
    const bootstrap = (await t.call('auth.claim', { token: await newToken(t) })).cookie ?? ''
    const cookie = await setUp(t)
    const origin = t.hub.url
    const page = (headers: Headers) => attempt(t, { namespace: BROWSERS, headers })
    expect(await page({ origin, cookie })).toBe('connected')
    expect(await page({ cookie })).toContain('403')
    expect(await page({ origin: 'http://evil.test', cookie })).toContain('403')
    expect(await page({ origin: `${origin}/`, cookie })).toContain('403')
    expect(await page({ origin: 'null', cookie })).toContain('403')
    expect(await page({ origin })).toMatch(/40[03]/)
    expect(await page({ origin, cookie: 'hopscope_session=x' })).toMatch(/40[03]/)
    expect(await page({ origin, cookie: bootstrap })).toMatch(/40[03]/)
  })
  it('of an agent needs the key, and no origin', async () => {
    const t = await withHub()
    const auth = { key: t.key, protocol: PROTOCOL_VERSION }
    const authorization = `Bearer ${t.key}`
    const agent = (headers: Headers, withAuth: object = auth) =>
      attempt(t, { namespace: AGENTS, headers, auth: withAuth })
    expect(await agent({ authorization })).toBe('connected')
    expect(await agent({})).toContain('403')
    expect(await agent({ authorization: 'Bearer wrong' })).toContain('401')
    expect(await agent({ authorization: t.key })).toContain('401')
    expect(await agent({ authorization, origin: 'http://evil.test' })).toContain('403')
    expect(await agent({ authorization, origin: t.hub.url })).toMatch(/40[03]/)
    expect(await agent({ authorization }, { ...auth, key: 'wrong' })).toBe('{"code":"AGENT_KEY_WRONG"}')
    expect(await agent({ authorization }, { ...auth, protocol: 99 })).toBe('{"code":"PROTOCOL_MISMATCH"}')
    expect(await agent({ authorization }, {})).toBe('{"code":"BAD_INPUT"}')
  })
  it('needs the exact host, whoever comes', async () => {
    const t = await withHub()
    const clients: Headers[] = [{ origin: t.hub.url, cookie: await setUp(t) }, { authorization: `Bearer ${t.key}` }]
    const path = '/socket.io/?EIO=4&transport=websocket'
    for (const client of clients)
      for (const host of [`evil.test:${t.hub.port}`, `localhost.:${t.hub.port}`, 'localhost']) {
        const headers = { ...client, host, ...UPGRADE }
        const answer = await t.send(path, { headers })
        expect({ status: answer.status, code: JSON.parse(answer.text).code }).toEqual({
          status: 421,
          code: 'HOST_REFUSED',
        })
      }
  })
  it('leads to its own namespace only', async () => {
    const t = await withHub()
    const page = { origin: t.hub.url, cookie: await setUp(t) }
    const agent = { authorization: `Bearer ${t.key}` }
    const auth = { key: t.key, protocol: PROTOCOL_VERSION }
    expect(await attempt(t, { namespace: AGENTS, headers: page, auth })).toBe('{"code":"AGENT_KEY_WRONG"}')
    expect(await attempt(t, { namespace: BROWSERS, headers: agent })).toBe('{"code":"UNAUTHENTICATED"}')
    expect(await attempt(t, { namespace: '/', headers: page })).toBe('{"code":"FORBIDDEN"}')
  })
})

describe('a connection', () => {
  it('is made by WebSocket only, and by a handshake of its own', async () => {
    const t = await withHub()
    const page: Headers = { origin: t.hub.url, cookie: await setUp(t) }
    for (const headers of [page, { authorization: `Bearer ${t.key}` }]) {
      const polling = await t.send('/socket.io/?EIO=4&transport=polling', { headers })
      expect({ status: polling.status, code: JSON.parse(polling.text).code }).toEqual({
        status: 400,
        code: 'BAD_INPUT',
      })
      const taken = await t.send('/socket.io/?EIO=4&transport=websocket&sid=x', { headers: { ...headers, ...UPGRADE } })
      expect({ status: taken.status, code: JSON.parse(taken.text).code }).toEqual({ status: 400, code: 'BAD_INPUT' })
    }
  })
  it('of a page ends with its session', async () => {
    const t = await withHub()
    const admin = await setUp(t)
    const cookies = [admin, await account(t, admin, 'viewer'), await account(t, admin, 'operator')]
    const pages = await Promise.all(cookies.map((cookie) => openPage(t, cookie)))
    const closed = pages.map((page) => new Promise((resolve) => page.socket.once('disconnect', resolve)))
    await t.call('auth.logout', undefined, cookies[1])
    expect(await closed[1]).toBe('io server disconnect')
    const users = (await t.call('users.list', undefined, admin)).data as { id: string; name: string }[]
    await t.call('users.remove', { id: users.find((u) => u.name === 'operator')?.id }, admin)
    expect(await closed[2]).toBe('io server disconnect')
    expect(pages[0]?.socket.connected).toBe(true)
    // An open page counts as use, but not for ever.
    for (let i = 0; i < 4; i++) {
      t.pass(6 * 24 * 60 * 60_000)
      await t.hub.sweep()
    }
    expect(pages[0]?.socket.connected).toBe(true)
    t.pass(6 * 24 * 60 * 60_000)
    await t.hub.sweep()
    expect(await closed[0]).toBe('io server disconnect')
  })
  it('of a page of another version is turned away', async () => {
    const t = await withHub()
    const page = await openPage(t, await setUp(t))
    const closed = new Promise((resolve) => page.socket.once('disconnect', resolve))
    page.socket.emit('hello', { protocol: 99, known: {} })
    await closed
    expect(page.received).toContain('PROTOCOL_MISMATCH')
  })
  it('of a replayed agent says why it was refused', async () => {
    const t = await withHub()
    const o = { url: t.hub.url, snapshots: [] }
    await expect(replayAgent({ ...o, key: t.key, protocol: 99 })).rejects.toThrow('PROTOCOL_MISMATCH')
    await expect(replayAgent({ ...o, key: 'wrong' })).rejects.toThrow('websocket error')
  })
})
