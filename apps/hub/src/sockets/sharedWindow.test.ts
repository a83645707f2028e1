import { randomBytes } from 'node:crypto'
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib'
import type { HostSnapshot } from '@hopscope/model'
import { generateHost } from '@hopscope/testkit'
import { replayAgent } from '@hopscope/testkit/replayAgent'
import { type WireReader, wireReader } from '@hopscope/testkit/wireReader'
import { describe, expect, it, onTestFinished } from 'vitest'
import { frame, rawSocket, TEXT } from '../../test/hostile/rawSocket.ts'
import { setUp, type TestHub, withHub } from '../../test/withHub.ts'
import { frameOf, webSocketFrame } from './frame.ts'
import { createSharedWindow } from './sharedWindow.ts'

const frameWith = (text: string) => frameOf(text, webSocketFrame(Buffer.from(`4${text}`)))

/** What one page makes of deflated frames of less than 64 kB. */
function inflater() {
  let window = Buffer.alloc(0)
  return (bytes: Buffer): string[] => {
    const texts: string[] = []
    for (let at = 0; at < bytes.length; ) {
      expect(bytes[at]).toBe(0xc1)
      const short = bytes[at + 1] ?? 0
      const [head, length] = short < 126 ? [2, short] : [4, bytes.readUInt16BE(at + 2)]
      const content = Buffer.concat([bytes.subarray(at + head, at + head + length), Buffer.from([0, 0, 0xff, 0xff])])
      const dictionary = window.length ? { dictionary: window } : {}
      const text = inflateRawSync(content, { finishFlush: constants.Z_SYNC_FLUSH, ...dictionary })
      window = Buffer.from(Buffer.concat([window, text]).subarray(-32 * 1024))
      texts.push(text.toString('utf8'))
      at += head + length
    }
    return texts
  }
}

describe('the window that pages share', () => {
  const bytesOf = ({ options }: { options: { wsPreEncodedFrame: Buffer[] } }) =>
    Buffer.concat(options.wsPreEncodedFrame)

  it('deflates once what every page in step inflates, whenever it came', () => {
    const window = createSharedWindow()
    const early = inflater()
    const sent: string[] = []
    for (let i = 0; i < 200; i++) {
      // Characters of two to four bytes, so that the window's edge falls between their bytes.
      const texts = [`${i}é€😀`.repeat(i), `second ${i}`]
      const { packed, from, to } = window.share(texts.map(frameWith))
      expect([from, to]).toEqual([2 * i, 2 * i + 2])
      expect(early(bytesOf(packed))).toEqual(texts.map((text) => `4${text}`))
      sent.push(...texts)
      const late = inflater()
      const [primer] = late(bytesOf(window.primer()))
      expect(primer?.startsWith('6')).toBe(true)
      expect(
        sent
          .map((text) => `4${text}`)
          .join('')
          .endsWith(primer?.slice(1) ?? ''),
      ).toBe(true)
      const next = frameWith(`again ${i}`)
      if (i % 20) continue
      // The same bytes for both.
      const { packed: both } = window.share([next, next])
      expect(late(bytesOf(both))).toEqual(early(bytesOf(both)))
      sent.push(next.text, next.text)
      break
    }
  })
  it('leaves alone what is too large for one turn, and the windows with it', () => {
    const window = createSharedWindow()
    const large = frameWith(randomBytes(200_000).toString('hex'))
    const { packed, from, to } = window.share([large])
    expect([packed, from, to]).toEqual([large, 0, 0])
  })
})

const small = generateHost({ containers: 5, id: 'a', name: 'a' })

function renamed(host: HostSnapshot, to: string): HostSnapshot {
  const [link] = Object.values(host.records.link)
  if (!link) throw new Error('the host has no link')
  return { ...host, records: { ...host.records, link: { ...host.records.link, [link.id]: { ...link, name: to } } } }
}

async function reader(t: TestHub, cookie: string, extensions?: string): Promise<WireReader> {
  const page = await wireReader({ url: t.hub.url, cookie, ...(extensions !== undefined && { extensions }) })
  onTestFinished(() => page.close())
  return page
}

