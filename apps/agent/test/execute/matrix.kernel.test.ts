import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { COMMAND_NAMES, type Command } from '@hopscope/protocol'
import { createSandbox, type Sandbox, type SandboxHost } from '@hopscope/sandbox'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Comparable, differences } from '../oracle/comparable.ts'
import { namespacesIn, readTruth } from '../oracle/truth.ts'
import { CASES, HOST } from './cases.ts'
import { type Answered, type Executing, execute } from './executing.ts'

/** What the kernel still does by itself after a change (addresses are checked, ports learn) is over by then. */
const SETTLED_WITHIN = 8_000

describe.skipIf(process.getuid?.() !== 0)('commands', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hopscope-changes-'))
  let sandbox: Sandbox
  let host: SandboxHost
  let executing: Executing
  const passed: Record<string, number> = {}

  beforeAll(async () => {
    sandbox = await createSandbox({ name: 't-changes', docker: false })
    const [first] = sandbox.hosts
    if (!first) throw new Error('a sandbox has a host')
    host = first
    await withoutChecks(host)
    await host.run(['ip', '-batch', '-'], { input: lines(HOST.namespaces) })
    for (const name of ['blue', 'green', 'busy']) await withoutChecks(host, name)
    await host.run(['ip', '-batch', '-'], { input: lines(HOST.root) })
    await host.run(['ip', '-n', 'blue', '-batch', '-'], { input: lines(HOST.blue) })
    await host.run(['bridge', '-batch', '-'], { input: lines(HOST.fdb) })
    const busy = host.spawn(['ip', 'netns', 'exec', 'busy', 'sleep', 'infinity'], { stdio: 'ignore' })
    busy.unref()
    // The host's own card was up before.
    const tentative = () => host.run(['ip', '-6', 'address', 'show', 'tentative'])
    await vi.waitFor(async () => expect(await tentative()).toBe(''), { timeout: 20_000, interval: 200 })
    executing = await execute(host, folder)
  })
  afterAll(async () => {
    await executing?.close()
    await sandbox?.down()
    rmSync(folder, { recursive: true, force: true })
    console.log(
      `commands × cases: ${Object.entries(passed)
        .map(([what, n]) => `${n} ${what}`)
        .join(', ')}`,
    )
  })

  it('each has a case', () => {
    const covered = new Set(CASES.map(({ command }) => command.do))
    expect(COMMAND_NAMES.filter((name) => !covered.has(name) && !ELSEWHERE.includes(name))).toEqual([])
  })

  it.each(CASES.map((one) => [JSON.stringify(one.command), one] as const))(
    '%s',
    { timeout: 180_000 },
    async (_, one) => {
      const count = (what: string) => {
        passed[what] = (passed[what] ?? 0) + 1
      }
      const before = await settled(host)

      const refused = await done(one.refused.command)
      expect(refused.answer).toMatchObject({ kind: 'refused', refusal: { code: one.refused.code } })
      count('refused')

      const { answer, calls } = await done(one.command)
      expect(answer, JSON.stringify(answer)).toMatchObject({ kind: 'change', change: { state: 'done' } })
      const [program = '', ...args] = one.shows.argv
      expect(await host.run([program, ...args])).toMatch(one.shows.holds)
      count('done')

      if (answer.kind !== 'change') throw new Error('it was one above')
      const undone = await executing.ask({ kind: 'undo', id: answer.change.id })
      expect(undone?.answer, JSON.stringify(undone)).toMatchObject({ kind: 'change', change: { state: 'undone' } })
      await asBefore(before, `undo of ${one.command.do}`)
      count('undone')

      for (let at = 0; at < calls; at++) {
        const failed = await executing.ask({ kind: 'run', command: one.command, fault: { at, how: 'fail' } })
        expect(failed?.answer).toMatchObject({ kind: 'change', change: { state: 'failed', message: /injected/ } })
        await asBefore(before, `failure at ${at} of ${one.command.do}`)
        count('failed at a step')
        for (const how of ['kill before', 'kill after'] as const) {
          expect(await executing.ask({ kind: 'run', command: one.command, fault: { at, how } })).toBeUndefined()
          executing = await execute(host, folder)
          expect(executing.recovered).toMatchObject([{ state: 'undone' }])
          await asBefore(before, `${how} ${at} of ${one.command.do}`)
          count('killed at a step')
        }
      }
    },
  )

  async function done(command: Command): Promise<Answered> {
    const answered = await executing.ask({ kind: 'run', command })
    if (answered === undefined) throw new Error('the executor ended')
    return answered
  }

  async function asBefore(before: Comparable, what: string): Promise<void> {
    const until = performance.now() + SETTLED_WITHIN
    for (;;) {
      const found = differences(before, await named(host))
      if (found.length === 0) return
      if (performance.now() > until) expect(found, what).toEqual([])
    }
  }
})

/** Those whose case needs more than this host has; they are in files of their own. */
const ELSEWHERE: readonly string[] = ['dummy.create', 'fdb.flush']

/** Addresses are usable at once: what the kernel does by itself a second later is none of the changes. */
async function withoutChecks(host: SandboxHost, name?: string): Promise<void> {
  const into = name === undefined ? [] : ['ip', 'netns', 'exec', name]
  await host.run([...into, 'sysctl', '-qw', 'net.ipv6.conf.default.accept_dad=0', 'net.ipv6.conf.all.accept_dad=0'])
}

const lines = (all: readonly string[]): string => all.map((line) => `${line}\n`).join('')

/** The state once two readings of it are equal. */
async function settled(host: SandboxHost): Promise<Comparable> {
  const until = performance.now() + SETTLED_WITHIN
  let last = await named(host)
  for (;;) {
    const next = await named(host)
    if (differences(last, next).length === 0) return next
    if (performance.now() > until)
      throw new Error(`the host does not come to rest: ${differences(last, next).join('\n')}`)
    last = next
  }
}

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
