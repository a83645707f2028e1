import { createSandbox } from '@hopscope/sandbox'
import { wireReader } from '@hopscope/testkit/wireReader'
import { bytesOf, followed, newsOf } from './newsOf.ts'
import { expect, test } from './test.ts'

const MOST = 2_000

test('a container more and a rename are at most 2 kB on the wire to a page', async ({ product, session }) => {
  test.setTimeout(120_000)
  const sandbox = await createSandbox({ name: 'wire' })
  try {
    const [host] = sandbox.hosts
    if (!host) throw new Error('the sandbox has no host')
    const run = (...argv: string[]) => host.docker('run', '-d', '--name', ...argv, 'busybox', 'sleep', '100000')
    for (const name of ['first', 'second', 'third']) await run(name)
    const page = await wireReader({ url: product.url, cookie: session })
    try {
      const id = await followed(page, host.name)
      // The first one that a page sees may cost a little more: only then is all of it in the window that pages share.
      expect(bytesOf(await newsOf(page, id, () => run('seen')))).toBeLessThanOrEqual(1.25 * MOST)
      const news = {
        published: await newsOf(page, id, () => run('published', '-p', '8080:80')),
        rename: await newsOf(page, id, () => host.docker('rename', 'published', 'renamed')),
        plain: await newsOf(page, id, () => run('plain')),
      }
      const said = Object.entries(news).map(([name, frames]) => [name, frames.map(({ text }) => text).join()] as const)
      for (const [name, texts] of said) expect(texts, name).toContain(name === 'rename' ? 'renamed' : `"${name}"`)
      const bytes = Object.entries(news).map(([name, frames]) => [name, bytesOf(frames)] as const)
      for (const [name, sum] of bytes) expect(sum, JSON.stringify(news[name as 'rename'])).toBeLessThanOrEqual(MOST)
      expect(Object.fromEntries(bytes).rename).toBeLessThanOrEqual(500)
    } finally {
      page.close()
    }
  } finally {
    await sandbox.down()
  }
})

test('Chromium agrees on deflated frames', async ({ product, signedIn }) => {
  const network = await signedIn.context().newCDPSession(signedIn)
  await network.send('Network.enable')
  const handshake = new Promise<Record<string, string>>((resolve) =>
    network.on('Network.webSocketHandshakeResponseReceived', ({ response }) => resolve(response.headers)),
  )
  await signedIn.goto(product.url)
  const headers = Object.entries(await handshake).map(([name, value]) => [name.toLowerCase(), value])
  expect(Object.fromEntries(headers)['sec-websocket-extensions']).toContain('permessage-deflate')
  await expect(signedIn.getByTestId('map')).toBeVisible({ timeout: 30_000 })
})
