import { Agent, type IncomingMessage, request } from 'node:http'
import type { z } from 'zod'

/** The engine answered, but not with what was asked for. */
export class DockerAnswerError extends Error {
  readonly status: number
  constructor(path: string, status: number, because: string, cause?: unknown) {
    super(`GET ${path}: ${because}`, { cause })
    this.name = 'DockerAnswerError'
    this.status = status
  }
}

/** The engine hung up, or was told to. */
export class EngineGone extends Error {
  constructor(because: string) {
    super(because)
    this.name = 'EngineGone'
  }
}

export type EngineApi = {
  /** The parsed answer; undefined when the object does not exist (404). Throws DockerAnswerError, or the socket's own error. */
  get<T extends z.ZodType>(path: string, shape: T): Promise<z.output<T> | undefined>
  /** Resolves when the engine answers anything at all; throws the socket's own error, at the latest after the time given. */
  ping(timeoutMs: number): Promise<void>
  /** Opens a stream of JSON lines. Resolves when the engine accepts; `ended` resolves, never rejects, when it is over. */
  lines(path: string, onLine: (line: string) => void): Promise<{ ended: Promise<EngineGone> }>
  /** Ends every request; they reject with the socket's error. */
  close(): void
}

/** Requests to a Docker engine over its Unix socket, at most eight at once beside the streams. Same as `curl --unix-socket`. */
export function engineApi(socketPath: string): EngineApi {
  // Many at once after a burst of events; one idle connection is enough between them.
  const pool = new Agent({ keepAlive: true, maxSockets: 8, maxFreeSockets: 1 })
  const streams = new Set<() => void>()
  return {
    async get(path, shape) {
      const answer = await send({ socketPath, path, agent: pool, timeoutMs: 30_000 })
      const text = await bodyOf(answer)
      if (answer.statusCode === 404) return undefined
      if (answer.statusCode !== 200) throw refused(path, answer, text)
      return parse(path, text, shape)
    },
    async ping(timeoutMs) {
      await bodyOf(await send({ socketPath, path: '/_ping', agent: pool, timeoutMs }))
    },
    async lines(path, onLine) {
      const answer = await send({ socketPath, path })
      if (answer.statusCode !== 200) throw refused(path, answer, await bodyOf(answer))
      const stop = () => answer.destroy()
      streams.add(stop)
      const ended = readLines(answer, onLine).finally(() => streams.delete(stop))
      return { ended }
    },
    close() {
      pool.destroy()
      for (const stop of streams) stop()
    },
  }
}

type Sending = { socketPath: string; path: string; agent?: Agent; timeoutMs?: number }

function send({ socketPath, path, agent, timeoutMs }: Sending): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = { host: 'docker', accept: 'application/json' }
    const sent = request({ socketPath, path, headers, agent: agent ?? false, timeout: timeoutMs }, resolve)
    sent.once('timeout', () => sent.destroy(new Error(`no answer from ${socketPath} within ${timeoutMs} ms`)))
    // After the answer's first byte errors reach the answer instead; the promise is settled by then.
    sent.on('error', reject)
    sent.end()
  })
}

function bodyOf(answer: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    answer.on('data', (chunk: Buffer) => chunks.push(chunk))
    answer.once('error', reject)
    answer.once('end', () => resolve(Buffer.concat(chunks).toString('utf8')))
  })
}

/** A line of an event is a few kilobytes; what grows beyond this is not an event stream. */
const longestLine = 4 * 1024 * 1024

function readLines(answer: IncomingMessage, onLine: (line: string) => void): Promise<EngineGone> {
  answer.setEncoding('utf8')
  let rest = ''
  answer.on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > longestLine) answer.destroy(new Error(`a line of more than ${longestLine} bytes`))
    for (const line of lines) if (line.trim() !== '') onLine(line)
  })
  return new Promise((resolve) => {
    let because = 'the engine closed its event stream'
    answer.once('error', (error) => {
      because = error.message
    })
    answer.once('close', () => resolve(new EngineGone(because)))
  })
}

function parse<T extends z.ZodType>(path: string, text: string, shape: T): z.output<T> {
  try {
    return shape.parse(JSON.parse(text))
  } catch (cause) {
    throw new DockerAnswerError(path, 200, `unexpected answer: ${String(cause).slice(0, 500)}`, cause)
  }
}

function refused(path: string, answer: IncomingMessage, text: string): DockerAnswerError {
  const status = answer.statusCode ?? 0
  return new DockerAnswerError(path, status, `status ${status} ${text.trim().slice(0, 300)}`)
}
