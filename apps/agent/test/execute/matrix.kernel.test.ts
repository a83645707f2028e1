import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { COMMAND_NAMES } from '@hopscope/protocol'
import { createSandbox, type Sandbox, type SandboxHost } from '@hopscope/sandbox'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Comparable, differences } from '../oracle/comparable.ts'
import { namespacesIn, readTruth } from '../oracle/truth.ts'
import { CASES, HOST } from './cases.ts'
import { DOCKER_CASES } from './dockerCases.ts'
import { MatrixRun, printed } from './matrix.ts'

/** Nothing undoes these, or this kernel lacks what they make; `planCommand.test.ts` has their plans. */
const WITHOUT_CASE: readonly string[] = [
  'dummy.create',
  'fdb.flush',
  'container.restart',
  'container.remove',
  'port.publish',
  'port.unpublish',
]

it('every command has a case', () => {
  const covered = new Set([...CASES, ...DOCKER_CASES].map(({ command }) => command.do))
  expect(COMMAND_NAMES.filter((name) => !covered.has(name) && !WITHOUT_CASE.includes(name))).toEqual([])
})

describe.skipIf(process.getuid?.() !== 0)('commands', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hopscope-changes-'))
  let sandbox: Sandbox
  let matrix: MatrixRun<Comparable>

  beforeAll(async () => {
    sandbox = await createSandbox({ name: 't-changes', docker: false })
    const [host] = sandbox.hosts
    if (!host) throw new Error('a sandbox has a host')
    await withoutChecks(host)
    await host.run(['ip', '-batch', '-'], { input: lines(HOST.namespaces) })
    for (const name of ['blue', 'green', 'busy']) await withoutChecks(host, name)
    await host.run(['ip', '-batch', '-'], { input: lines(HOST.root) })
    await host.run(['ip', '-n', 'blue', '-batch', '-'], { input: lines(HOST.blue) })
    await host.run(['bridge', '-batch', '-'], { input: lines(HOST.fdb) })
    host.spawn(['ip', 'netns', 'exec', 'busy', 'sleep', 'infinity'], { stdio: 'ignore' }).unref()
    // The host's own card was up before.
    const tentative = () => host.run(['ip', '-6', 'address', 'show', 'tentative'])
    await vi.waitFor(async () => expect(await tentative()).toBe(''), { timeout: 20_000, interval: 200 })
    matrix = new MatrixRun({ host, folder, read: () => named(host), differences })
  })
  afterAll(async () => {
    await matrix?.close()
    await sandbox?.down()
    rmSync(folder, { recursive: true, force: true })
    console.log(printed(matrix?.passed ?? {}))
  })

  it.each(CASES.map((one) => [JSON.stringify(one.command), one] as const))('%s', { timeout: 180_000 }, (_, one) =>
    matrix.run(one),
  )
})

/** Addresses are usable at once: what the kernel does by itself a second later is none of the changes. */
async function withoutChecks(host: SandboxHost, name?: string): Promise<void> {
  const into = name === undefined ? [] : ['ip', 'netns', 'exec', name]
  await host.run([...into, 'sysctl', '-qw', 'net.ipv6.conf.default.accept_dad=0', 'net.ipv6.conf.all.accept_dad=0'])
}

const lines = (all: readonly string[]): string => all.map((line) => `${line}\n`).join('')

/** The kernel's state, with namespaces by name: one that was made again has another number. Learned things come and go. */
async function named(host: SandboxHost): Promise<Comparable> {
  const truth = await readTruth(host)
  const names = new Map<string, string>()
  for (const [inode, path] of namespacesIn(host)) {
    if (path.includes('/run/netns/')) names.set(String(inode), path.slice(path.lastIndexOf('/') + 1))
  }
  // A link that was up once has a queue for good.
  const byName = (line: string) =>
    line.replace(/^\d+/, (inode) => names.get(inode) ?? inode).replace(/ qdisc=no(op|queue)/, '')
  const all = Object.entries(truth).map(([kind, facts]) => [kind, facts.map(byName).filter(isWritten).sort()])
  return Object.fromEntries(all) as Comparable // the same keys
}

const isWritten = (line: string): boolean => !/state=(REACHABLE|STALE|DELAY|PROBE|FAILED|INCOMPLETE|learned)/.test(line)
