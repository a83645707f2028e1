import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { AGENTS, BROWSERS, errorCode, PROTOCOL_VERSION } from '@hopscope/protocol'
import { describe, expect, it } from 'vitest'
import { PROCEDURES } from './procedures.ts'
import { frame, rawSocket } from './rawSocket.ts'
import { type Scene, scene, unharmed } from './unharmed.ts'

const TEN_MEGABYTES = 10 * 1024 * 1024
const LARGE = 'x'.repeat(TEN_MEGABYTES)

describe('a message of 10 MB', () => {
  it('is refused at every procedure, and leaves the hub unharmed', async () => {
    const s = await scene()
    await unharmed(s, async () => {
      const head = (path: string) =>
        `POST /api/trpc/${path} HTTP/1.1\r\nHost: 127.0.0.1:${s.t.hub.port}\r\nOrigin: ${s.t.hub.url}\r\n` +
        `Cookie: ${s.cookie}\r\nContent-Type: application/json\r\n`
      for (const { path } of PROCEDURES) {
        const body = `{"name":"${LARGE}"}`
        const announced = `${head(path)}Content-Length: ${body.length}\r\n\r\n`
        expect(await firstLine(s, announced), path).toContain(' 413 ')
        // Whoever goes on sending may find the connection reset before the answer is read.
        expect(await firstLine(s, announced, body), path).toMatch(/^$| 413 /)
        // Without saying how long it will be.
        const chunk = `${body.length.toString(16)}\r\n${body}\r\n`
        expect(await firstLine(s, `${head(path)}Transfer-Encoding: chunked\r\n\r\n`, chunk), path).toMatch(/^$| 413 /)
      }
      expect(await firstLine(s, `GET /${LARGE} HTTP/1.1\r\n`)).toMatch(/^$| 431 /)
      const withHeader = (value: string) => `GET / HTTP/1.1\r\nHost: 127.0.0.1:${s.t.hub.port}\r\nX: ${value}\r\n\r\n`
      expect(await firstLine(s, withHeader(LARGE))).toMatch(/^$| 431 /)
      expect(await firstLine(s, withHeader('x'.repeat(20_000)))).toContain(' 431 ')
    })
  })
  it('ends the connection of a page, which may send 64 KiB', async () => {
    const s = await scene()
    const page = async () => {
      const socket = await rawSocket(s.t.hub.port, { origin: s.t.hub.url, cookie: s.cookie })
      socket.send(frame(`40${BROWSERS},`))
      await socket.settled()
      return socket
    }
    await unharmed(s, async () => {
      for (const size of [64 * 1024 + 1, TEN_MEGABYTES]) {
        const socket = await page()
        const event = `42${BROWSERS},["hello","${'x'.repeat(size)}"]`
        socket.send(frame(event))
        expect(await socket.settled()).toBe(false)
        expect(socket.closeCode()).toBe(1009)
      }
      const allowed = await page()
      allowed.send(frame(`42${BROWSERS},["hello","${'x'.repeat(60 * 1024)}"]`))
      expect(await allowed.settled()).toBe(true)
      allowed.end()
    })
  })
  it('of an agent is read, and refused by what it says', async () => {
    const s = await scene()
    await unharmed(s, async () => {
      const socket = await rawSocket(s.t.hub.port, { authorization: `Bearer ${s.t.key}` })
      socket.send(frame(`40${AGENTS},${JSON.stringify({ key: s.t.key, protocol: PROTOCOL_VERSION })}`))
      await socket.settled()
      for (let i = 0; i < 5; i++) socket.send(frame(`42${AGENTS},["snapshot","${LARGE}"]`))
      expect(await socket.settled()).toBe(true)
      socket.end()
    })
    expect(s.t.log()).toContain('a message of an agent was refused')
  })
})

describe('a value of brackets within brackets', () => {
  it.each([5000, 100_000])('is saved or refused, %d levels deep', async (levels) => {
    const s = await scene()
    await unharmed(s, async () => {
      const answer = await post(s, 'layouts.save', `{"key":"deep","value":${'['.repeat(levels)}${']'.repeat(levels)}}`)
      const { error } = JSON.parse(answer.text)
      if (error) expect(errorCode.exclude(['INTERNAL']).parse(error.data.hopscope.code)).toBe('BAD_INPUT')
      expect((await s.t.call('layouts.get', { key: 'deep' }, s.cookie)).status).toBe(200)
    })
  })
})

describe('connections that are held open for nothing', () => {
  it('are ended, and keep nobody else from being served', { timeout: 120_000 }, async () => {
    const s = await scene()
    const { port, url } = s.t.hub
    const host = `Host: 127.0.0.1:${port}\r\n`
    const upgrade = `${host}Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${Buffer.alloc(16).toString('base64')}\r\n`
    const beginnings = {
      'nothing at all': '',
      'half a head': `GET / HTTP/1.1\r\n${host}X-`,
      'a body that does not come': `POST /api/trpc/auth.logout HTTP/1.1\r\n${host}Origin: ${url}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{`,
      'an upgrade that was refused': `GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n${upgrade}\r\n`,
      'an upgrade elsewhere': `GET /elsewhere HTTP/1.1\r\n${upgrade}\r\n`,
      'a connection that joins nothing': `GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n${upgrade}Origin: ${url}\r\nCookie: ${s.cookie}\r\n\r\n`,
    }
    await unharmed(s, async () => {
      const open = Object.entries(beginnings).flatMap(([what, text]) =>
        Array.from({ length: 60 }, () => ({ what, text })),
      )
      const ended = open.map(async ({ what, text }) => {
        // Never ends by itself, nor when the other side does.
        const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
        socket.on('error', () => {}).resume()
        await once(socket, 'connect')
        socket.write(text)
        await over(socket)
        socket.destroy()
        return what
      })
      expect((await s.t.send('/healthz')).status).toBe(200)
      expect(await Promise.all(ended)).toHaveLength(open.length)
    })
  })
})

/** Resolves when the hub has ended its side: closed or reset. */
const over = (socket: Socket): Promise<unknown> =>
  Promise.race([once(socket, 'end'), new Promise((resolve) => socket.once('close', resolve))])

function post({ t, cookie }: Scene, path: string, body: string) {
  const headers = { origin: t.hub.url, cookie, 'content-type': 'application/json' }
  return t.send(`/api/trpc/${path}`, { method: 'POST', headers, body })
}

/** The first line of the answer to a head and what follows it. The hub may answer and hang up before it has read everything. */
function firstLine({ t }: Scene, head: string, body = ''): Promise<string> {
  return new Promise((resolve) => {
    let text = ''
    const socket = connect(t.hub.port, '127.0.0.1', () => {
      socket.write(head)
      // In pieces, so that an answer can be read in between.
      for (let at = 0; at < body.length; at += 64 * 1024) socket.write(body.slice(at, at + 64 * 1024))
    })
    socket.on('data', (chunk) => {
      text += chunk
      if (text.includes('\r\n')) socket.destroy()
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(text.split('\r\n')[0] ?? ''))
  })
}
