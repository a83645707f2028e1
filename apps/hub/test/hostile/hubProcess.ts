import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { type HttpClient, httpClient } from '../httpClient.ts'

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url))
const PROBE = fileURLToPath(new URL('memoryProbe.ts', import.meta.url))

export type Memory = { rss: number; heapUsed: number; external: number; arrayBuffers: number }
/** A hub in a process of its own, so that a crash is seen as one. */
export type HubProcess = HttpClient & {
  /** As the hub of a test in this process; the link is the one of its start. */
  hub: { url: string; port: number; link(): Promise<{ link: string }> }
  child: ChildProcess
  dataDir: string
  key: string
  /** What it wrote to standard error so far. */
  log(): string
  /** Its memory in bytes after everything was collected. */
  memory(): Promise<Memory>
  /** Ends it as an operator does; its exit code. */
  stop(): Promise<number | null>
}
export type Start = {
  dataDir?: string
  env?: Record<string, string>
  /** A program and its arguments that run the hub's own command line: `prlimit`, `unshare`. */
  within?: string[]
  /** Where this process finds that program's files, when it has others: /proc/PID/root. */
  root?: string
}

/** A data folder, removed with the test. */
export function dataFolder(): string {
  const made = mkdtempSync(join(tmpdir(), 'hub-hostile-'))
  onTestFinished(() => rmSync(made, { recursive: true, force: true }))
  return made
}

/** Starts a hub that must come up. Throws with what it wrote when it does not. */
export async function hubProcess(o: Start = {}): Promise<HubProcess> {
  const dataDir = o.dataDir ?? dataFolder()
  const started = startProcess({ ...o, dataDir })
  const { child, log } = started
  const link = await Promise.race([started.link, started.ended.then(() => undefined)])
  if (!link) throw new Error(`the hub did not start: ${log()}`)
  const url = new URL(link).origin
  const port = Number(new URL(link).port)
  return {
    ...httpClient(() => port),
    hub: { url, port, link: async () => ({ link }) },
    child,
    dataDir,
    key: readFileSync(join(o.root ?? '/', dataDir, 'agent.key'), 'utf8').trim(),
    log,
    async memory() {
      const answer = once(child, 'message')
      child.send('memory')
      const [memory] = await answer
      return memory
    },
    async stop() {
      child.kill('SIGTERM')
      return started.ended
    },
  }
}

/** Starts a hub that need not come up: its exit code, and what it wrote. */
export function startProcess({ dataDir = dataFolder(), env = {}, within = [], root = '/' }: Start) {
  const webDir = join(dataDir, 'out')
  if (!env.HOPSCOPE_WEB_DIR && !existsSync(join(root, webDir))) makePage(join(root, webDir))
  const [program = process.execPath, ...args] = [
    ...within,
    process.execPath,
    '--import',
    'tsx',
    '--import',
    PROBE,
    MAIN,
  ]
  const child = spawn(program, args, {
    env: {
      PATH: process.env.PATH,
      HOPSCOPE_PORT: '0',
      HOPSCOPE_LOG: 'warn',
      HOPSCOPE_DATA: dataDir,
      HOPSCOPE_WEB_DIR: webDir,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  })
  let text = ''
  child.stderr?.on('data', (chunk) => {
    // The end is what a failing test shows; a flood must not fill this process instead.
    text = (text + chunk).slice(-200_000)
  })
  const link = new Promise<string>((resolve) => {
    let out = ''
    child.stdout?.on('data', (chunk) => {
      out += chunk
      const found = /(http\S+#token=\S+)\n/.exec(out)?.[1]
      if (found) resolve(found)
    })
  })
  const ended = once(child, 'close').then(([code]): number | null => code)
  return { child, link, ended, log: () => text, dataDir }
}

function makePage(folder: string): void {
  // A folder that cannot be written is what some tests are about.
  try {
    mkdirSync(folder)
    for (const page of ['index', 'login', '404']) writeFileSync(join(folder, `${page}.html`), '<p>page</p>')
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error
  }
}
