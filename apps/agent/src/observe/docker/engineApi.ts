import { type IncomingMessage, request } from 'node:http'
import type { z } from 'zod'
import type { Answer } from './httpAnswers.ts'
import { EngineGone, openPipeline } from './pipeline.ts'

/** The engine answered, but not with what was asked for. */
export class DockerAnswerError extends Error {
  readonly status: number
  constructor(path: string, status: number, because: string, cause?: unknown) {
    super(`GET ${path}: ${because}`, { cause })
    this.name = 'DockerAnswerError'
    this.status = status
  }
}

export type EngineApi = {
  /** The parsed answer; undefined when the object does not exist (404). Throws DockerAnswerError, or the socket's own error. */
  get<T extends z.ZodType>(path: string, shape: T): Promise<z.output<T> | undefined>
  /** The answer's bytes, for `parse`, or to be compared with those of last time; as `get` in all else. */
  read(path: string, lane?: Lane): Promise<Buffer | undefined>
  /** Resolves when the engine answers anything at all; throws the socket's own error, at the latest after the time given. */
  ping(timeoutMs: number): Promise<void>
  /** Opens a stream of JSON lines. Resolves when the engine accepts; `ended` resolves, never rejects, when it is over. */
  lines(path: string, onLine: (line: string) => void): Promise<{ ended: Promise<EngineGone> }>
  /** Ends every request; they reject with the socket's error. */
  close(): void
}

/** Each lane is a connection: single objects are many, a list takes the engine long, and a ping shall wait for neither. */
export type Lane = 'lists' | 'objects'

/** Requests to a Docker engine over its Unix socket. Same as `curl --unix-socket`. */
export function engineApi(socketPath: string): EngineApi {
  const lanes = { lists: openPipeline(socketPath), objects: openPipeline(socketPath), pings: openPipeline(socketPath) }
  const streams = new Set<() => void>()
  const read = async (path: string, lane: Lane = 'lists') => {
    const answer = await lanes[lane].get(path, TIMEOUT)
    if (answer.status === 404) return undefined
    if (answer.status !== 200) throw refused(path, answer)
    return answer.body
  }
  return {
    read,
    async get(path, shape) {
      const body = await read(path)
      return body && parse(path, body, shape)
    },
    async ping(timeoutMs) {
      await lanes.pings.get('/_ping', timeoutMs)
    },
    async lines(path, onLine) {
      const answer = await send(socketPath, path)
      const { statusCode: status = 0 } = answer
      if (status !== 200) throw refused(path, { status, body: await bodyOf(answer) })
      const stop = () => answer.destroy()
      streams.add(stop)
      const ended = readLines(answer, onLine).finally(() => streams.delete(stop))
      return { ended }
    },
    close() {
      for (const lane of Object.values(lanes)) lane.close()
      for (const stop of streams) stop()
    },
  }
}

/** What the bytes of an answer say; throws DockerAnswerError when that is not of this shape. */
export function parse<T extends z.ZodType>(path: string, body: Buffer, shape: T): z.output<T> {
  try {
    return shape.parse(JSON.parse(body.toString('utf8')))
  } catch (cause) {
    throw new DockerAnswerError(path, 200, `unexpected answer: ${String(cause).slice(0, 500)}`, cause)
  }
}

/** An engine on a busy machine, or one that holds a container which is just being made, takes its time. */
const TIMEOUT = 30_000

function send(socketPath: string, path: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sent = request(
      { socketPath, path, headers: { host: 'docker', accept: 'application/json' }, agent: false },
      resolve,
    )
    // After the answer's first byte errors reach the answer instead; the promise is settled by then.
    sent.on('error', reject)
    sent.end()
  })
}

function bodyOf(answer: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    answer.on('data', (chunk: Buffer) => chunks.push(chunk))
    answer.once('error', reject)
    answer.once('end', () => resolve(Buffer.concat(chunks)))
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

function refused(path: string, { status, body }: Answer): DockerAnswerError {
  return new DockerAnswerError(path, status, `status ${status} ${body.toString('utf8').trim().slice(0, 300)}`)
}
