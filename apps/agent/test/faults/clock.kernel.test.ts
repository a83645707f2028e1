import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createSandbox, type Sandbox, type SandboxHost } from '@hopscope/sandbox'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { openPage, type Page } from '../../../hub/test/page.ts'
import { setUp, type TestHub, withHub } from '../../../hub/test/withHub.ts'
import { observerOf } from './observerOf.ts'

const DAY = 24 * 60 * 60_000
const SOON = 20_000
const MOVES = [
  ['SIGUSR2', DAY],
  ['SIGWINCH', 0],
  ['SIGWINCH', -DAY],
] as const

describe.skipIf(process.getuid?.() !== 0)('an agent whose clock is set', () => {
  let sandbox: Sandbox
  let host: SandboxHost
  beforeAll(async () => {
    sandbox = await createSandbox({ name: 'bad-clock', docker: false })
    const [first] = sandbox.hosts
    if (!first) throw new Error('the sandbox has no host')
    host = first
  })
  afterAll(async () => {
    await sandbox?.down()
  })

  it('forwards by a day, back, and back by another stays connected, sees everything, and says nothing of it', {
    timeout: 120_000,
  }, async () => {
    const hub = await withHub()
    const page = await openPage(hub, await setUp(hub))
    const agent = startAgent(hub, sandbox.name)
    const live = () => page.hosts.map(({ status }) => status)
    await expect.poll(live, { timeout: SOON }).toEqual(['live'])
    // The list of hosts comes before what they hold.
    await expect.poll(() => page.states.size, { timeout: SOON }).toBe(1)
    const observer = observerOf(host.initPid)
    if (agent.child.pid === undefined || observer === undefined) throw new Error('the agent has no observer')
    const [hostId = ''] = page.states.keys()
    page.socket.emit('watch', { hostId, topics: ['links'] })
    await sees(page, host, 'first')
    const epoch = epochOf(page)
    const statuses: string[] = []
    page.socket.on('hosts', (hosts) => void statuses.push(...hosts.map(({ status }) => status)))

    for (const [signal, offset] of MOVES) {
      const before = agent.log().length
      for (const pid of [agent.child.pid, observer]) process.kill(pid, signal)
      const said = () => agent.log().slice(before)
      const both = `clock: ${offset}\n`.repeat(2)
      await expect.poll(said, { timeout: SOON }).toBe(both)
      const { length } = page.samples
      await sees(page, host, `after${MOVES.findIndex((move) => move[1] === offset)}`)
      // With each message socket.io asks whether the hub is still there.
      await expect.poll(() => page.samples.length - length, { timeout: 2 * SOON }).toBeGreaterThan(2)
      expect(said()).toBe(both)
    }
    // Connected all the time, by the same processes, and dated by a clock that goes on.
    expect(statuses.filter((status) => status !== 'live')).toEqual([])
    expect(epochOf(page)).toBe(epoch)
    expect(observerOf(host.initPid)).toBe(observer)
    const steps = page.samples.slice(1).map(({ at }, i) => at - (page.samples[i]?.at ?? 0))
    expect(Math.min(...steps)).toBeGreaterThan(0)
    expect(Math.max(...steps)).toBeLessThan(60_000)
  })
})

function startAgent(hub: TestHub, sandbox: string): { child: ChildProcess; log(): string } {
  const entry = join(import.meta.dirname, 'agentChild.ts')
  const argv = ['--import', import.meta.resolve('tsx'), entry, hub.hub.url, hub.key, sandbox]
  // Its observer inherits both.
  const env = { ...process.env, NODE_OPTIONS: `--import ${import.meta.resolve('./clockShift.mjs')}`, TEST_LOG: 'warn' }
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'ignore', 'pipe'], env })
  let text = ''
  child.stderr.on('data', (chunk) => {
    text += chunk
  })
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  })
  return { child, log: () => text }
}

const epochOf = (page: Page) => [...page.states.values()].map(({ version }) => version.epoch).join()

/** A new link and a new namespace, made now, are seen. */
async function sees(page: Page, host: SandboxHost, name: string): Promise<void> {
  await host.run(['ip', 'link', 'add', name, 'type', 'bridge'])
  await host.run(['ip', 'netns', 'add', name])
  const seen = () => {
    const records = [...page.states.values()][0]?.snapshot.records
    if (records === undefined) return []
    const links = Object.values(records.link).map((link) => link.name)
    return [...links, ...Object.values(records.netns).flatMap(({ names }) => names.map((one) => one.name))]
  }
  const timeout = 2_000
  await expect.poll(() => seen().filter((one) => one === name), { timeout }).toEqual([name, name])
}
