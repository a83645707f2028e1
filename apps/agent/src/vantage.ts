import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { HostInfo, SampleTopic } from '@hopscope/model'
import {
  type AgentValues,
  type ChangeRequest,
  changeAnswerSchema,
  historySchema,
  hostMetricsSchema,
  type TraceRequest,
  traceAnswerSchema,
} from '@hopscope/protocol'
import { openSandbox, SandboxError } from '@hopscope/sandbox'
import type { Logger } from 'pino'
import { z } from 'zod'
import type { FeedMessage, HostFeed } from './feed.ts'
import { watchHeart } from './heart.ts'
import { ownChild } from './run.ts'
import type { SandboxHostRef } from './sandboxes.ts'

type Question = ChangeRequest | TraceRequest | 'history'
/** What the observer inside a sandbox host is told. */
export type ToVantage =
  | { type: 'resync' }
  | { type: 'metrics' }
  | { type: 'watch'; topics: readonly SampleTopic[] }
  | { type: 'ask'; ask: number; request: Question }
  | { type: 'endTracing' }
/** What it says: that it is there, and then what any feed says. */
export type FromVantage =
  | { type: 'ready'; hostId: string }
  | { type: 'metrics'; values: AgentValues }
  | { type: 'answer'; ask: number; came: unknown }
  | FeedMessage

export type Vantage = {
  readonly initPid: number
  close(): Promise<void>
}

type Handlers = {
  log: Logger
  onReady(feed: HostFeed): void
  onMessage(message: FeedMessage): void
  /** It ended, whether asked to or not. */
  onEnd(): void
}

// The first message decides which sandbox host speaks; the hub checks the others, which this process only passes on.
const envelope = z.looseObject({
  type: z.enum(['ready', 'metrics', 'answer', 'snapshot', 'part', 'patch', 'samples', 'progress', 'stories', 'traced']),
})
const readySchema = z.strictObject({ type: z.literal('ready'), hostId: z.string() })
const answerSchema = z.strictObject({ type: z.literal('answer'), ask: z.number(), came: z.unknown() })
const metricsSchema = z.strictObject({ type: z.literal('metrics'), values: hostMetricsSchema.shape.values })

/**
 * Starts an observer in the namespaces of a sandbox host. It is a process of its own, because what it sees (processes,
 * files, namespaces) depends on where it is; it ends with this one. Same as "nsenter -t PID -n -m -p -u agent observe".
 */
export async function openVantage(ref: SandboxHostRef, handlers: Handlers): Promise<Vantage> {
  const sandbox = await openSandbox(ref.sandbox)
  const host = sandbox.host(ref.host)
  const inside: HostInfo['vantage'] = { kind: 'sandbox', sandbox: ref.sandbox, rootless: sandbox.rootless }
  const argv = [process.execPath, ...agentScript(), 'observe', '--inside', JSON.stringify(inside)]
  const [program = '', ...args] = host.enterArgv(argv, { dieWithParent: true })
  // Messages go to our log, which is standard error too.
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const own = ownChild(child.pid)
  let hostId: string | undefined
  let open = true
  const asking = new Set<(values: AgentValues) => void>()

  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      own.ended()
      heart.close()
      open = false
      for (const { reject } of questions.values()) reject(new Error(`the observer of ${ref.host} has ended`))
      resolve()
      handlers.onEnd()
    })
  })
  child.on('error', (error) => handlers.log.error({ err: error, ...ref }, 'the observer of a sandbox host failed'))
  const tell = (message: ToVantage) => {
    if (open && child.connected) child.send(message)
  }
  const close = async () => {
    if (open && child.connected) child.disconnect()
    await endedOrKilled(child, ended)
  }
  const metrics = () =>
    new Promise<AgentValues>((resolve, reject) => {
      const answered = (values: AgentValues) => {
        clearTimeout(timer)
        asking.delete(answered)
        resolve(values)
      }
      const timer = setTimeout(() => {
        asking.delete(answered)
        reject(new Error(`the observer of ${ref.host} does not answer`))
      }, ANSWER_LIMIT)
      asking.add(answered)
      tell({ type: 'metrics' })
    })
  const questions = new Map<number, { resolve(came: unknown): void; reject(error: Error): void }>()
  let asked = 0
  const ask = (request: Question) =>
    new Promise<unknown>((resolve, reject) => {
      const id = asked++
      questions.set(id, { resolve, reject })
      if (open) tell({ type: 'ask', ask: id, request })
      else reject(new Error(`the observer of ${ref.host} has ended`))
    })
  // The figures are what it is asked for to see whether it still runs: they need its event loop, and nothing else.
  const heart = watchHeart(
    () => tell({ type: 'metrics' }),
    () => {
      handlers.log.error(ref, 'the observer of a sandbox host does not answer; it is started again')
      child.kill('SIGKILL')
    },
  )
  child.on('message', (raw) => {
    heart.beat()
    const { type } = envelope.parse(raw)
    if (type === 'metrics') {
      const { values } = metricsSchema.parse(raw)
      for (const answered of [...asking]) answered(values)
      return
    }
    if (type === 'answer') {
      const { ask: id, came } = answerSchema.parse(raw)
      questions.get(id)?.resolve(came)
      questions.delete(id)
      return
    }
    if (type !== 'ready') return handlers.onMessage(raw as FeedMessage) // see `envelope`
    hostId = readySchema.parse(raw).hostId
    handlers.onReady({
      hostId,
      resync: () => tell({ type: 'resync' }),
      watch: (topics) => tell({ type: 'watch', topics }),
      metrics,
      changing: {
        change: async (request) => changeAnswerSchema.parse(await ask(request)),
        history: async () => historySchema.parse(await ask('history')),
      },
      tracing: {
        ask: async (request) => traceAnswerSchema.parse(await ask(request)),
        end: () => tell({ type: 'endTracing' }),
      },
      close,
    })
  })
  return { initPid: ref.initPid, close }
}

/** True for an error that means: this sandbox host is not there (any more). */
export const isGone = (error: unknown): boolean =>
  error instanceof SandboxError && (error.code === 'NOT_FOUND' || error.code === 'UNREADABLE')

/** Node's arguments that run the bundle which this process runs, or the source beside this file. */
function agentScript(): string[] {
  const here = fileURLToPath(import.meta.url)
  if (!here.endsWith('.ts')) return [process.argv[1] ?? here]
  return ['--import', import.meta.resolve('tsx'), fileURLToPath(new URL('./main.ts', import.meta.url))]
}

const CLOSE_LIMIT = 3_000
const ANSWER_LIMIT = 1_000

async function endedOrKilled(child: ChildProcess, ended: Promise<void>): Promise<void> {
  const timer = setTimeout(() => child.kill('SIGKILL'), CLOSE_LIMIT)
  await ended
  clearTimeout(timer)
}
