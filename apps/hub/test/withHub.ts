import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pino from 'pino'
import { onTestFinished } from 'vitest'
import type { Config } from '../src/config.ts'
import { type Hub, startHub } from '../src/hub.ts'
import type { PageLimits } from '../src/sockets/pages.ts'
import { type HttpClient, httpClient } from './httpClient.ts'

export type { Answer, Result } from './httpClient.ts'

export const NAME = 'Ada'
export const PASSWORD = 'correct horse battery'
export const PRISMA = fileURLToPath(new URL('../../../prisma', import.meta.url))
export const PAGE = '<!doctype html><script>self.__a=1</script><script src="/a.js"></script><p>page</p>'

export type TestHub = HttpClient & {
  hub: Hub
  dataDir: string
  key: string
  /** Moves the hub's clock on. */
  pass(ms: number): void
  restart(): Promise<void>
}
/** A real hub on a free port with a database of its own; closed and removed with the test. */
export async function withHub(
  overrides: Partial<Config> & { pageLimits?: PageLimits; markEvery?: number } = {},
): Promise<TestHub> {
  const dataDir = mkdtempSync(join(tmpdir(), 'hub-test-'))
  const webDir = join(dataDir, 'out')
  mkdirSync(join(webDir, '_next/static'), { recursive: true })
  for (const page of ['index', 'login', '404']) writeFileSync(join(webDir, `${page}.html`), PAGE)
  writeFileSync(join(webDir, '_next/static/a.js'), '1')
  let offset = 0
  const { pageLimits, markEvery, ...settings } = overrides
  const config: Config = {
    port: 0,
    host: '127.0.0.1',
    dataDir,
    insecureBind: false,
    webDir,
    prismaDir: PRISMA,
    logLevel: 'silent',
    ...settings,
  }
  const deps = {
    ...(pageLimits && { pageLimits }),
    ...(markEvery && { markEvery }),
    now: () => Date.now() + offset,
    log: pino({ level: process.env.TEST_LOG ?? 'silent' }),
  }
  let hub = await startHub(config, deps)
  onTestFinished(async () => {
    await hub.close()
    rmSync(dataDir, { recursive: true })
  })

  const { send, call } = httpClient(() => hub.port)

  return {
    get hub() {
      return hub
    },
    dataDir,
    key: readFileSync(join(dataDir, 'agent.key'), 'utf8').trim(),
    pass(ms) {
      offset += ms
    },
    async restart() {
      const { port } = hub
      await hub.close()
      hub = await startHub({ ...config, port }, deps)
    },
    send,
    call,
  }
}

/** What setting accounts up needs of a hub, in this process or in one of its own. */
export type Reached = Pick<HttpClient, 'call'> & { hub: Pick<Hub, 'link'> }

/** The token of a new one-time link. */
export const newToken = async ({ hub }: Reached): Promise<string> =>
  new URL((await hub.link()).link).hash.slice('#token='.length)

/** Sets up the first account; returns the cookie of its session. */
export async function setUp(t: Reached): Promise<string> {
  const { call } = t
  const claimed = await call('auth.claim', { token: await newToken(t) })
  const { cookie } = await call('auth.setup', { name: NAME, password: PASSWORD }, claimed.cookie)
  if (!cookie) throw new Error('setting up the first account gave no session')
  return cookie
}

/** Makes an account of a role; returns the cookie of its session. */
export async function account(t: Reached, admin: string, role: string): Promise<string> {
  await t.call('users.create', { name: role, role, password: PASSWORD }, admin)
  const { cookie } = await t.call('auth.login', { name: role, password: PASSWORD })
  if (!cookie) throw new Error(`the ${role} got no session`)
  return cookie
}
