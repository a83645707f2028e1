import { Agent, request } from 'node:http'
import { errorCode } from '@hopscope/protocol'
import { type Random, seeded } from '@hopscope/testkit/random'
import { describe, expect, it, onTestFinished } from 'vitest'
import { account } from '../withHub.ts'
import { PROCEDURES, type Procedure } from './procedures.ts'
import { type Scene, scene, unharmed } from './unharmed.ts'
import { deepJson, hostileJson, hostileString } from './values.ts'

const INPUTS = 10_000
const AT_ONCE = 8
const MOST_IN_BATCH = 20
// A request's head may have 16 KiB.
const LONGEST_TARGET = 12_000

type Headers = Record<string, string>
type Request = { method: string; path: string; headers: Headers; body?: string }
type Answer = { status: number; text: string }

describe('10,000 hostile inputs at each procedure, as each role', () => {
  it('are refused with a code each, and leave the hub unharmed', { timeout: 300_000 }, async () => {
    const s = await scene()
    const random = seeded('inputs of procedures')
    const callers = await everyRole(s)
    const codes = new Map<string, number>()
    // Signing out ends the session that calls: last.
    const order = PROCEDURES.toSorted((a, b) => Number(a.path === 'auth.logout') - Number(b.path === 'auth.logout'))
    await unharmed(s, async () => {
      for (const procedure of order) await fuzz(s, { procedure, callers, random, codes })
    })
    process.stdout.write(`  ${JSON.stringify(Object.fromEntries(codes))}\n`)
    expect(codes.has('INTERNAL'), s.t.log()).toBe(false)
  })
})

async function everyRole({ t, cookie: admin }: Scene): Promise<Headers[]> {
  const cookies = []
  for (const role of ['viewer', 'operator', 'admin']) cookies.push(await account(t, admin, role))
  return [{}, ...cookies.map((cookie) => ({ cookie })), { authorization: `Bearer ${t.key}` }]
}

type Fuzz = { procedure: Procedure; callers: Headers[]; random: Random; codes: Map<string, number> }
async function fuzz({ t }: Scene, { procedure, callers, random, codes }: Fuzz): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE })
  onTestFinished(() => agent.destroy())
  let sent = 0
  const one = async (): Promise<void> => {
    while (sent < INPUTS) {
      const caller = callers[Math.floor((sent / INPUTS) * callers.length)] ?? {}
      const { inputs, made } = random.next() < 0.15 ? odd(procedure, random) : batch(procedure, random)
      sent += inputs
      const answer = await send(agent, t.hub.port, {
        ...made,
        headers: { origin: t.hub.url, ...made.headers, ...caller },
      })
      note(codes, answer, made)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, one))
}

/** Counts the codes of an answer. Each must be one of the closed list, in an answer that can be read. */
function note(codes: Map<string, number>, answer: Answer, made: Request): void {
  const what = `${JSON.stringify(made).slice(0, 2000)} → ${answer.text}`
  expect(answer.status, what).toBeLessThan(500)
  for (const code of codesOf(answer, made)) {
    if (!code.includes(' ')) expect(errorCode.options, what).toContain(code)
    codes.set(code, (codes.get(code) ?? 0) + 1)
  }
}

/** What an answer says: a code for each refusal, and words for what has none. */
function codesOf({ status, text }: Answer, made: Request): string[] {
  if (text === '' || status === 431) return [`no body, ${status}`]
  if (text.startsWith('<p>') && status === 404) return ['no such page']
  if (made.headers['trpc-accept']) return [text.includes('INTERNAL') ? 'INTERNAL' : 'a stream']
  const parsed: unknown = JSON.parse(text)
  const all = Array.isArray(parsed) ? parsed : [parsed]
  return all.map((one) => (one.result ? 'an answer' : String(one.code ?? one.error?.data?.hopscope?.code)))
}

/** Up to twenty inputs in one request, as the page's batch link sends them. */
function batch(procedure: Procedure, random: Random): { inputs: number; made: Request } {
  const parts: string[] = []
  const query = procedure.kind === 'query'
  let length = 0
  while (parts.length < MOST_IN_BATCH) {
    const text = input(procedure, random)
    length += query ? encodeURIComponent(text).length : text.length
    if (length > (query ? LONGEST_TARGET : 400_000)) break
    parts.push(text)
  }
  const inputs = Math.max(1, parts.length)
  const body = `{${parts.map((text, i) => `"${i}":${text}`).join()}}`
  const path = `/api/trpc/${Array(inputs).fill(procedure.path).join()}?batch=1`
  if (!query) return { inputs, made: { method: 'POST', path, headers: { 'content-type': 'application/json' }, body } }
  return {
    inputs,
    made: { method: 'GET', path: `${path}&input=${encodeURIComponent(body)}`, headers: {} },
  }
}

function input({ fields }: Procedure, random: Random): string {
  const kind = random.next()
  if (kind < 0.02) return deepJson(random, 800)
  if (kind > 0.3) return hostileJson(random)
  // The right fields, with anything in them.
  return `{${fields.map((f) => `${JSON.stringify(f)}:${hostileJson(random, 3)}`).join()}}`
}

const TYPES = [
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/json',
] as const

/** One input in a request that is wrong in itself. */
function odd(procedure: Procedure, random: Random): { inputs: number; made: Request } {
  const json = { 'content-type': 'application/json' }
  const at = `/api/trpc/${procedure.path}`
  const value = hostileJson(random)
  // As JSON: half a surrogate pair cannot be written in a URL.
  const text = encodeURIComponent(JSON.stringify(hostileString(random)))
  const post = (path: string, body: string, headers: Headers = json) => ({ method: 'POST', path, headers, body })
  const requests: Request[] = [
    post(at, value.slice(0, random.below(value.length + 1))),
    post(at, `{"json":${value},"meta":{"values":{"a":["map"]},"__proto__":${value}}}`),
    post(at, value, { 'content-type': random.pick(TYPES) }),
    post(at, value, { ...json, 'content-encoding': 'gzip' }),
    post(
      `${at}?batch=1`,
      random.pick(['null', '[]', '"x"', '{"-1":1}', '{"__proto__":{"0":1}}', '{"1e9":1}', `[${value}]`]),
    ),
    post(`/api/trpc/${Array(21).fill(procedure.path).join()}?batch=1`, '{}'),
    post(`${at},__proto__,constructor.name,toString?batch=1`, '{}'),
    post(at, deepJson(random, 20_000)),
    post(at, `"${'x'.repeat(300_000)}"`),
    { method: 'GET', path: `${at}?input=${text}`, headers: {} },
    { method: 'GET', path: `${at}?batch=${text}&input=${text}`, headers: {} },
    { method: 'GET', path: `/api/trpc/${text}?input=%7B`, headers: {} },
    { method: random.pick(['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD']), path: at, headers: json },
    { method: 'GET', path: at, headers: { 'trpc-accept': 'application/jsonl', accept: 'text/event-stream' } },
    {
      method: 'GET',
      path: at,
      headers: { 'last-event-id': '1', connection: 'keep-alive', cookie: 'a=%zz; __proto__=x' },
    },
  ]
  const made = requests[random.below(requests.length)]
  if (!made) throw new Error('no request')
  return { inputs: 1, made }
}

function send(agent: Agent, port: number, { method, path, headers, body }: Request): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const req = request({ agent, host: '127.0.0.1', port, method, path, headers }, (res) => {
      let text = ''
      res.setEncoding('utf8').on('data', (chunk) => {
        text += chunk
      })
      res.on('end', () => resolve({ status: res.statusCode ?? 0, text }))
    })
    req.on('error', reject)
    req.end(body)
  })
}
