import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSandbox, type Sandbox, type SandboxHost } from '@hopscope/sandbox'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { hubProcess } from '../../../hub/test/hostile/hubProcess.ts'
import { openPage, type Page } from '../../../hub/test/page.ts'
import { type Reached, setUp, withHub } from '../../../hub/test/withHub.ts'
import { observerOf } from '../faults/observerOf.ts'

const folder = mkdtempSync(join(tmpdir(), 't-tracing-'))
process.env.HOPSCOPE_RUN_DIR = join(folder, 'run')
process.env.HOPSCOPE_DATA_DIR = join(folder, 'data')
mkdirSync(join(folder, 'run'))
afterAll(() => rmSync(folder, { recursive: true }))

const SOON = { timeout: 30_000, interval: 20 }
const PEER = '10.9.0.2'
const LIMIT = { packets: 1_000, rate: 1_000, seconds: 120 }

describe.skipIf(process.getuid?.() !== 0)('a tracing from the page, of a sandbox host', () => {
  let sandbox: Sandbox
  let host: SandboxHost
  let before: string[]

  beforeAll(async () => {
    sandbox = await createSandbox({ name: 't-tracing', docker: false })
    host = sandbox.host('t-tracing-1')
    await host.run(['ip', 'netns', 'add', 'blue'])
    await host.run(['ip', 'link', 'add', 'left', 'type', 'veth', 'peer', 'name', 'right', 'netns', 'blue'])
    await host.run(['ip', 'addr', 'add', '10.9.0.1/24', 'dev', 'left'])
    await host.run(['ip', 'link', 'set', 'left', 'up'])
    await host.run(['ip', '-n', 'blue', 'addr', 'add', `${PEER}/24`, 'dev', 'right'])
    await host.run(['ip', '-n', 'blue', 'link', 'set', 'right', 'up'])
    await host.run(['nft', 'add', 'table', 'ip', 'mine'])
    await host.run(['nft', 'add chain ip mine out { type filter hook output priority 0; }'])
    await host.run(['nft', 'add', 'rule', 'ip', 'mine', 'out', 'ip', 'daddr', PEER, 'counter'])
    before = await rulesets()
  })
  afterAll(async () => {
    await sandbox?.down()
  })

  const rulesets = () =>
    Promise.all([[], ['ip', 'netns', 'exec', 'blue']].map((in_) => host.run([...in_, 'nft', '-s', 'list', 'ruleset'])))
  const untouched = () => expect.poll(rulesets, SOON).toEqual(before)
  const ping = (count: number) => host.run(['ping', '-i', '0.05', '-c', String(count), '-W', '2', PEER])

  async function opened<H extends Started>(hub: H) {
    const cookie = await setUp(hub)
    const page = await openPage(hub, cookie)
    const agent = startAgent(hub, sandbox.name)
    await expect.poll(() => page.hosts.map(({ status }) => status), SOON).toEqual(['live'])
    await expect.poll(() => page.states.size, SOON).toBe(1)
    const [hostId = ''] = page.states.keys()
    const start = (more: object = {}) =>
      hub.call('tracing.start', { hostId, page: page.socket.id, filter: 'icmp', limit: LIMIT, ...more }, cookie)
    return { hub, cookie, page, agent, hostId, start }
  }

  it('tells each packet with its rules, ends at its limits and when it is stopped; a proof sends one', async () => {
    const { hub, cookie, page, hostId, start } = await opened(await withHub())
    const { data } = await start()
    expect(data).toMatchObject({ kind: 'started', namespaces: 2, unavailable: [], legacy: [] })
    expect(await rulesets()).not.toEqual(before)
    await ping(3)
    await expect.poll(() => storiesOf(page).length, SOON).toBe(6)
    const [held] = page.states.values()
    const from = { kind: 'netns', netns: held?.snapshot.host.rootNetns }
    const prove = () => hub.call('tracing.prove', { hostId, query: { from, to: PEER, protocol: 'icmp' } }, cookie)
    expect((await prove()).data.reason.code).toBe('TRACED_BY')
    const { data: ended } = await hub.call('tracing.stop', { id: data.id }, cookie)
    expect(ended.summary).toMatchObject({ ended: 'stopped', shown: 6, partial: 0, lost: 0, overruns: 0 })
    expect(await rulesets()).toEqual(before)
    const [first] = storiesOf(page)
    const chains = first?.way.hops.flatMap((hop) => (hop.kind === 'chain' ? [`${hop.table} ${hop.chain}`] : []))
    expect(chains).toEqual(['mine out'])
    expect(first?.way.outcome.verdict).toBe('delivered')
    expect(Math.abs((first?.at ?? 0) - Date.now())).toBeLessThan(60_000)
    expect(first?.head?.l3).toMatch(/^45/)

    await start({ limit: { ...LIMIT, packets: 4 } })
    await ping(10)
    await expect.poll(() => page.traced, SOON).toMatchObject([{}, { end: { summary: { ended: 'packets', shown: 4 } } }])
    expect(storiesOf(page)).toHaveLength(6 + 4)
    await untouched()
    await start({ limit: { ...LIMIT, seconds: 1 } })
    await expect.poll(() => page.traced[2], SOON).toMatchObject({ end: { summary: { ended: 'seconds', shown: 0 } } })
    await untouched()

    const { forward, back, summary } = (await prove()).data.proof
    expect(summary).toMatchObject({ shown: 2, partial: 0, lost: 0 })
    for (const one of [forward, back]) {
      expect(one.predicted.outcome.verdict).toBe('delivered')
      expect(one.story.way.outcome.verdict).toBe('delivered')
    }
    await untouched()
  })

  it('leaves nothing when its page goes, or its observer, its agent or its hub is killed', async () => {
    const { hub, cookie, page, start, agent } = await opened(await hubProcess())
    await start()
    expect(await rulesets()).not.toEqual(before)
    page.socket.disconnect()
    await untouched()

    const again = await openPage(hub, cookie)
    const begun = () =>
      expect.poll(async () => (await start({ page: again.socket.id })).data.kind, SOON).toBe('started')
    const lost = (times: number) => expect.poll(() => again.traced, SOON).toMatchObject(Array(times).fill(LOST))
    await begun()
    process.kill(observerOf(host.initPid) ?? 0, 'SIGKILL')
    await untouched()
    await lost(1)

    await begun()
    expect(await rulesets()).not.toEqual(before)
    agent.kill('SIGKILL')
    await untouched()
    await lost(2)

    const next = startAgent(hub, sandbox.name)
    await begun()
    expect(await rulesets()).not.toEqual(before)
    hub.child.kill('SIGKILL')
    await untouched()
    expect(next.exitCode).toBeNull()
  }, 90_000)
})

const LOST = { end: { reason: { code: 'TRACING_LOST' } } }
const storiesOf = (page: Page) => page.stories.flatMap(({ stories }) => stories)

/** A hub, in this process or in one of its own. */
type Started = Reached & { hub: { url: string }; key: string }

function startAgent(hub: Started, sandbox: string): ChildProcess {
  const entry = join(import.meta.dirname, '../faults/agentChild.ts')
  const argv = ['--import', import.meta.resolve('tsx'), entry, hub.hub.url, hub.key, sandbox]
  const agent = spawn(process.execPath, argv, { stdio: ['ignore', 'ignore', 'inherit'] })
  onTestFinished(async () => {
    if (agent.exitCode !== null || agent.signalCode !== null) return
    agent.kill('SIGKILL')
    await once(agent, 'exit')
  })
  return agent
}
