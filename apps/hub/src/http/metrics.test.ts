import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { emptySnapshot, stateHash } from '@hopscope/model'
import { AGENTS, PROTOCOL_VERSION } from '@hopscope/protocol'
import { io } from 'socket.io-client'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openPage } from '../../test/page.ts'
import { setUp, type TestHub, withHub } from '../../test/withHub.ts'

const token = (t: TestHub): string => readFileSync(join(t.dataDir, 'metrics.token'), 'utf8').trim()
const bearer = (secret: string) => ({ headers: { authorization: `Bearer ${secret}` } })

/** The value of a figure, by its name and labels as they are printed. */
async function figure(t: TestHub, name: string): Promise<number | undefined> {
  const { text } = await t.send('/metrics', bearer(token(t)))
  const line = text.split('\n').find((l) => l.startsWith(`${name} `))
  return line === undefined ? undefined : Number(line.split(' ')[1])
}

const host = {
  id: 'h',
  name: 'h',
  vantage: { kind: 'host' as const },
  kernel: '6',
  bootId: 'b',
  rootNetns: 'ns:1',
  agentVersion: '0',
  privileged: true,
}

/** An agent of one host that answers `metrics` with what it is given. */
async function openAgent(t: TestHub, metrics: unknown) {
  const socket = io(t.hub.url + AGENTS, {
    transports: ['websocket'],
    extraHeaders: { authorization: `Bearer ${t.key}` },
    auth: { key: t.key, protocol: PROTOCOL_VERSION },
    forceNew: true,
  })
  onTestFinished(() => {
    socket.disconnect()
  })
  socket.on('metrics', (answer: (m: unknown) => void) => answer(metrics))
  await new Promise((resolve) => socket.once('connect', () => resolve(undefined)))
  const snapshot = emptySnapshot(host)
  const hash = stateHash(snapshot.records)
  socket.emit('snapshot', { hostId: 'h', version: { epoch: 'e', revision: 5 }, hash, snapshot })
  await expect.poll(() => figure(t, 'hopscope_hub_revision{host="h"}')).toBe(5)
  return socket
}

describe('/metrics', () => {
  it('is for the holder of the token and for admins, and for nobody else', async () => {
    const t = await withHub()
    const admin = await setUp(t)
    expect(statSync(join(t.dataDir, 'metrics.token')).mode & 0o777).toBe(0o600)
    const secret = token(t)
    const strangers: Record<string, string>[] = [
      {},
      { authorization: secret },
      { authorization: 'Bearer ' },
      { authorization: `Bearer ${secret.slice(1)}` },
      { authorization: `Bearer ${t.key}` },
      { cookie: 'hopscope_session=x' },
    ]
    for (const headers of strangers) {
      const answer = await t.send('/metrics', { headers })
      expect({ status: answer.status, code: JSON.parse(answer.text).code }).toEqual({
        status: 401,
        code: 'UNAUTHENTICATED',
      })
      expect(answer.headers['www-authenticate']).toMatch(/^Bearer /)
    }
    await t.call('users.create', { name: 'Op', password: 'correct horse battery', role: 'operator' }, admin)
    const operator = (await t.call('auth.login', { name: 'Op', password: 'correct horse battery' })).cookie ?? ''
    expect((await t.send('/metrics', { headers: { cookie: operator } })).status).toBe(403)
    expect((await t.send('/metrics', { headers: { cookie: admin } })).status).toBe(200)
    const foreign = await t.send('/metrics', { headers: { ...bearer(secret).headers, host: 'evil.test' } })
    expect(foreign.status).toBe(421)
    const answer = await t.send('/metrics', bearer(secret))
    expect(answer.status).toBe(200)
    expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', 'content-type': /^text\/plain/ })
    expect(answer.text).toContain('hopscope_hub_refused_requests_total{reason="UNAUTHENTICATED"} 6\n')
    expect(answer.text).toContain('hopscope_hub_refused_requests_total{reason="HOST_REFUSED"} 1\n')
    expect(answer.text).toContain('hopscope_hub_refused_requests_total{reason="FORBIDDEN"} 1\n')
    expect(answer.text).not.toContain(secret)
  })

  it('keeps its token over a restart', async () => {
    const t = await withHub()
    const before = token(t)
    await t.restart()
    expect((await t.send('/metrics', bearer(before))).status).toBe(200)
  })

  it('tells of agents, pages, messages and resyncs', async () => {
    const t = await withHub()
    const admin = await setUp(t)
    const agent = await openAgent(t, [{ hostId: 'h', values: { revision: 7, losses: 3, memory: 1e8 } }])
    expect(await figure(t, 'hopscope_hub_agents')).toBe(1)
    expect(await figure(t, 'hopscope_hub_hosts{status="live"}')).toBe(1)
    expect(await figure(t, 'hopscope_hub_revision_lag{host="h"}')).toBe(2)
    expect(await figure(t, 'hopscope_agent_netlink_losses_total{host="h"}')).toBe(3)
    expect(await figure(t, 'hopscope_agent_netlink_losses_total{host="h"}')).toBe(3)
    expect(await figure(t, 'hopscope_hub_message_bytes_count{event="snapshot"}')).toBe(1)

    const page = await openPage(t, admin)
    await expect.poll(() => page.received).toContain('snapshot')
    expect(await figure(t, 'hopscope_hub_pages')).toBe(1)
    expect(await figure(t, 'hopscope_hub_page_catch_ups_total{by="snapshot"}')).toBe(1)
    page.socket.emit('resync', { hostId: 'h' })
    await expect.poll(() => figure(t, 'hopscope_hub_page_resyncs_total')).toBe(1)
    // A page that does not keep to the protocol.
    const loose: { emit(event: string, message: unknown): unknown } = page.socket
    loose.emit('watch', 7)
    await expect.poll(() => figure(t, 'hopscope_hub_refused_messages_total{from="page"}')).toBe(1)

    const patch = { hostId: 'h', epoch: 'e', from: 8, to: 9, hash: '0'.repeat(16), diff: {} }
    agent.emit('patch', patch)
    await expect.poll(() => figure(t, 'hopscope_hub_resyncs_total{reason="gap"}')).toBe(1)
    expect(await figure(t, 'hopscope_hub_message_bytes_count{event="patch"}')).toBe(1)
    agent.emit('nonsense', 1)
    agent.emit('gone', 1)
    await expect.poll(() => figure(t, 'hopscope_hub_refused_messages_total{from="agent"}')).toBe(1)
  })

  it('makes no label of what an agent or a request says', async () => {
    const t = await withHub()
    const names = Array.from({ length: 999 }, (_, i) => ({ hostId: `made-up-${i}`, values: { revision: i } }))
    const agent = await openAgent(t, names)
    agent.emit('made_up_event', 1)
    for (let i = 0; i < 20; i++) await t.send(`/made-up-${i}`, { headers: { host: `made-up-${i}` } })
    const { text } = await t.send('/metrics', bearer(token(t)))
    expect(text).not.toContain('made')
    agent.off('metrics').on('metrics', (answer: (m: unknown) => void) => answer([{ hostId: 'h', values: { x: 1 } }]))
    expect(await figure(t, 'hopscope_agent_revision{host="h"}')).toBeUndefined()
    expect(await figure(t, 'hopscope_hub_revision{host="h"}')).toBe(5)
    // One that does not answer keeps nobody waiting for long.
    agent.off('metrics')
    expect(await figure(t, 'hopscope_hub_revision{host="h"}')).toBe(5)
  })
})
