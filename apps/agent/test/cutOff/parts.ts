import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createConnection, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lineOf, planCommand } from '@hopscope/command'
import type { HostSnapshot } from '@hopscope/model'
import { type Change, type Command, changeSchema } from '@hopscope/protocol'
import type { Sandbox, SandboxHost } from '@hopscope/sandbox'
import { expect, onTestFinished } from 'vitest'
import { z } from 'zod'
import { openPage, type Page } from '../../../hub/test/page.ts'
import { setUp, type TestHub, withHub } from '../../../hub/test/withHub.ts'
import { bundled } from '../bundled.ts'

const STARTED_WITHIN = 60_000

/** A hub that sandbox hosts reach at an address of the first of them, and a page that looks at it from the machine. */
export type Reachable = { hub: TestHub; cookie: string; page: Page; url: string; folder: string }

export async function reachableHub({ hosts: [first] }: Sandbox): Promise<Reachable> {
  if (!first) throw new Error('a sandbox has a host')
  const url = `http://${first.address}:7117`
  const folder = mkdtempSync(join(tmpdir(), 'cut-off-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const hub = await withHub({ publicOrigin: url })
  const file = join(folder, 'hub.sock')
  const server = createServer((near) => {
    const far = createConnection(hub.hub.port, '127.0.0.1')
    near.pipe(far).pipe(near)
    near.on('error', () => far.destroy())
    far.on('error', () => near.destroy())
  })
  await new Promise<void>((resolve) => server.listen(file, resolve))
  onTestFinished(() => void server.close())
  const relay = await inside(first, 'relayChild.ts', [first.address, file])
  await once(relay, 'message')
  const cookie = await setUp(hub)
  return { hub, cookie, page: await openPage(hub, cookie), url, folder }
}

/** An agent of its own in a sandbox host; it can be killed and started again. */
export class HostAgent {
  readonly #changes: string
  readonly #policy: string
  #child: ChildProcess | undefined

  constructor(
    readonly host: SandboxHost,
    readonly reachable: Reachable,
  ) {
    const own = join(reachable.folder, host.name)
    this.#changes = join(own, 'changes')
    this.#policy = join(own, 'policy.json')
    mkdirSync(own)
    writeFileSync(this.#policy, '{"changes":"on"}', { mode: 0o644 })
  }

  async start(): Promise<void> {
    const { hub, url } = this.reachable
    const env = { HOPSCOPE_HUB_URL: url, HOPSCOPE_AGENT_KEY: hub.key, HOPSCOPE_CHANGES: this.#changes }
    this.#child = await inside(this.host, 'agentChild.ts', [this.#policy], env)
    await once(this.#child, 'message')
  }
  /** With SIGKILL, and waits for its end. */
  async kill(): Promise<void> {
    const child = this.#child
    if (!child) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }

  get snapshot(): HostSnapshot {
    const held = [...this.reachable.page.states.values()].find(({ snapshot }) => snapshot.host.name === this.host.name)
    if (!held) throw new Error(`the page has nothing of ${this.host.name}`)
    return held.snapshot
  }
  /** As the page sees it. */
  get status(): string | undefined {
    return this.reachable.page.hosts.find(({ host }) => host.name === this.host.name)?.status
  }
  async live(timeout = STARTED_WITHIN): Promise<void> {
    await expect.poll(() => this.status, { timeout, interval: 20 }).toBe('live')
    await expect.poll(() => this.reachable.page.states.has(this.snapshot.host.id), { timeout }).toBe(true)
  }
  /** Asks for a command by the page's way, as an admin who typed the name. Its answer may never come. */
  run(command: Command, more: { revertAfter?: number } = {}) {
    const planned = planCommand(command, this.snapshot)
    if ('refused' in planned) throw new Error(JSON.stringify(planned))
    const { steps, confirm } = planned.plan
    const shown = steps.map(({ act }) => lineOf(this.snapshot, act))
    return this.#call('changes.run', { command, shown, ...(confirm && { confirm }), ...more })
  }
  confirm = (id: string) => this.#call('changes.confirm', { id })
  undo = (id: string) => this.#call('changes.undo', { id })
  #call(path: string, input: object) {
    const { hub, cookie } = this.reachable
    return hub.call(path, { hostId: this.snapshot.host.id, ...input }, cookie)
  }

  /** Its changes as the journal has them, newest first; the disk is where a cut host can still be seen. */
  journal(): Change[] {
    const [own] = folders(this.#changes)
    const [life] = own === undefined ? [] : folders(own).filter((path) => !path.endsWith('/ports'))
    const names = life === undefined ? [] : readdirSync(life).filter((name) => name.endsWith('.json'))
    return names
      .sort()
      .reverse()
      .map((name) => entry.parse(JSON.parse(readFileSync(join(life ?? '', name), 'utf8'))).change)
  }
}

const entry = z.looseObject({ change: changeSchema })
const folders = (path: string): string[] =>
  readdirSync(path, { withFileTypes: true }).flatMap((one) => (one.isDirectory() ? [join(path, one.name)] : []))

/** Runs a file of this folder in a sandbox host; killed with the test. */
async function inside(
  host: SandboxHost,
  file: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<ChildProcess> {
  const argv = [process.execPath, await bundled(join(import.meta.dirname, file)), ...args]
  const [program = '', ...rest] = host.enterArgv(argv, { dieWithParent: true, cwd: process.cwd() })
  const child = spawn(program, rest, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, ...env },
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}
