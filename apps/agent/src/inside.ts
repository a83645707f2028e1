import { changeRequestSchema, type TraceAnswer, traceRequestSchema } from '@hopscope/protocol'
import { openLog } from '@hopscope/service'
import { z } from 'zod'
import { reapLoggers } from './capture/loggers.ts'
import { readConfig } from './config.ts'
import { openChanging } from './execute/changing.ts'
import { feedOf } from './feed.ts'
import { nextTurn } from './nextTurn.ts'
import { startObserver } from './observer.ts'
import { createOutbox } from './outbox.ts'
import type { FromVantage, ToVantage } from './vantage.ts'

export const insideSchema = z.strictObject({ kind: z.literal('sandbox'), sandbox: z.string(), rootless: z.boolean() })
const toVantage = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('resync') }),
  z.strictObject({ type: z.literal('metrics') }),
  z.strictObject({
    type: z.literal('ask'),
    ask: z.number(),
    request: z.union([z.literal('history'), changeRequestSchema, traceRequestSchema]),
  }),
  z.strictObject({ type: z.literal('endTracing') }),
  z.strictObject({
    type: z.literal('watch'),
    topics: z.array(z.enum(['links', 'rules', 'conntrack', 'fdb', 'neighbours'])),
  }),
])

/** Observes the sandbox host that this process was started in, for the agent at the other end of the IPC channel. */
export async function observeInside(inside: string): Promise<void> {
  if (process.send === undefined) throw new Error('"observe --inside" is started by the agent only')
  const observer = await startObserver({ vantage: insideSchema.parse(JSON.parse(inside)) })
  await nextTurn()
  const send = (message: FromVantage, written: () => void = () => undefined) => {
    // An error means that the agent has just ended: `disconnect` follows.
    if (process.connected) process.send?.(message, undefined, undefined, written)
  }
  const { changesFolder, logLevel } = readConfig()
  // The agent's own log goes to the same place.
  const log = openLog({ name: 'agent', level: logLevel })
  const outbox = createOutbox({ write: send, onCaughtUp: () => feed.resync() })
  reapLoggers(observer.snapshot())
  const changing = await openChanging(observer, { folder: changesFolder, log })
  const feed = feedOf(observer, outbox.send, { changing })
  process.on('message', (raw) => {
    const message: ToVantage = toVantage.parse(raw)
    if (message.type === 'resync') feed.resync()
    else if (message.type === 'metrics') void feed.metrics().then((values) => send({ type: 'metrics', values }))
    else if (message.type === 'ask') void answer(message)
    else if (message.type === 'endTracing') feed.tracing.end()
    else feed.watch(message.topics)
  })
  const answer = async ({ ask, request }: Extract<ToVantage, { type: 'ask' }>) => {
    send({ type: 'answer', ask, came: await came(request) })
  }
  const came = async (request: Extract<ToVantage, { type: 'ask' }>['request']) => {
    if (request === 'history') return feed.changing.history()
    switch (request.kind) {
      case 'trace':
      case 'stop':
      case 'prove':
        return feed.tracing.ask(request).catch(failed)
      case 'run':
      case 'keep':
      case 'undo':
        return feed.changing.change(request)
    }
  }
  const failed = (err: unknown): TraceAnswer => {
    log.error({ err }, 'a tracing failed')
    const detail = err instanceof Error ? err.message : String(err)
    return { kind: 'denied', reason: { code: 'AGENT_FAILED', params: {}, detail } }
  }
  const end = async () => {
    await feed.close()
    process.exit(0)
  }
  process.once('disconnect', () => void end())
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void end())
  if (!process.connected) return end()
  send({ type: 'ready', hostId: feed.hostId })
}
