import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, test } from '@playwright/test'

const root = join(import.meta.dirname, '..')

/** `npm start` (or the script below it) with folders of its own, and what it prints. */
class Start {
  readonly folder = mkdtempSync(join(tmpdir(), 'hopscope-start-'))
  readonly run = join(this.folder, 'run')
  readonly lines: string[] = []
  readonly child: ChildProcess
  readonly exit: Promise<unknown[]>
  #wake = () => {}

  constructor(command: string[], args: string[], env: Record<string, string> = {}) {
    const [program = '', ...rest] = command
    // Of an option that is given twice, the last one counts.
    const all = [...rest, '--port', '0', '--data', join(this.folder, 'data'), ...args]
    this.child = spawn(program, all, {
      cwd: root,
      env: {
        ...process.env,
        HOPSCOPE_RUN_DIR: this.run,
        HOPSCOPE_DATA_DIR: join(this.folder, 'sandboxes'),
        HOPSCOPE_CHANGES: join(this.folder, 'changes'),
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, to be ended as Ctrl-C ends it.
      detached: true,
    })
    this.exit = once(this.child, 'exit')
    for (const stream of [this.child.stdout, this.child.stderr]) {
      if (!stream) throw new Error('npm start has no output')
      createInterface({ input: stream }).on('line', (line) => {
        this.lines.push(line)
        this.#wake()
      })
    }
  }
  /** The first line that matches, or the nth; waits for it. */
  async line(pattern: RegExp, nth = 1): Promise<string> {
    for (;;) {
      const found = this.lines.filter((line) => pattern.test(line))[nth - 1]
      if (found !== undefined) return found
      if (this.child.exitCode !== null) throw new Error(`it ended without ${pattern}:\n${this.lines.join('\n')}`)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
        void this.exit.then(() => resolve())
      })
    }
  }
  signal(signal: NodeJS.Signals): void {
    // Its whole group, as a terminal does.
    process.kill(-this.pid, signal)
  }
  get pid(): number {
    if (this.child.pid === undefined) throw new Error('npm did not start')
    return this.child.pid
  }
  hub(): { pid: number; url: string } {
    return JSON.parse(readFileSync(join(this.folder, 'data/hub.json'), 'utf8'))
  }
  /** Processes of this start that still run: each has its data folder in its environment. */
  left(): number[] {
    const mine = (pid: string): boolean => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(this.folder)
      } catch (error) {
        if (error instanceof Error && 'code' in error) return false // it ended meanwhile
        throw error
      }
    }
    return readdirSync('/proc')
      .filter((pid) => /^\d+$/.test(pid) && mine(pid))
      .map(Number)
  }
  sandboxes(): string[] {
    const folder = join(this.run, 'sandboxes')
    return existsSync(folder) ? readdirSync(folder) : []
  }
  async nothingLeft(): Promise<void> {
    // A dockerd that is just being started is waited for before it can be ended.
    await expect.poll(() => this.left(), { timeout: 60_000 }).toEqual([])
    expect(this.sandboxes()).toEqual([])
    rmSync(this.folder, { recursive: true, force: true })
  }
}

const NPM = ['npm', 'start', '--silent', '--']
const SCRIPT = [process.execPath, 'scripts/start.mjs']

test('npm start -- --demo prints one link that logs in, brings two hosts up, and leaves nothing when it ends', async ({
  page,
}) => {
  test.setTimeout(180_000)
  const start = new Start(NPM, ['--demo'])
  await start.line(/is up after/)
  const links = start.lines.flatMap((line) => line.match(/http\S+#token=\S+/g) ?? [])
  expect(links).toHaveLength(1)
  await page.goto(links[0] ?? '')
  await expect(page.getByRole('button', { name: 'Create account' })).toBeVisible()
  expect(start.sandboxes()).toEqual(['demo'])
  start.signal('SIGINT')
  await start.exit
  await start.nothingLeft()
})

test('a sandbox that is still being made is gone, too, when npm alone gets a signal', async () => {
  test.setTimeout(120_000)
  const start = new Start(NPM, ['--demo'])
  await start.line(/making host demo-1/)
  process.kill(start.pid, 'SIGINT')
  await start.nothingLeft()
})

test('a part that is killed or hangs is started again, at the same address', async () => {
  test.setTimeout(120_000)
  const start = new Start(SCRIPT, [], { HOPSCOPE_WATCHDOG: '9' })
  await start.line(/^warm start/)
  const { pid, url } = start.hub()
  process.kill(pid, 'SIGKILL')
  await start.line(/^The hub ended \(SIGKILL\)\. Starting it again/)
  await expect.poll(() => existsSync(join(start.folder, 'data/hub.json')) && start.hub().pid).not.toBe(pid)
  expect(start.hub().url).toBe(url)
  expect((await fetch(`${url}/readyz`)).status).toBe(200)

  process.kill(start.hub().pid, 'SIGSTOP')
  await start.line(/^The hub has not answered for 9 s/)
  await start.line(/^The hub ended \(SIGKILL\)/, 2)
  await start.line(/^Hopscope is ready/, 3)
  expect((await fetch(`${url}/readyz`)).status).toBe(200)

  // A terminal that is closed.
  start.signal('SIGHUP')
  expect((await start.exit)[0]).toBe(0)
  await start.nothingLeft()
})

test('hub and agent end with the one who started them, whatever ended it', async () => {
  test.setTimeout(60_000)
  const start = new Start(SCRIPT, [])
  await start.line(/^warm start/)
  process.kill(start.pid, 'SIGKILL')
  await start.nothingLeft()
})

test('a port that is in use ends it, with what to do', async () => {
  test.setTimeout(60_000)
  const first = new Start(SCRIPT, [])
  await first.line(/^warm start/)
  const { port } = new URL(first.hub().url)
  const second = new Start(SCRIPT, ['--port', port])
  expect((await second.exit)[0]).toBe(1)
  expect(second.lines.join('\n')).toMatch(`127.0.0.1:${port} is in use. Stop what listens there, or set HOPSCOPE_PORT.`)
  await second.nothingLeft()
  first.signal('SIGINT')
  await first.nothingLeft()
})
