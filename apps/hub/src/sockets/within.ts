import type { AgentSocket } from './server.ts'

/** An answer of an agent; rejects when it leaves, or after so many milliseconds. Nothing of it outlives that: a hub that ends waits for nobody. */
export async function within<T>(agent: AgentSocket, milliseconds: number, answer: Promise<T>): Promise<T> {
  let stop: (why: string) => void = () => undefined
  const stopped = new Promise<never>((_, reject) => {
    stop = (why) => reject(new Error(why))
  })
  // An agent may leave right behind its answer, which is read in the same turn: then the answer counts.
  const gone = () => setImmediate(stop, 'the agent left')
  const timer = setTimeout(() => stop('there was no answer in time'), milliseconds)
  agent.once('disconnect', gone)
  try {
    return await Promise.race([answer, stopped])
  } finally {
    clearTimeout(timer)
    agent.off('disconnect', gone)
  }
}
