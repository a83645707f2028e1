import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type IncomingHttpHeaders, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pino from 'pino'
import { onTestFinished } from 'vitest'
import type { Config } from '../src/config.ts'
import { type Hub, startHub } from '../src/hub.ts'

export const NAME = 'Ada'
export const PASSWORD = 'correct horse battery'
export const PRISMA = fileURLToPath(new URL('../../../prisma', import.meta.url))
export const PAGE = '<!doctype html><script>self.__a=1</script><script src="/a.js"></script><p>page</p>'

export type Answer = { status: number; headers: IncomingHttpHeaders; text: string }
export type TestHub = {
  hub: Hub
  dataDir: string
  key: string
  /** Moves the hub's clock on. */
  pass(ms: number): void
  restart(): Promise<void>
  send(path: string, o?: { method?: string; headers?: Record<string, string>; body?: string }): Promise<Answer>
  /** Calls a procedure as a page would; with the cookie of a session if given. */
  call(path: string, input?: unknown, cookie?: string): Promise<Result>
}
/** What a procedure answered: data or the code of the error, and the cookie that came along. */
export type Result = {
  status: number
  // biome-ignore lint/suspicious/noExplicitAny: the tests state what they expect of each answer
  data: any
  code?: string
  params?: Record<string, unknown>
  cookie?: string
  setCookie?: string
}

const QUERIES = new Set(['auth.state', 'users.list', 'hosts.list', 'prefs.get', 'layouts.get'])

/** A real hub on a free port with a database of its own; closed and removed with the test. */
export async function withHub(overrides: Partial<Config> & { mostBuffered?: number } = {}): Promise<TestHub> {
  const dataDir = mkdtempSync(join(tmpdir(), 'hub-test-'))
  const webDir = join(dataDir, 'out')
  mkdirSync(join(webDir, '_next/static'), { recursive: true })
  for (const page of ['index', 'login', '404']) writeFileSync(join(webDir, `${page}.html`), PAGE)
  writeFileSync(join(webDir, '_next/static/a.js'), '1')
  let offset = 0
  const { mostBuffered, ...settings } = overrides
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
    ...(mostBuffered && { mostBuffered }),
    now: () => Date.now() + offset,
    log: pino({ level: process.env.TEST_LOG ?? 'silent' }),
  }
  let hub = await startHub(config, deps)
  onTestFinished(async () => {
    await hub.close()
    rmSync(dataDir, { recursive: true })
  })

  const send: TestHub['send'] = (path, o = {}) =>
    new Promise((resolve, reject) => {
      const method = o.method ?? 'GET'
      // A connection of its own: a kept one would not outlive a restart of the hub.
      const options = { host: '127.0.0.1', port: hub.port, path, method, headers: o.headers ?? {}, agent: false }
      const req = request(options, (res) => {
        let text = ''
        res.setEncoding('utf8').on('data', (chunk) => {
          text += chunk
        })
        res.on('end', () => resolve({ status: res.statusCode ?? 0, headers: res.headers, text }))
      })
      req.on('error', reject)
      req.end(o.body)
    })

  async function call(path: string, input?: unknown, cookie?: string): Promise<Result> {
    const json = input === undefined ? undefined : JSON.stringify(input)
    const query = QUERIES.has(path) && json ? `?input=${encodeURIComponent(json)}` : ''
    const answer = await send(`/api/trpc/${path}${query}`, {
      method: QUERIES.has(path) ? 'GET' : 'POST',
      headers: { origin: hub.url, 'content-type': 'application/json', ...(cookie && { cookie }) },
      ...(!QUERIES.has(path) && json && { body: json }),
    })
    const body = JSON.parse(answer.text)
    const setCookie = answer.headers['set-cookie']?.[0]
    return {
      status: answer.status,
      data: body.result?.data,
      code: body.error?.data.hopscope.code,
      params: body.error?.data.hopscope.params,
      setCookie,
      cookie: setCookie?.split(';')[0],
    }
  }

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

/** The token of a new one-time link. */
export const newToken = async ({ hub }: TestHub): Promise<string> =>
  new URL((await hub.link()).link).hash.slice('#token='.length)

/** Sets up the first account; returns the cookie of its session. */
export async function setUp(t: TestHub): Promise<string> {
  const { call } = t
  const claimed = await call('auth.claim', { token: await newToken(t) })
  const { cookie } = await call('auth.setup', { name: NAME, password: PASSWORD }, claimed.cookie)
  if (!cookie) throw new Error('setting up the first account gave no session')
  return cookie
}

/** Makes an account of a role; returns the cookie of its session. */
export async function account(t: TestHub, admin: string, role: string): Promise<string> {
  await t.call('users.create', { name: role, role, password: PASSWORD }, admin)
  const { cookie } = await t.call('auth.login', { name: role, password: PASSWORD })
  if (!cookie) throw new Error(`the ${role} got no session`)
  return cookie
}