describe('pages', () => {
  it('that came at different times, or do without, all become equal; one in step reads a fraction', async () => {
    const t = await withHub()
    const cookie = await setUp(t)
    const agent = await replayAgent({ url: t.hub.url, key: t.key, snapshots: [small] })
    onTestFinished(() => agent.close())
    const offers = [
      undefined,
      '',
      'permessage-deflate; server_no_context_takeover',
      'permessage-deflate; server_max_window_bits=9',
    ]
    const pages: WireReader[] = []
    let state = small
    let hash = ''
    for (const offer of [...offers, undefined]) {
      pages.push(await reader(t, cookie, offer))
      for (let i = 0; i < 5; i++) {
        state = renamed(state, `${pages.length}-${i}`)
        hash = agent.patch('a', state).hash
        for (const page of pages) await expect.poll(() => page.hash('a')).toBe(hash)
      }
    }
    expect(pages.map((page) => page.error())).toEqual(pages.map(() => undefined))
    expect(pages.map(({ extensions }) => extensions !== '')).toEqual([true, false, false, false, true])
    const last = pages.map((page) => page.frames.at(-1))
    expect(last.map((frame) => frame?.deflated)).toEqual([true, false, false, false, true])
    expect(new Set(last.map((frame) => frame?.text)).size).toBe(1)
    expect(last[0]?.bytes).toBe(last[4]?.bytes)
    expect(last[0]?.bytes).toBeLessThan((last[1]?.bytes ?? 0) / 3)
  })
  it('that fell behind read plain frames, and are in step again after a mark', async () => {
    const t = await withHub({ markEvery: 500 })
    const cookie = await setUp(t)
    const agent = await replayAgent({ url: t.hub.url, key: t.key, snapshots: [small] })
    onTestFinished(() => agent.close())
    const page = await reader(t, cookie)
    await expect.poll(() => page.hash('a')).toBe(agent.snapshotMessage('a').hash)
    let step = 0
    const change = async () => {
      const { hash } = agent.patch('a', renamed(small, `${step++}`))
      await expect.poll(() => page.hash('a')).toBe(hash)
      return page.frames.filter(({ text }) => text.includes('["patch"')).at(-1)?.deflated
    }
    expect(await change()).toBe(true)
    // More at once than is sent without waiting, whatever it packs to: brought as the page reads.
    const { hash } = agent.patch('a', renamed(small, 'x'.repeat(200_000)))
    await expect.poll(() => page.hash('a')).toBe(hash)
    expect(page.frames.find(({ text }) => text.length > 200_000)).toMatchObject({ deflated: false })
    await expect.poll(change, { timeout: 5_000 }).toBe(true)
    expect(page.error()).toBeUndefined()
  })
  it('may deflate what they say, but not more than they may say', async () => {
    const t = await withHub()
    const cookie = await setUp(t)
    const headers = { origin: t.hub.url, cookie, 'sec-websocket-extensions': 'permessage-deflate' }
    const connect = async () => {
      const socket = await rawSocket(t.hub.port, headers)
      onTestFinished(socket.end)
      return socket
    }
    const deflated = (text: string): Buffer => {
      const bytes = frame(deflateRawSync(text, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4), TEXT)
      bytes[0] = 0xc0 | TEXT
      return bytes
    }
    const honest = await connect()
    honest.send(deflated('40/ui,'))
    await expect.poll(() => honest.messages.some((message) => message.startsWith('40/ui'))).toBe(true)
    // Packed it is within what a page may send.
    const bomb = deflated(`4${'x'.repeat(50_000_000)}`)
    expect(bomb.length).toBeLessThan(64 * 1024)
    const before = process.memoryUsage().rss
    const hostile = await Promise.all(Array.from({ length: 20 }, connect))
    for (const socket of hostile) socket.send(bomb)
    for (const socket of hostile) await expect.poll(socket.closeCode).toBe(1009)
    expect(process.memoryUsage().rss - before).toBeLessThan(100_000_000)
    expect(await honest.settled()).toBe(true)
  })
})
