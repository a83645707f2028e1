import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { type HostSnapshot, recordsOf } from '@hopscope/model'
import { createSandbox, type Sandbox, type SandboxHost } from '@hopscope/sandbox'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { openPage, type Page } from '../../../hub/test/page.ts'
import { setUp, type TestHub, withHub } from '../../../hub/test/withHub.ts'
import { observerOf } from './observerOf.ts'

/** Nine seconds of silence, looked for every 2.5 seconds, and a busy machine. */
const FROZEN_SAID_WITHIN = 15_000
const BACK_WITHIN = 30_000

describe.skipIf(process.getuid?.() !== 0)('an agent', () => {
  let sandbox: Sandbox
  let host: SandboxHost
  beforeAll(async () => {
    sandbox = await createSandbox({ name: 'conv-agents', docker: false })
    const [first] = sandbox.hosts
    if (!first) throw new Error('the sandbox has no host')
    host = first
  })
  afterAll(async () => {
    await sandbox?.down()
  })

  async function watched() {
    const hub = await withHub()
    const page = await openPage(hub, await setUp(hub))
    const agent = start(hub, sandbox.name)
    await status(page, 'live')
    return { hub, page, agent }
  }

  it('starts a killed observer again; the host is stale in between, and never gone', async () => {
    const { page } = await watched()
    const seen: string[] = []
    page.socket.on('hosts', (hosts) => void seen.push(hosts.map((one) => one.status).join()))
    const before = observerOf(host.initPid)
    const epoch = epochOf(page)
    process.kill(before ?? 0, 'SIGKILL')
    const began = performance.now()
    await status(page, 'stale')
    const stale = performance.now() - began
    await status(page, 'live')
    const live = performance.now() - began
    await shows(page, host, 'after-observer')
    expect(epochOf(page)).not.toBe(epoch)
    expect(seen).toEqual(['stale', 'live'])
    console.log(`observer killed: stale after ${Math.round(stale)} ms, live again after ${Math.round(live)} ms`)
  })

  it('that is killed leaves stale hosts and no processes; the next one makes them live', async () => {
    const { hub, page, agent } = await watched()
    const began = performance.now()
    agent.kill('SIGKILL')
    await status(page, 'stale')
    const stale = performance.now() - began
    await expect.poll(() => observerOf(host.initPid), { timeout: 5_000 }).toBeUndefined()
    const orphans = performance.now() - began
    start(hub, sandbox.name)
    await status(page, 'live')
    await shows(page, host, 'after-agent')
    console.log(`agent killed: stale after ${Math.round(stale)} ms, its observer gone after ${Math.round(orphans)} ms`)
  })

  it('that is frozen is stale soon, and live as soon as it goes on', async () => {
    const { page, agent } = await watched()
    const { length } = page.received.filter((event) => event === 'snapshot')
    agent.kill('SIGSTOP')
    const began = performance.now()
    await status(page, 'stale', FROZEN_SAID_WITHIN)
    const stale = performance.now() - began
    await host.run(['ip', 'link', 'add', 'while-frozen', 'type', 'bridge'])
    agent.kill('SIGCONT')
    const resumed = performance.now()
    await status(page, 'live')
    const live = performance.now() - resumed
    await expect.poll(() => names(page)).toContain('while-frozen')
    // Its connection was kept: no whole snapshot is sent again.
    expect(page.received.filter((event) => event === 'snapshot')).toHaveLength(length)
    console.log(`agent frozen: stale after ${Math.round(stale)} ms, live ${Math.round(live)} ms after it went on`)
  })
})

function start(hub: TestHub, sandbox: string): ChildProcess {
  const entry = join(import.meta.dirname, 'agentChild.ts')
  const argv = ['--import', import.meta.resolve('tsx'), entry, hub.hub.url, hub.key, sandbox]
  const agent = spawn(process.execPath, argv, { stdio: ['ignore', 'ignore', 'inherit'] })
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        if (agent.exitCode !== null || agent.signalCode !== null) return resolve()
        agent.once('exit', () => resolve())
        agent.kill('SIGKILL')
      }),
  )
  return agent
}

const status = (page: Page, wanted: string, timeout = BACK_WITHIN) =>
  expect.poll(() => page.hosts.map((one) => one.status), { timeout, interval: 5 }).toEqual([wanted])

function stateOf(page: Page): HostSnapshot | undefined {
  const [held] = page.states.values()
  return held?.snapshot
}
const epochOf = (page: Page) => [...page.states.values()].map(({ version }) => version.epoch).join()
function names(page: Page): string[] {
  const state = stateOf(page)
  return state ? recordsOf(state, 'link').map(({ name }) => name) : []
}

/** What happens from now on is seen as well. */
async function shows(page: Page, host: SandboxHost, name: string): Promise<void> {
  await host.run(['ip', 'link', 'add', name, 'type', 'bridge'])
  await expect.poll(() => names(page), { timeout: BACK_WITHIN }).toContain(name)
}
