import { once } from 'node:events'
import { join } from 'node:path'
import { changeAnswerSchema, changeSchema, commandSchema, type GuideInputs, guideSchema } from '@hopscope/protocol'
import type { SandboxHost } from '@hopscope/sandbox'
import { z } from 'zod'

/** At which program, counted from 0, what goes wrong. */
const faultSchema = z.strictObject({ at: z.number(), how: z.enum(['fail', 'kill before', 'kill after']) }).optional()
export const askSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('run'), command: commandSchema, fault: faultSchema }),
  z.strictObject({ kind: z.literal('undo'), id: z.string(), fault: faultSchema }),
])
export type Ask = z.infer<typeof askSchema>
/** The steps of a guide on the host as it is now, instead of a change. */
export const guideAskSchema = z.strictObject({ kind: z.literal('guide'), inputs: guideSchema })
const guidedSchema = z.strictObject({ steps: z.array(z.strictObject({ command: commandSchema, state: z.string() })) })
export type GuidedSteps = z.infer<typeof guidedSchema>['steps']
const readySchema = z.strictObject({ recovered: z.array(changeSchema) })
const answeredSchema = z.strictObject({ answer: changeAnswerSchema, calls: z.number(), descriptors: z.number() })
/** What came of it, how many programs were run, and how many descriptors the executor holds after it. */
export type Answered = z.infer<typeof answeredSchema>

export type Executing = {
  /** What a crash before had left and is undone now. */
  readonly recovered: z.infer<typeof changeSchema>[]
  /** Undefined when the process died over it. */
  ask(question: Ask): Promise<Answered | undefined>
  guide(inputs: GuideInputs): Promise<GuidedSteps>
  close(): Promise<void>
}

/** An executor with its observer inside a sandbox host; `folder` holds its journal. */
export async function execute(host: SandboxHost, folder: string): Promise<Executing> {
  const entry = join(import.meta.dirname, 'executorChild.ts')
  const argv = [process.execPath, '--import', import.meta.resolve('tsx'), entry, folder]
  const child = host.spawn(argv, {
    cwd: process.cwd(),
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    serialization: 'json',
  })
  const exit = once(child, 'exit')
  const [first] = await once(child, 'message')
  return {
    ...readySchema.parse(first),
    async ask(question) {
      const answer = once(child, 'message').then(([message]) => answeredSchema.parse(message))
      child.send(question)
      return Promise.race([answer, exit.then(() => undefined)])
    },
    async guide(inputs) {
      const answer = once(child, 'message').then(([message]) => guidedSchema.parse(message).steps)
      child.send({ kind: 'guide', inputs })
      return answer
    },
    async close() {
      if (child.connected) child.disconnect()
      await exit
    },
  }
}
