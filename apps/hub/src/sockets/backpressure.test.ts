import { randomBytes } from 'node:crypto'
import { type HostSnapshot, stateHash } from '@hopscope/model'
import { generateHost } from '@hopscope/testkit'
import { type ReplayAgent, replayAgent } from '@hopscope/testkit/replayAgent'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openPage, type Page } from '../../test/page.ts'
import { reader } from '../../test/reader.ts'
import { setUp, type TestHub, withHub } from '../../test/withHub.ts'

const MB = 1024 * 1024
const small = generateHost({ containers: 3, id: 'a', name: 'a' })
const middle = generateHost({ containers: 300, id: 'a', name: 'a' })
const large = generateHost({ containers: 1000, id: 'a', name: 'a' })

/** The host with one link named anew. */
function renamed(host: HostSnapshot, to: string): HostSnapshot {
  const [link] = Object.values(host.records.link)
  if (!link) throw new Error('the host has no link')
  const links = { ...host.records.link, [link.id]: { ...link, name: to } }
  return { host: host.host, records: { ...host.records, link: links } }
}

/** Characters that cannot be packed to much less. */
const noise = (length: number): string => randomBytes(length).toString('base64').slice(0, length)

async function agentOf(t: TestHub, snapshot: HostSnapshot, onWatch?: () => void): Promise<ReplayAgent> {
  const agent = await replayAgent({ url: t.hub.url, key: t.key, snapshots: [snapshot], ...(onWatch && { onWatch }) })
  onTestFinished(() => agent.close())
  return agent
}

const hashOf = (page: Page) => page.states.get('a')?.hash
const count = (page: Page, name: string) => page.received.filter((m) => m === name).length

describe('a page that does not read', () => {
  it('is cut before more than 1 MB waits for it, costs the others nothing, and is equal when it is back', async () => {
    const t = await withHub()
    const cookie = await setUp(t)
    const a = await agentOf(t, small)
    const [paused, other] = [await openPage(t, cookie), await openPage(t, cookie)]
    await expect.poll(() => hashOf(paused)).toBe(stateHash(small.records))
    reader(paused).pause()
    // More than the kernel buffers for a connection, in steps that the other page keeps up with.
    let most = 0
    for (let i = 0; i < 300 && t.hub.pages().cutFull === 0; i++) {
      const arrived = new Promise((resolve) => other.socket.once('patch', resolve))
      a.patch('a', renamed(small, `${i}${noise(60_000)}`))
      await arrived
      most = Math.max(most, t.hub.pages().mostWaiting)
    }
    await expect.poll(() => t.hub.pages()).toMatchObject({ cutFull: 1, cutStuck: 0, open: 1, waiting: 0 })
    expect(most).toBeGreaterThan(MB / 2)
    expect(most).toBeLessThanOrEqual(MB)
    expect(other.socket.connected).toBe(true)
    reader(paused).terminate()
    const back = await openPage(t, cookie, paused)
    const { hash } = a.patch('a', renamed(small, 'after'))
    for (const page of [back, other]) await expect.poll(() => hashOf(page)).toBe(hash)
  })

  it('is cut when it reads nothing of the snapshot that it is brought; one piece of it waited, and no patch', async () => {
    const t = await withHub({ pageLimits: { patience: 1_000 } })
    const cookie = await setUp(t)
    const a = await agentOf(t, large)
    await expect.poll(() => t.hub.hosts(), { timeout: 10_000 }).toBe(1)
    const page = await openPage(t, cookie)
    reader(page).pause()
    let most = 0
    for (let i = 0; i < 2_000 && t.hub.pages().cutStuck === 0; i++) {
      a.patch('a', renamed(large, `${i}`))
      await new Promise((resolve) => setTimeout(resolve, 10))
      most = Math.max(most, t.hub.pages().mostWaiting)
    }
    await expect.poll(() => t.hub.pages()).toMatchObject({ cutFull: 0, cutStuck: 1, open: 0, waiting: 0 })
    expect(most).toBeLessThan(MB / 4)
    reader(page).terminate()
    const back = await openPage(t, cookie)
    const { hash } = a.patch('a', renamed(large, 'after'))
    await expect.poll(() => hashOf(back), { timeout: 10_000 }).toBe(hash)
  })
})

describe('a page that reads slowly', () => {
  it('is not cut while it gets on with a large snapshot; patches wait elsewhere; it ends equal', async () => {
    const t = await withHub({ pageLimits: { patience: 2_000 } })
    const cookie = await setUp(t)
    const a = await agentOf(t, middle)
    await expect.poll(() => t.hub.hosts(), { timeout: 10_000 }).toBe(1)
    const page = await openPage(t, cookie)
    const faster = reader(page).slow(150_000)
    await expect.poll(() => t.hub.pages().behind).toBe(1)
    // More than the latest patches that are kept.
    let patches = 0
    for (; patches < 270 && t.hub.pages().behind === 1; patches++) {
      a.patch('a', renamed(middle, `${patches}`))
      await new Promise(setImmediate)
    }
    expect({ patches, ...t.hub.pages() }).toMatchObject({ patches: 270, behind: 1 })
    expect(t.hub.pages().mostWaiting).toBeLessThan(MB / 4)
    faster()
    const { hash } = a.patch('a', renamed(middle, 'after'))
    await expect.poll(() => hashOf(page), { timeout: 20_000 }).toBe(hash)
    await expect.poll(() => t.hub.pages()).toMatchObject({ cutFull: 0, cutStuck: 0, behind: 0 })
    // Not one by one, and not by another snapshot.
    expect(count(page, 'snapshot')).toBe(1)
    expect(count(page, 'patch')).toBeLessThan(20)
  })
})

describe('many pages', () => {
  it('reconnect at once, and all become equal from one copy', async () => {
    const t = await withHub()
    const cookie = await setUp(t)
    const host = generateHost({ containers: 8, id: 'a', name: 'a' })
    const a = await agentOf(t, host)
    await expect.poll(() => t.hub.hosts(), { timeout: 10_000 }).toBe(1)
    const open = (from: (Page | undefined)[]) => Promise.all(from.map((page) => openPage(t, cookie, page)))
    const first = await open(Array.from({ length: 200 }, () => undefined))
    for (const page of first) await expect.poll(() => hashOf(page)).toBe(stateHash(host.records))
    for (const page of first) page.socket.disconnect()
    await expect.poll(() => t.hub.pages().open).toBe(0)
    for (const name of ['x', 'y', 'z']) a.patch('a', renamed(host, name))
    const again = open(first)
    const { hash } = a.patch('a', renamed(host, 'last'))
    for (const page of await again) {
      await expect.poll(() => hashOf(page)).toBe(hash)
      expect(count(page, 'snapshot')).toBe(0)
      page.socket.disconnect()
    }
    expect(t.hub.pages()).toMatchObject({ cutFull: 0, cutStuck: 0 })
  })
})
