import { emptySnapshot, stateHash } from '@hopscope/model'
import { AGENTS, PROTOCOL_VERSION } from '@hopscope/protocol'
import { io } from 'socket.io-client'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { openPage } from '../test/page.ts'
import { NAME, newToken, setUp, type TestHub, withHub } from '../test/withHub.ts'
import { createLimits } from './auth/limits.ts'

const DAY = 24 * 60 * 60_000
const WAYS = [
  ['forwards', DAY],
  ['backwards', -DAY],
] as const

const snapshot = emptySnapshot({
  id: 'h',
  name: 'h',
  vantage: { kind: 'host' },
  kernel: '6',
  bootId: 'b',
  rootNetns: 'ns:1',
  agentVersion: '0',
  privileged: true,
})

/** An agent of one host that is asked for snapshots and counts how often. */
async function openAgent(t: TestHub) {
  const socket = io(t.hub.url + AGENTS, {
    transports: ['websocket'],
    extraHeaders: { authorization: `Bearer ${t.key}` },
    auth: { key: t.key, protocol: PROTOCOL_VERSION },
    forceNew: true,
  })
  onTestFinished(() => {
    socket.disconnect()
  })
  let asked = 0
  socket.on('resync', () => asked++)
  await new Promise((resolve) => socket.once('connect', () => resolve(undefined)))
  const hash = stateHash(snapshot.records)
  socket.emit('snapshot', { hostId: 'h', version: { epoch: 'e', revision: 1 }, hash, snapshot })
  const gap = () => socket.emit('patch', { hostId: 'h', epoch: 'e', from: 8, to: 9, hash, diff: {} })
  return { socket, gap, asked: () => asked }
}

afterEach(() => {
  vi.useRealTimers()
})

describe.each(WAYS)('a clock that is moved %s by a day', (_way, move) => {
  it('ends no session and no stream, and dates what happens from then on', async () => {
    const t = await withHub()
    const cookie = await setUp(t)
    const agent = await openAgent(t)
    const page = await openPage(t, cookie)
    await expect.poll(() => page.hosts[0]?.status).toBe('live')
    t.pass(move)
    await t.hub.sweep()
    expect((await t.call('auth.state', undefined, cookie)).data.user.name).toBe(NAME)
    expect(page.socket.connected).toBe(true)
    expect(page.hosts[0]?.status).toBe('live')
    agent.socket.disconnect()
    await expect.poll(() => page.hosts[0]?.status).toBe('stale')
    expect(Math.abs((page.hosts[0]?.since ?? 0) - (Date.now() + move))).toBeLessThan(60_000)
    // A clock that is put right again is another move.
    t.pass(-move)
    await t.hub.sweep()
    expect((await t.call('auth.state', undefined, cookie)).data.user.name).toBe(NAME)
    expect((await openPage(t, cookie)).socket.connected).toBe(true)
  })

  it('keeps no host from being asked for a snapshot', async () => {
    const t = await withHub()
    const agent = await openAgent(t)
    agent.gap()
    await expect.poll(agent.asked).toBe(1)
    t.pass(move)
    agent.gap()
    await expect.poll(agent.asked).toBe(2)
  })

  it('leaves no one-time link valid for longer', async () => {
    const t = await withHub()
    const token = await newToken(t)
    t.pass(move)
    expect((await t.call('auth.claim', { token })).code).toBe('LINK_EXPIRED')
    const fresh = await t.call('auth.claim', { token: await newToken(t) })
    expect(fresh.status).toBe(200)
    t.pass(move)
    expect((await t.call('auth.setup', { name: NAME, password: 'correct horse battery' }, fresh.cookie)).code).toBe(
      'UNAUTHENTICATED',
    )
  })
})

it('a clock that is moved back by a day makes nobody wait for one', async () => {
  const limits = createLimits()
  const attempt = { ip: '192.0.2.1', subject: 'ada' }
  for (let i = 0; i < 5; i++) expect(await limits.attempt(attempt)).toBeUndefined()
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - DAY })
  const refused = await limits.attempt(attempt)
  expect(refused?.retryAfter).toBeGreaterThan(0)
  expect(refused?.retryAfter).toBeLessThanOrEqual(15 * 60)
})
