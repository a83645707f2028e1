import { once } from 'node:events'
import { join } from 'node:path'
import { hostSnapshotSchema } from '@hopscope/model'
import type { SandboxHost } from '@hopscope/sandbox'
import { z } from 'zod'
import { bundled } from '../bundled.ts'

/** `look`: what is published, at once when it is newer than revision `than`. `audit`: read everything, and say what that found. */
export const askSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('look'), than: z.number(), withinMs: z.number() }),
  z.strictObject({ kind: z.literal('audit') }),
  z.strictObject({ kind: z.literal('memory') }),
])
export type Ask = z.infer<typeof askSchema>

const answerSchema = z.strictObject({
  snapshot: hostSnapshotSchema,
  revision: z.number(),
  found: z.array(z.string()),
  descriptors: z.number(),
  /** Foreign network namespaces that the observer holds open. */
  pinned: z.array(z.string()),
  stats: z.record(z.string(), z.number()),
})
export type Observed = z.infer<typeof answerSchema>

export type Observation = {
  /** What is published now, or (with a revision) as soon as something newer is. */
  look(newer?: { than: number; withinMs: number }): Promise<Observed>
  /** Reads everything again; `found` are the records that this changed. */
  audit(): Promise<Observed>
  /** Collects garbage; `stats.heap` and `stats.resident` are bytes then. */
  memory(): Promise<Observed>
  close(): Promise<void>
}

/** An observer running inside a sandbox host, as the agent runs it. `receiveBuffer`: bytes of events that may queue up. */
export async function observe(host: SandboxHost, receiveBuffer?: number): Promise<Observation> {
  const entry = join(import.meta.dirname, 'observerChild.ts')
  const options = receiveBuffer === undefined ? [] : [String(receiveBuffer)]
  const argv = [process.execPath, '--expose-gc', await bundled(entry), ...options]
  const child = host.spawn(argv, {
    cwd: process.cwd(),
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    serialization: 'json',
  })
  let ended: string | undefined
  child.once('exit', (code, signal) => {
    ended = `the observer ended (${signal ?? code})`
  })
  const ask = async (question: Ask) => {
    if (ended) throw new Error(ended)
    const answer = once(child, 'message')
    child.send(question)
    const [message] = await answer
    return answerSchema.parse(message)
  }
  await once(child, 'message') // 'ready'
  return {
    look: (newer = { than: -1, withinMs: 0 }) => ask({ kind: 'look', ...newer }),
    audit: () => ask({ kind: 'audit' }),
    memory: () => ask({ kind: 'memory' }),
    async close() {
      if (ended) return
      const exit = once(child, 'exit')
      child.disconnect()
      await exit
    },
  }
}
