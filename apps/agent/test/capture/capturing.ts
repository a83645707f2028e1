import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type HostSnapshot, hostSnapshotSchema, waySchema } from '@hopscope/model'
import type { Query } from '@hopscope/path'
import type { SandboxHost } from '@hopscope/sandbox'
import type { Story, TraceSummary } from '@hopscope/trace'
import { z } from 'zod'
import type { Proof, Unprovable } from '../../src/capture/proof.ts'
import { bundled } from '../bundled.ts'

export const toCaptureSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('trace'),
    filter: z.string(),
    limit: z.record(z.string(), z.number()),
    snapshot: z.unknown().optional(),
    receiveBuffer: z.number().optional(),
  }),
  z.strictObject({ kind: z.literal('prove'), query: z.unknown() }),
  z.strictObject({ kind: z.literal('stop') }),
  z.strictObject({ kind: z.literal('snapshot') }),
])
export type ToCapture = z.infer<typeof toCaptureSchema>

const storySchema = z.looseObject({ at: z.number(), way: waySchema, partial: z.boolean() })
const fromCaptureSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('up'), pid: z.number() }),
  z.strictObject({ kind: z.literal('armed'), namespaces: z.number() }),
  z.strictObject({ kind: z.literal('story'), story: storySchema, starts: z.number() }),
  z.strictObject({ kind: z.literal('summary'), summary: z.looseObject({}) }),
  z.strictObject({ kind: z.literal('snapshot'), snapshot: hostSnapshotSchema }),
  z.strictObject({ kind: z.literal('proof'), proof: z.looseObject({}) }),
])
type FromCapture = z.infer<typeof fromCaptureSchema>

/** `starts`: times that tracing began with one of the packets told of, as the rule's counter counts them. */
export type Traced = { stories: Story[]; starts: number; summary: TraceSummary }
export type Capturing = {
  /** Sends a signal to it; SIGKILL resolves when it has ended. */
  signal(name: 'KILL' | 'STOP' | 'CONT'): Promise<void>
  snapshot(): Promise<HostSnapshot>
  /** Traces while `act` runs; stopped when it is over and `enough` holds, or when the limits are reached. */
  trace(what: Tracing, act: () => unknown): Promise<Traced>
  /** Ends what `arm` began. */
  stop(): Promise<void>
  /** Sends a packet and lays its way over the predicted one. */
  prove(query: Query): Promise<Proof | Unprovable>
  /** Starts tracing and resolves when it is armed. */
  arm(what: Tracing): Promise<void>
  close(): Promise<void>
}
export type Tracing = {
  filter: string
  limit: Record<string, number>
  snapshot?: HostSnapshot
  /** Bytes of the kernel's messages that may wait for it. */
  receiveBuffer?: number
  enough?: (stories: readonly Story[]) => boolean
}

/** A process that traces inside of a sandbox host. */
export async function openCapturing(host: SandboxHost): Promise<Capturing> {
  const argv = [process.execPath, await bundled(join(import.meta.dirname, 'captureChild.ts'))]
  const child = host.spawn(argv, {
    cwd: process.cwd(),
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, HOPSCOPE_CHANGES: process.env.HOPSCOPE_CHANGES ?? join(tmpdir(), 't-changes') },
  })
  const heard: FromCapture[] = []
  let wake = () => {}
  child.on('message', (raw) => {
    heard.push(fromCaptureSchema.parse(raw))
    wake()
  })
  child.once('exit', () => wake())
  const until = async <T>(find: () => T | undefined): Promise<T> => {
    for (;;) {
      const found = find()
      if (found !== undefined) return found
      if (child.exitCode !== null || child.signalCode !== null) throw new Error('the tracing process has ended')
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  }
  const first = <K extends FromCapture['kind']>(kind: K) =>
    until(() => heard.find((one): one is Extract<FromCapture, { kind: K }> => one.kind === kind))
  // As they were sent, by the program whose types these are: so is all that is not parsed further.
  const stories = () => heard.flatMap((one) => (one.kind === 'story' ? [one.story as unknown as Story] : []))
  const arm = async ({ filter, limit, snapshot, receiveBuffer }: Tracing) => {
    heard.length = 0
    child.send({ kind: 'trace', filter, limit, snapshot, receiveBuffer })
    await first('armed')
  }
  const { pid } = await first('up')
  const ended = once(child, 'exit')
  return {
    async signal(name) {
      await host.run(['busybox', 'kill', `-${name}`, String(pid)])
      // What entered the sandbox for it stops with it, and has to go on as well.
      if (name === 'CONT') child.kill('SIGCONT')
      if (name === 'KILL') await ended
    },
    async snapshot() {
      heard.length = 0
      child.send({ kind: 'snapshot' })
      return (await first('snapshot')).snapshot
    },
    arm,
    async prove(query) {
      heard.length = 0
      child.send({ kind: 'prove', query })
      return (await first('proof')).proof as unknown as Proof | Unprovable // see above
    },
    async stop() {
      child.send({ kind: 'stop' })
      await first('summary')
    },
    async trace(what, act) {
      await arm(what)
      await act()
      const over = () => heard.some(({ kind }) => kind === 'summary')
      await until(() => (over() || what.enough?.(stories()) ? true : undefined))
      if (!over()) child.send({ kind: 'stop' })
      const { summary } = await first('summary')
      const starts = heard.reduce((sum, one) => sum + (one.kind === 'story' ? one.starts : 0), 0)
      return { stories: stories(), starts, summary: summary as unknown as TraceSummary } // see above
    },
    async close() {
      if (child.connected) child.disconnect()
      await ended
    },
  }
}
