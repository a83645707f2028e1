import { once } from 'node:events'
import { join } from 'node:path'
import { type HostSnapshot, hostSnapshotSchema } from '@hopscope/model'
import type { SandboxHost } from '@hopscope/sandbox'
import { z } from 'zod'

const answerSchema = z.strictObject({
  snapshot: hostSnapshotSchema,
  descriptors: z.number(),
  stats: z.record(z.string(), z.number()),
})
export type Observed = { snapshot: HostSnapshot; descriptors: number; stats: Record<string, number> }

/** An observer running inside a sandbox host, as the agent runs it. */
export async function observe(
  host: SandboxHost,
): Promise<{ look: () => Promise<Observed>; close: () => Promise<void> }> {
  const entry = join(import.meta.dirname, 'observerChild.ts')
  const child = host.spawn([process.execPath, '--import', import.meta.resolve('tsx'), entry], {
    cwd: process.cwd(),
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    serialization: 'json',
  })
  let ended: string | undefined
  child.once('exit', (code, signal) => {
    ended = `the observer ended (${signal ?? code})`
  })
  const ask = async () => {
    if (ended) throw new Error(ended)
    const answer = once(child, 'message')
    child.send('look')
    const [message] = await answer
    return answerSchema.parse(message) as Observed
  }
  await once(child, 'message') // 'ready'
  return {
    look: ask,
    async close() {
      if (ended) return
      const exit = once(child, 'exit')
      child.disconnect()
      await exit
    },
  }
}
