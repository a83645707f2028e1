import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { newToken, PAGE, setUp, type TestHub, withHub } from '../../test/withHub.ts'
import { contentSecurityPolicy } from './csp.ts'

const JSON_BODY = { method: 'POST', body: '{}' }
const json = { 'content-type': 'application/json' }

/** The first line that the hub answers to bytes as they are. */
function raw({ hub }: TestHub, request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    const socket = connect(hub.port, '127.0.0.1', () => socket.end(request))
    socket.on('data', (chunk) => {
      text += chunk
    })
    socket.on('error', reject).on('close', () => resolve(text.split('\r\n')[0] ?? ''))
  })
}

describe('the Host header', () => {
  it('must be one of the names of the hub, exactly', async () => {
    const t = await withHub()
    const { port } = t.hub
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`])
      expect((await t.send('/healthz', { headers: { host } })).status, host).toBe(200)
    const foreign = ['localhost', `localhost.:${port}`, 'localhost:80', `evil.test:${port}`, `127.0.0.2:${port}`]
    for (const host of foreign)
      for (const path of ['/healthz', '/', '/api/trpc/auth.state', '/socket.io/?EIO=4&transport=polling']) {
        const answer = await t.send(path, { headers: { host } })
        expect({ status: answer.status, code: JSON.parse(answer.text).code }, `${host} ${path}`).toEqual({
          status: 421,
          code: 'HOST_REFUSED',
        })
      }
    expect(await raw(t, 'GET /healthz HTTP/1.1\r\n\r\n')).toMatch(/^HTTP\/1.1 400/)
    expect(await raw(t, 'GET /healthz HTTP/1.1\r\nHost: \r\n\r\n')).toMatch(/^HTTP\/1.1 421/)
    expect(await raw(t, 'GET /healthz HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1.1 421/)
    expect(await raw(t, `GET http://evil.test/healthz HTTP/1.1\r\nHost: localhost:${port}\r\n\r\n`)).toMatch(
      /^HTTP\/1.1 421/,
    )
  })
})

describe('the Origin header', () => {
  it('must be exactly ours on whatever is not a GET; a missing one is refused', async () => {
    const t = await withHub()
    const cookie = await setUp(t)
    const post = (headers: Record<string, string>) =>
      t.send('/api/trpc/auth.logout', { ...JSON_BODY, headers: { ...json, cookie, ...headers } })
    const { port } = t.hub
    const foreign = [
      'http://evil.test',
      'null',
      `https://127.0.0.1:${port}`,
      `http://localhost.:${port}`,
      'http://localhost',
    ]
    for (const origin of [...foreign, `http://localhost:${port}/`, undefined]) {
      const answer = await post(origin === undefined ? {} : { origin })
      expect({ status: answer.status, code: JSON.parse(answer.text).code }, origin).toEqual({
        status: 403,
        code: 'ORIGIN_REFUSED',
      })
    }
    for (const method of ['PUT', 'DELETE', 'OPTIONS', 'PATCH'])
      expect((await t.send('/api/trpc/auth.logout', { method, headers: { cookie } })).status, method).toBe(403)
    expect((await t.call('hosts.list', undefined, cookie)).status).toBe(200)
    expect((await post({ origin: `http://localhost:${port}` })).status).toBe(200)
    expect((await t.call('hosts.list', undefined, cookie)).status).toBe(401)
  })
  it('of the public address is ours, too', async () => {
    const t = await withHub({ publicOrigin: 'https://net.example.org' })
    const headers = { ...json, host: 'net.example.org', origin: 'https://net.example.org' }
    const token = await newToken(t)
    const claim = await t.send('/api/trpc/auth.claim', { method: 'POST', headers, body: JSON.stringify({ token }) })
    expect(claim.headers['set-cookie']?.[0]).toMatch(
      /^__Host-hopscope_session=.*; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
    )
  })
})

