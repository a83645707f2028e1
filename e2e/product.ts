import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const root = join(import.meta.dirname, '..')
export const ADMIN = { name: 'ada', password: 'correct horse battery' }

/** Hub and agent as `npm start` runs them, with folders and a port of their own. */
export class Product {
  readonly folder = mkdtempSync(join(tmpdir(), 'hopscope-e2e-'))
  readonly #running = new Map<string, ChildProcess>()
  /** The one-time link that the hub printed last. */
  link = ''
  /** Where its sandboxes are: for packages/sandbox in this process, and for the agent. */
  readonly sandboxes = {
    HOPSCOPE_RUN_DIR: join(this.folder, 'run'),
    HOPSCOPE_DATA_DIR: join(this.folder, 'sandboxes'),
  }
  private constructor(
    readonly port: number,
    /** One more at which it may be reached. */
    readonly publicOrigin: string | undefined,
  ) {}

  static async start({
    agent = true,
    publicOrigin,
  }: {
    agent?: boolean
    publicOrigin?: string
  } = {}): Promise<Product> {
    const product = new Product(await freePort(), publicOrigin)
    await product.startHub()
    if (agent) product.startAgent()
    return product
  }
  /** What agents of this hub authenticate with. */
  agentKey(): string {
    return readFileSync(join(this.folder, 'data', 'agent.key'), 'utf8').trim()
  }
  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }
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
  pid(name: 'hub' | 'agent'): number {
    const pid = this.#running.get(name)?.pid
    if (pid === undefined) throw new Error(`the ${name} does not run`)
    return pid
  }
  async kill(name: 'hub' | 'agent', signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#running.get(name)
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const exit = once(child, 'exit')
    child.kill(signal)
    await exit
  }
  /** Calls a procedure of the hub as the page does; gives the answer's cookie, if it set one. */
  async call(
    procedure: string,
    input: unknown,
    cookie = '',
  ): Promise<{ status: number; cookie: string; body: unknown }> {
    const response = await fetch(`${this.url}/api/trpc/${procedure}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: this.url, cookie },
      body: JSON.stringify(input),
    })
    const set = response.headers.getSetCookie()[0]?.split(';')[0]
    return { status: response.status, cookie: set ?? cookie, body: await response.json() }
  }
  /** Uses the printed link to make the administrator's account; gives its session cookie. */
  async setUp(): Promise<string> {
    const claimed = await this.call('auth.claim', { token: this.link.split('#token=')[1] })
    const done = await this.call('auth.setup', ADMIN, claimed.cookie)
    if (done.status !== 200) throw new Error(`auth.setup answered ${done.status}: ${JSON.stringify(done.body)}`)
    return done.cookie
  }
  async stop(): Promise<void> {
    await this.kill('agent', 'SIGTERM')
    await this.kill('hub', 'SIGTERM')
    rmSync(this.folder, { recursive: true, force: true })
  }
  #run(name: string, script: string, stdio: ('ignore' | 'pipe' | 'inherit')[]): ChildProcess {
    const env = {
      ...process.env,
      ...this.sandboxes,
      NODE_ENV: 'production',
      HOPSCOPE_LOG: 'error',
      HOPSCOPE_DATA: join(this.folder, 'data'),
      HOPSCOPE_CHANGES: join(this.folder, 'changes'),
      HOPSCOPE_PORT: String(this.port),
      ...(this.publicOrigin !== undefined && { HOPSCOPE_PUBLIC_ORIGIN: this.publicOrigin }),
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
