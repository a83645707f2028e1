import { type IncomingHttpHeaders, request } from 'node:http'

export type Answer = { status: number; headers: IncomingHttpHeaders; text: string }
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
export type Sending = { method?: string; headers?: Record<string, string>; body?: string | Buffer }
export type HttpClient = {
  send(path: string, o?: Sending): Promise<Answer>
  /** Calls a procedure as a page would; with the cookie of a session if given. */
  call(path: string, input?: unknown, cookie?: string): Promise<Result>
}

const QUERIES = new Set([
  'auth.state',
  'users.list',
  'hosts.list',
  'prefs.get',
  'layouts.get',
  'changes.history',
  'changes.past',
  'changes.unconfirmed',
  'changes.ways',
  'audit.list',
  'audit.verify',
])

/** Speaks HTTP with the hub at a port of this machine, which is asked for anew each time. */
export function httpClient(port: () => number): HttpClient {
  const send: HttpClient['send'] = (path, o = {}) =>
    new Promise((resolve, reject) => {
      const method = o.method ?? 'GET'
      // A connection of its own: a kept one would not outlive a restart of the hub.
      const options = { host: '127.0.0.1', port: port(), path, method, headers: o.headers ?? {}, agent: false }
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
    const origin = `http://127.0.0.1:${port()}`
    const answer = await send(`/api/trpc/${path}${query}`, {
      method: QUERIES.has(path) ? 'GET' : 'POST',
      headers: { origin, 'content-type': 'application/json', ...(cookie && { cookie }) },
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
  return { send, call }
}