describe('procedures', () => {
  it('take JSON only, and no mutation by GET', async () => {
    const t = await withHub()
    const origin = t.hub.url
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', '']) {
      const headers = { origin, ...(type && { 'content-type': type }) }
      expect((await t.send('/api/trpc/auth.logout', { ...JSON_BODY, headers })).status, type).toBe(415)
    }
    expect((await t.send('/api/trpc/auth.logout')).status).toBe(405)
    const broken = await t.send('/api/trpc/auth.login', { method: 'POST', headers: { ...json, origin }, body: '{' })
    expect(JSON.parse(broken.text).error.data.hopscope.code).toBe('BAD_INPUT')
    const unknown = await t.send('/api/trpc/no.such')
    expect(JSON.parse(unknown.text).error.data.hopscope.code).toBe('NOT_FOUND')
    const large = { method: 'POST', headers: { ...json, origin }, body: `"${'x'.repeat(600_000)}"` }
    expect((await t.send('/api/trpc/auth.login', large)).status).toBe(413)
  })
  it('answer a batch, and keep answers out of caches', async () => {
    const t = await withHub()
    const cookie = await setUp(t)
    const answer = await t.send('/api/trpc/auth.state,hosts.list?batch=1&input=%7B%7D', { headers: { cookie } })
    expect(JSON.parse(answer.text)).toHaveLength(2)
    expect(answer.headers['cache-control']).toBe('no-store')
  })
})

describe('the page', () => {
  it('is served with the hashes of its own inline scripts', async () => {
    const t = await withHub()
    const hash = `'sha256-${createHash('sha256').update('self.__a=1').digest('base64')}'`
    for (const [path, status] of [
      ['/', 200],
      ['/login', 200],
      ['/login.html', 200],
      ['/none', 404],
    ] as const) {
      const answer = await t.send(path)
      expect({ status: answer.status, text: answer.text }, path).toEqual({ status, text: PAGE })
      expect(answer.headers['content-security-policy']).toContain(`script-src 'self' ${hash};`)
      expect(answer.headers['cache-control']).toBe('no-store')
    }
    // A page built anew while the hub runs comes with new hashes.
    writeFileSync(join(t.dataDir, 'out/login.html'), '<script>2</script>')
    expect((await t.send('/login')).headers['content-security-policy']).not.toContain(hash)
  })
  it('comes with built assets that never expire, and nothing from outside its folder', async () => {
    const t = await withHub()
    const asset = await t.send('/_next/static/a.js')
    expect(asset.headers).toMatchObject({ 'cache-control': 'public, max-age=31536000, immutable' })
    expect(asset.headers['content-type']).toMatch(/javascript/)
    for (const path of [
      '/../agent.key',
      '/%2e%2e/agent.key',
      '/..%2fagent.key',
      '/_next',
      '/a%00',
      '/%zz',
      '//etc/passwd',
    ])
      expect([400, 404], path).toContain((await t.send(path)).status)
  })
  it('and every answer carries the headers that browsers guard by', async () => {
    const t = await withHub()
    for (const path of ['/', '/healthz', '/api/trpc/auth.state', '/none'])
      expect((await t.send(path)).headers, path).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
        'permissions-policy': expect.stringContaining('camera=()'),
        'content-security-policy': expect.stringContaining("frame-ancestors 'none'"),
      })
  })
})

describe('contentSecurityPolicy', () => {
  it('knows inline scripts whatever their attributes, and passes over those with a source', () => {
    const html = '<SCRIPT id="a">1</SCRIPT><script type="module" nonce="">2\n</script><script async src="x">3</script>'
    const hashes = contentSecurityPolicy(html).match(/sha256-[^']+/g)
    const expected = ['1', '2\n'].map((text) => `sha256-${createHash('sha256').update(text).digest('base64')}`)
    expect(hashes).toEqual(expected)
  })
  it('lets no script run by itself', () => {
    const policy = contentSecurityPolicy('')
    expect(policy).toContain("script-src 'self';")
    expect(policy).not.toContain('unsafe-eval')
  })
})

describe('health', () => {
  it('says alive and ready', async () => {
    const t = await withHub()
    expect(await t.send('/healthz')).toMatchObject({ status: 200, text: '{"alive":true}' })
    expect(await t.send('/readyz')).toMatchObject({ status: 200, text: '{"ready":true}' })
  })
})
