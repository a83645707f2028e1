import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { GuideInputs, Handmade, Router } from '@hopscope/protocol'
import { createSandbox, type Sandbox, type SandboxHost } from '@hopscope/sandbox'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { differences } from '../oracle/comparable.ts'
import { type Executing, execute } from './executing.ts'
import { readSettled, readWritten, withoutChecks } from './written.ts'

const HANDMADE: Handmade = {
  ...{ guide: 'handmade', container: 'quiet', bridge: 'br-hand', link: 'veth-quiet', peer: 'end-quiet', name: 'eth0' },
  ...{ address: '10.88.1.2/24', gateway: '10.88.1.1', gatewayHere: true, outside: true, passes: true },
}
const ROUTER: Router = {
  ...{ guide: 'router', router: 'middle', passes: true },
  left: { bridge: 'seg1', address: '10.1.1.1/24', link: 'r-seg1', name: 'eth0', hosts: ['left'] },
  right: { bridge: 'seg2', address: '10.1.2.1/24', link: 'r-seg2', name: 'eth1', hosts: ['right'] },
}

/** Two segments with a host each, and no way from one to the other. */
const SEGMENTS = ['left', 'right'].flatMap((side, i) => [
  `netns add ${side}`,
  `link add seg${i + 1} up type bridge`,
  `link add p-${side} type veth peer name eth0 netns ${side}`,
  `link set p-${side} master seg${i + 1} up`,
])

describe.skipIf(process.getuid?.() !== 0)('guides on a host with Docker', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hopscope-guides-'))
  let sandbox: Sandbox
  let host: SandboxHost
  let executing: Executing

  beforeAll(async () => {
    sandbox = await createSandbox({ name: 't-guides' })
    const [first] = sandbox.hosts
    if (!first) throw new Error('a sandbox has a host')
    host = first
    await withoutChecks(host)
    for (const name of ['quiet', 'other'])
      await host.docker('run', '-d', '--name', name, '--net=none', 'busybox', 'sleep', '1000')
    await host.run(['ip', '-batch', '-'], { input: `${SEGMENTS.join('\n')}\n` })
    for (const [side, address] of [
      ['left', '10.1.1.10/24'],
      ['right', '10.1.2.10/24'],
    ] as const) {
      await withoutChecks(host, side)
      await host.run(['ip', '-n', side, '-batch', '-'], {
        input: `link set eth0 up\naddress add ${address} dev eth0\n`,
      })
    }
    executing = await execute(host, folder)
  }, 60_000)
  afterAll(async () => {
    await executing?.close()
    await sandbox?.down()
    rmSync(folder, { recursive: true, force: true })
  })

  it('gives a container without a network its network; undone step by step, the host is as before', async () => {
    const before = await readSettled(host)
    const ids = await runAll(HANDMADE)
    // Another one on the same bridge, all of it found done but what is its own.
    const second = { ...HANDMADE, container: 'other', link: 'veth-other', peer: 'end-other', address: '10.88.1.3/24' }
    expect((await executing.guide(second)).map(({ state }) => state).slice(0, 4)).toEqual([
      'done',
      'done',
      'done',
      'next',
    ])
    const more = await runAll(second)
    // Outside, nobody knows the way to 10.88.1.0/24.
    for (const to of ['10.88.1.1', '10.88.1.3', sandbox.outside.address]) await ping(['docker', 'exec', 'quiet'], to)
    expect(await host.docker('exec', 'quiet', 'ip', '-o', 'link', 'show', 'eth0')).toContain('LOWER_UP')
    await undoAll([...more, ...ids], HANDMADE)
    await asBefore(before)
  }, 60_000)

  it('goes on from where somebody left it in a shell', async () => {
    const before = await readSettled(host)
    for (const words of [
      'link add br-hand type bridge',
      'link set br-hand up',
      'link add veth-quiet type veth peer end-quiet',
    ]) {
      await host.run(['ip', ...words.split(' ')])
    }
    expect((await executing.guide(HANDMADE)).map(({ state }) => state).slice(0, 5)).toEqual([
      'done',
      'done',
      'next',
      'done',
      'waiting',
    ])
    const ids = await runAll(HANDMADE)
    await ping(['docker', 'exec', 'quiet'], '10.88.1.1')
    for (const id of ids.slice(0, -1)) await undo(id)
    await undo(ids.at(-1) ?? '')
    for (const link of ['veth-quiet', 'br-hand']) await host.run(['ip', 'link', 'delete', link])
    await asBefore(before)
  }, 60_000)

  it('joins two segments by a router; undone step by step, the host is as before', async () => {
    const before = await readSettled(host)
    const left = ['ip', 'netns', 'exec', 'left']
    expect((await host.exec([...left, 'busybox', 'ping', '-c1', '-W1', '10.1.2.10'])).code).not.toBe(0)
    const ids = await runAll(ROUTER)
    await ping([...left, 'busybox'], '10.1.2.10')
    await ping(['ip', 'netns', 'exec', 'right', 'busybox'], '10.1.1.10')
    await undoAll(ids, ROUTER)
    await asBefore(before)
  }, 60_000)

  const ping = async (into: string[], to: string) =>
    expect(await host.run([...into, 'ping', '-c1', '-W3', to])).toContain('1 packets received')

  /** Runs the step that comes next until there is none; gives the changes, newest first. */
  async function runAll(inputs: GuideInputs): Promise<string[]> {
    const ids: string[] = []
    for (;;) {
      const steps = await executing.guide(inputs)
      const next = steps.find(({ state }) => state !== 'done')
      if (next === undefined) return ids
      expect(next.state, JSON.stringify(next.command)).toBe('next')
      expect(ids.length).toBeLessThan(steps.length)
      const answered = await executing.ask({ kind: 'run', command: next.command })
      expect(answered?.answer, JSON.stringify(answered)).toMatchObject({ kind: 'change', change: { state: 'done' } })
      if (answered?.answer.kind === 'change') ids.unshift(answered.answer.change.id)
    }
  }

  /** Each undo makes its own step, and no earlier one, the next one again. */
  async function undoAll(ids: readonly string[], inputs: GuideInputs): Promise<void> {
    for (const id of ids) await undo(id)
    expect((await executing.guide(inputs))[0]?.state).toBe('next')
  }

  async function undo(id: string): Promise<void> {
    const answered = await executing.ask({ kind: 'undo', id })
    expect(answered?.answer, JSON.stringify(answered)).toMatchObject({ kind: 'change', change: { state: 'undone' } })
  }

  async function asBefore(before: Awaited<ReturnType<typeof readWritten>>): Promise<void> {
    // Connections of the pings are remembered a while.
    const now = async () => ({ ...(await readWritten(host)), conntrack: before.conntrack })
    await vi.waitFor(async () => expect(differences(before, await now())).toEqual([]), {
      timeout: 10_000,
      interval: 300,
    })
  }
})
