import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { leftOf, machineState } from '../test/machine.ts'
import { fillDemo, openSandbox, rootlessSandbox, sweepSandbox } from './index.ts'
import { run, toolEnvironment } from './run.ts'

const root = process.getuid?.() === 0
const folder = mkdtempSync(join(tmpdir(), 't-sbx-'))
process.env.HOPSCOPE_RUN_DIR = join(folder, 'run')
process.env.HOPSCOPE_DATA_DIR = join(folder, 'data')
const bundle = join(folder, 'maker.mjs')
beforeAll(async () => {
  // One file in a folder open to everybody: this checkout may lie where an ordinary user cannot look.
  const entryPoints = [join(import.meta.dirname, '../test/maker.ts')]
  await build({ entryPoints, outfile: bundle, bundle: true, platform: 'node', format: 'esm', logLevel: 'warning' })
  for (const path of ['', 'run', 'run/sandboxes', 'data', 'data/sandboxes']) {
    mkdirSync(join(folder, path), { recursive: true })
    chmodSync(join(folder, path), 0o755)
    if (root) chownSync(join(folder, path), 65534, 65534)
  }
})
afterAll(() => rmSync(folder, { recursive: true }))

const asNobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--']
const maker = (name: string) => [process.execPath, bundle, name, 'rootless']
const env = { ...toolEnvironment(), HOME: folder, TMPDIR: folder }

describe('a sandbox in a user namespace', () => {
  it('has hosts, links, rules and routes, but no Docker, and says why', async () => {
    const name = 't-sbx-user'
    const sandbox = await rootlessSandbox({ name, hosts: 2 })
    try {
      const [first, second] = sandbox.hosts
      expect(sandbox.dockerUnavailable).toContain('root')
      await expect(first?.docker('ps')).rejects.toMatchObject({ code: 'DOCKER_UNAVAILABLE' })
      expect((await first?.exec(['ping', '-c', '1', '-W', '2', second?.address ?? '']))?.code).toBe(0)
      expect(await fillDemo(sandbox)).toEqual({ leftOut: [] })
      expect(await first?.run(['brctl', 'show'])).toMatch(/^seg1\t/m)
      expect(await first?.run(['nft', 'list', 'tables'])).toContain('inet demo')
    } finally {
      await sweepSandbox(name)
    }
    expect(leftOf(name, [])).toEqual([])
  })
})

describe.skipIf(!root)('an ordinary user', () => {
  it('makes one, which outlives its maker and can be opened and removed', async () => {
    const name = 't-sbx-nobody'
    const before = machineState()
    const start = performance.now()
    const made = await run([...asNobody, ...maker(name)], { env })
    console.info(
      `${name}: a process that makes two hosts without root took ${Math.round(performance.now() - start)} ms`,
    )
    try {
      expect(made.stdout).toMatch(/^done$/m)
      const sandbox = await openSandbox(name)
      expect(sandbox.rootless).toBe(true)
      const ping = sandbox.outside.enterArgv(['ping', '-c', '1', '-W', '2', sandbox.hosts[1]?.address ?? ''])
      expect((await run([...asNobody, ...ping])).code).toBe(0)
    } finally {
      await sweepSandbox(name)
    }
    expect(leftOf(name, [])).toEqual([])
    expect(machineState()).toEqual(before)
  })

  it('is told which switch forbids user namespaces and how to allow them', async () => {
    // The limit is a property of each user namespace: it is set to 0 in one that was made for this test.
    const unshare = ['unshare', '--user', '--map-root-user', '--']
    const enter = [
      ...asNobody,
      ...unshare,
      'busybox',
      'sh',
      '-c',
      'echo 0 > /proc/sys/user/max_user_namespaces && exec "$@"',
      'sh',
    ]
    const result = await run([...enter, ...maker('t-sbx-forbidden')], { env })
    expect(result.stdout).toMatch(/^error NAMESPACES_FORBIDDEN: .*user\.max_user_namespaces is 0.*sysctl -w/m)
    expect(leftOf('t-sbx-forbidden', [])).toEqual([])
  })
})
