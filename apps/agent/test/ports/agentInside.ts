import { once } from 'node:events'
import { join } from 'node:path'
import { type ChangeAnswer, type Command, changeAnswerSchema, commandSchema } from '@hopscope/protocol'
import type { SandboxHost } from '@hopscope/sandbox'
import { z } from 'zod'
import { bundled } from '../bundled.ts'

export const agentAskSchema = z.union([
  z.strictObject({ command: commandSchema }),
  z.strictObject({ undo: z.string() }),
])
type AgentAsk = z.infer<typeof agentAskSchema>

/** What an agent is to its host as far as changing it goes, in a process inside it. */
export type AgentInside = {
  run(command: Command): Promise<ChangeAnswer>
  undo(id: string): Promise<ChangeAnswer>
  close(): Promise<void>
}

/** Starts it; `folder` holds its journal and the ports that it keeps. */
export async function startAgentInside(host: SandboxHost, folder: string): Promise<AgentInside> {
  const entry = join(import.meta.dirname, 'agentChild.ts')
  const argv = [process.execPath, await bundled(entry), folder]
  const child = host.spawn(argv, { cwd: process.cwd(), stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const exit = once(child, 'exit')
  await Promise.race([once(child, 'message'), exit.then(() => Promise.reject(new Error('the agent did not start')))])
  const ask = async (question: AgentAsk) => {
    const answer = once(child, 'message')
    child.send(question)
    const [came] = await answer
    return changeAnswerSchema.parse(came)
  }
  return {
    run: (command) => ask({ command }),
    undo: (undo) => ask({ undo }),
    async close() {
      if (child.connected) child.disconnect()
      await exit
    },
  }
}
