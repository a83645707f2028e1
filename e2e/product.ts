import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test as base, expect, type Page } from '@playwright/test'

const root = join(import.meta.dirname, '..')

/** Hub and agent as `npm start` runs them, with folders and a port of their own. */
export class Product {
  readonly folder = mkdtempSync(join(tmpdir(), 'hopscope-e2e-'))
  readonly #running = new Map<string, ChildProcess>()
  link = ''
  private constructor(readonly port: number) {}

  static async start(): Promise<Product> {
    const product = new Product(await freePort())
    await product.startHub()
    product.startAgent()
    return product
  }
  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }
  /** Starts the hub and keeps the one-time link that it prints. */
  async startHub(): Promise<void> {
    const hub = this.#run('hub', 'apps/hub/dist/hub.mjs', ['ignore', 'pipe', 'inherit'])
    if (!hub.stdout) throw new Error('the hub has no standard output')
    for await (const line of createInterface({ input: hub.stdout })) {
      const url = /(http\S+#token=\S+)/.exec(line)?.[1]
      if (!url) continue
      this.link = url
      return
    }
    throw new Error('the hub ended without a link')
  }
  startAgent(): void {
    this.#run('agent', 'apps/agent/dist/agent.mjs', ['ignore', 'inherit', 'inherit'])
  }
  async kill(name: 'hub' | 'agent', signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#running.get(name)
    if (!child || child.exitCode !== null) return
    const exit = once(child, 'exit')
    child.kill(signal)
    await exit
  }
  async stop(): Promise<void> {
    await this.kill('agent', 'SIGTERM')
    await this.kill('hub', 'SIGTERM')
    rmSync(this.folder, { recursive: true, force: true })
  }
  #run(name: string, script: string, stdio: ('ignore' | 'pipe' | 'inherit')[]): ChildProcess {
    const env = {
      ...process.env,
      NODE_ENV: 'production',
      HOPSCOPE_DATA: join(this.folder, 'data'),
      HOPSCOPE_RUN_DIR: join(this.folder, 'run'),
      HOPSCOPE_PORT: String(this.port),
    }
    const child = spawn(process.execPath, [join(root, script)], { cwd: root, env, stdio })
    this.#running.set(name, child)
    return child
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (!address || typeof address === 'string') throw new Error('no port')
  return address.port
}

export const ADMIN = { name: 'ada', password: 'correct horse battery' }

/** Errors that the page wrote to the console: there must be none. */
export function consoleErrors(page: Page): string[] {
  const errors: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text())
  })
  page.on('pageerror', (error) => errors.push(String(error)))
  return errors
}

export const test = base.extend<object, { product: Product }>({
  product: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixture's needs from this pattern.
    async ({}, use) => {
      const product = await Product.start()
      await use(product)
      await product.stop()
    },
    { scope: 'worker', timeout: 120_000 },
  ],
})
export { expect }
