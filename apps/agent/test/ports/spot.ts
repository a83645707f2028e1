import { once } from 'node:events'
import { join } from 'node:path'
import type { SandboxHost, SandboxPlace } from '@hopscope/sandbox'
import { z } from 'zod'
import { bundled } from '../bundled.ts'

const questionSchema = z.strictObject({ address: z.string(), port: z.number(), protocol: z.enum(['tcp', 'udp']) })
export type Question = z.infer<typeof questionSchema>
export const spotAskSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('serve'), id: z.number(), ports: z.array(z.number()) }),
  z.strictObject({ kind: z.literal('reach'), id: z.number(), question: questionSchema }),
])
const answerSchema = z.strictObject({ id: z.number(), text: z.string().optional() })
export type SpotAnswer = z.infer<typeof answerSchema>

/** A place in some network namespace from which ports are tried, and where they are answered. */
export type Spot = {
  readonly name: string
  /** Answers at these TCP and UDP ports of every address, with `NAME:PORT/PROTOCOL`. */
  serve(ports: readonly number[]): Promise<void>
  /** What is answered there, with real packets; undefined when nothing is within a second. */
  reach(question: Question): Promise<string | undefined>
  close(): Promise<void>
}

type Opening = {
  name: string
  place: SandboxPlace
  /** The words that lead from there into the namespace; see `intoContainer`. */
  into?: readonly string[]
}

/** Starts a process there that asks and answers; its `close` ends it, as the end of this process does. */
export async function openSpot({ name, place, into = [] }: Opening): Promise<Spot> {
  const entry = join(import.meta.dirname, 'spotChild.ts')
  const argv = [...into, process.execPath, await bundled(entry), name]
  const child = place.spawn(argv, { cwd: process.cwd(), stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const exit = once(child, 'exit')
  await Promise.race([once(child, 'message'), exit.then(() => Promise.reject(new Error(`${name} did not start`)))])
  const open = new Map<number, (answer: SpotAnswer) => void>()
  child.on('message', (raw) => {
    const answer = answerSchema.parse(raw)
    open.get(answer.id)?.(answer)
    open.delete(answer.id)
  })
  let asked = 0
  const ask = (about: (id: number) => z.infer<typeof spotAskSchema>) =>
    new Promise<SpotAnswer>((resolve, reject) => {
      const id = asked++
      open.set(id, resolve)
      child.send(about(id), (error) => error && reject(error))
    })
  return {
    name,
    serve: async (ports) => void (await ask((id) => ({ kind: 'serve', id, ports: [...ports] }))),
    reach: async (question) => (await ask((id) => ({ kind: 'reach', id, question }))).text,
    async close() {
      if (child.connected) child.disconnect()
      await exit
    },
  }
}

/** The words that lead from a host into the network namespace of a running container. */
export async function intoContainer(host: SandboxHost, container: string): Promise<string[]> {
  return ['nsenter', '-t', await host.docker('inspect', '-f', '{{.State.Pid}}', container), '-n', '--']
}
