import { once } from 'node:events'
import { join } from 'node:path'
import {
  type Command,
  changeAnswerSchema,
  changeSchema,
  commandSchema,
  type GuideInputs,
  guideSchema,
} from '@hopscope/protocol'
import type { SandboxHost } from '@hopscope/sandbox'
import { z } from 'zod'
import { bundled } from '../bundled.ts'

/** At which program, counted from 0, what goes wrong. */
const faultSchema = z.strictObject({ at: z.number(), how: z.enum(['fail', 'kill before', 'kill after']) }).optional()
const changeAsks = [
  z.strictObject({ kind: z.literal('run'), command: commandSchema, fault: faultSchema }),
  z.strictObject({ kind: z.literal('undo'), id: z.string(), fault: faultSchema }),
] as const
export const askSchema = z.discriminatedUnion('kind', [
  ...changeAsks,
  /** What a command would run, instead of a change. */
  z.strictObject({ kind: z.literal('lines'), command: commandSchema }),
  /** The steps of a guide on the host as it is now. */
  z.strictObject({ kind: z.literal('guide'), inputs: guideSchema }),
])
type Ask = z.infer<typeof askSchema>
export type ChangeAsk = z.infer<(typeof changeAsks)[number]>
const guidedSchema = z.strictObject({ steps: z.array(z.strictObject({ command: commandSchema, state: z.string() })) })
export type GuidedSteps = z.infer<typeof guidedSchema>['steps']
/** A plan as a person would type it, what would undo it, and the programs of both; none when it is refused. */
const linesSchema = z.strictObject({
  act: z.array(z.string()),
  undo: z.array(z.string()),
  programs: z.array(z.array(z.string())),
})
export type Lines = z.infer<typeof linesSchema>
const readySchema = z.strictObject({ recovered: z.array(changeSchema) })
const answeredSchema = z.strictObject({ answer: changeAnswerSchema, calls: z.number(), descriptors: z.number() })
/** What came of it, how many programs were run, and how many descriptors the executor holds after it. */
export type Answered = z.infer<typeof answeredSchema>

export type Executing = {
  /** What a crash before had left and is undone now. */
  readonly recovered: z.infer<typeof changeSchema>[]
  /** Undefined when the process died over it. */
  ask(question: ChangeAsk): Promise<Answered | undefined>
  lines(command: Command): Promise<Lines>
  guide(inputs: GuideInputs): Promise<GuidedSteps>
  close(): Promise<void>
}

/** An executor with its observer inside a sandbox host; `folder` holds its journal; `under` is a program that runs it. */
export async function execute(host: SandboxHost, folder: string, under: readonly string[] = []): Promise<Executing> {
  const entry = join(import.meta.dirname, 'executorChild.ts')
  const argv = [...under, process.execPath, await bundled(entry), folder]
  const child = host.spawn(argv, {
    cwd: process.cwd(),
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    serialization: 'json',
  })
  const exit = once(child, 'exit')
  const [first] = await once(child, 'message')
  const answered = async (question: Ask): Promise<unknown> => {
    const answer = once(child, 'message')
    child.send(question)
    return (await answer)[0]
  }
  return {
    ...readySchema.parse(first),
    ask: (question) =>
      Promise.race([answered(question).then((message) => answeredSchema.parse(message)), exit.then(() => undefined)]),
    guide: async (inputs) => guidedSchema.parse(await answered({ kind: 'guide', inputs })).steps,
    lines: async (command) => linesSchema.parse(await answered({ kind: 'lines', command })),
    async close() {
      if (child.connected) child.disconnect()
      await exit
    },
  }
}
