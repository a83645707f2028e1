import { generateHost } from '@hopscope/testkit'
import { type ReplayAgent, replayAgent } from '@hopscope/testkit/replayAgent'
import { expect, onTestFinished } from 'vitest'
import { openPage, type Page } from '../page.ts'
import { setUp } from '../withHub.ts'
import { type HubProcess, hubProcess, type Memory, type Start } from './hubProcess.ts'

const MEGABYTE = 1024 * 1024
const MOST_KEPT = 50 * MEGABYTE

/** A hub in a process of its own with an account, an agent that reports a host, and a page that looks at it. */
export type Scene = {
  t: HubProcess
  /** The admin's session. */
  cookie: string
  agent: ReplayAgent
  hostId: string
}

export async function scene(o: Start = {}): Promise<Scene> {
  const t = await hubProcess(o)
  const cookie = await setUp(t)
  const snapshot = generateHost({ containers: 20 })
  const agent = await replayAgent({ url: t.hub.url, key: t.key, snapshots: [snapshot] })
  onTestFinished(() => agent.close())
  const list = async () => (await t.call('hosts.list', undefined, cookie)).data
  await expect.poll(list).toMatchObject([{ status: 'live' }])
  await t.call('layouts.save', { key: 'canary', value: { kept: true } }, cookie)
  return { t, cookie, agent, hostId: snapshot.host.id }
}

/** Runs what is hostile; the hub must live, answer, hold what it held, stream on, and have its memory back. */
export async function unharmed(s: Scene, hostile: () => Promise<void>): Promise<void> {
  const { t, cookie, agent, hostId } = s
  const hosts = async () => (await t.call('hosts.list', undefined, cookie)).data
  const before = { hosts: await hosts(), memory: await t.memory() }
  await hostile()
  expect(t.child.exitCode, t.log()).toBeNull()
  expect((await t.send('/readyz')).status).toBe(200)
  expect(await hosts()).toEqual(before.hosts)
  expect((await t.call('layouts.get', { key: 'canary' }, cookie)).data).toEqual({ value: { kept: true } })
  const page = await openPage(t, cookie)
  const held = agent.snapshotMessage(hostId)
  await expect.poll(() => page.states.get(hostId)?.hash).toBe(held.hash)
  await streams(s, page)
  page.socket.disconnect()
  await memoryIsBack(t, before.memory)
}

/** What the agent reports now reaches the page. */
async function streams({ agent, hostId }: Scene, page: Page): Promise<void> {
  const { snapshot } = agent.snapshotMessage(hostId)
  const [link] = Object.values(snapshot.records.link)
  if (!link) throw new Error('the host has no link')
  const changed = { ...snapshot.records.link, [link.id]: { ...link, mtu: link.mtu + 1 } }
  const { hash, to } = agent.patch(hostId, { ...snapshot, records: { ...snapshot.records, link: changed } })
  await expect.poll(() => page.states.get(hostId)).toMatchObject({ hash, version: { revision: to } })
}

async function memoryIsBack(t: HubProcess, before: Memory): Promise<void> {
  const held = ({ heapUsed, external }: Memory) => heapUsed + external
  // Connections that are being closed take their time; what they hold goes with them.
  const grown = async () => held(await t.memory()) - held(before)
  await expect.poll(grown, { timeout: 40_000, interval: 1000 }).toBeLessThan(MOST_KEPT)
  const { rss } = await t.memory()
  process.stdout.write(
    `  memory: heap and buffers ${(held(before) / MEGABYTE).toFixed(1)} MB before, ` +
      `${((await grown()) / MEGABYTE).toFixed(1)} MB more after; resident ` +
      `${(before.rss / MEGABYTE).toFixed(0)} and ${(rss / MEGABYTE).toFixed(0)} MB\n`,
  )
}
