import { mkdirSync, readdirSync, readFileSync, watch } from 'node:fs'
import { join } from 'node:path'
import type { Reason } from '@hopscope/command'
import { type Change, changeSchema } from '@hopscope/protocol'
import { z } from 'zod'
import { errnoOf } from '../observe/processes.ts'
import { writeDurably, writeOnce } from './durable.ts'
import { publicationSchema } from './keptPorts.ts'
import { whileLocked } from './lock.ts'

const actSchema = z.union([
  z.strictObject({
    place: z.string(),
    owner: z.union([z.strictObject({ name: z.string() }), z.strictObject({ container: z.string() })]).optional(),
    argv: z.array(z.string()),
    mayBeGone: z.literal(true).optional(),
    ifEmpty: z.array(z.string()).optional(),
  }),
  z.strictObject({ keep: publicationSchema }),
  z.strictObject({ forget: publicationSchema }),
  z.strictObject({ withdraw: publicationSchema }),
])
const entrySchema = z.strictObject({
  change: changeSchema,
  /** What undoes each step, in the order of the steps. */
  undo: z.array(z.array(actSchema)),
  /** The process that runs it: pid and start time, so that a crash is told from somebody at work. */
  runner: z.string(),
  /** When it is undone by itself, in milliseconds since the boot: the time of day may be set meanwhile. */
  revertAt: z.number().optional(),
})
/** A change and how to undo it. */
export type Entry = z.infer<typeof entrySchema>

export type Journal = {
  /** Returns when it is on the disk. */
  write(entry: Entry): void
  read(id: string): Entry | undefined
  /** Whether an unconfirmed change stays. The first word counts, of whatever process; false when this is not it. */
  decide(id: string, decision: Decision): boolean
  decided(id: string): Decision | undefined
  /**
   * Does work that writes it while no other process does, of this host's agent or a shell; after so many milliseconds gives
   * who is at work instead.
   */
  alone<T>(patience: number, work: () => Promise<T>): Promise<{ came: T } | { held: Reason }>
  /** The latest changes, newest first. */
  all(): Entry[]
  /** Calls back with each change that is written from now on, by this process or by another one. Returns what ends it. */
  watch(told: (change: Change) => void): () => void
}

export type Decision = 'keep' | 'revert'
const READ_AT_MOST = 500

/** What was changed on one host, a file each. Every write is on the disk before it returns, or the act must not begin. */
export function openJournal(folder: string): Journal {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const pathOf = (id: string) => join(folder, `${id}.json`)
  const decisionOf = (id: string) => join(folder, `${id}.decided`)
  return {
    write: (entry) => writeDurably(pathOf(entry.change.id), JSON.stringify(entry)),
    read: (id) => (/^[\w-]+$/.test(id) ? readEntry(pathOf(id)) : undefined),
    decide: (id, decision) => writeOnce(decisionOf(id), decision),
    decided: (id) => readDecision(decisionOf(id)),
    async alone(patience, work) {
      const done = await whileLocked(join(folder, 'lock'), patience, work)
      return 'held' in done ? { held: { code: 'HOST_HELD', params: done.held } } : done
    },
    all() {
      const names = readdirSync(folder).filter((name) => name.endsWith('.json'))
      const entries = names.sort().reverse().slice(0, READ_AT_MOST)
      return entries.flatMap((name) => readEntry(join(folder, name)) ?? [])
    },
    watch(told) {
      const written = (name: string | null) => {
        const entry = name?.endsWith('.json') ? readEntry(join(folder, name)) : undefined
        if (entry !== undefined) told(entry.change)
      }
      const failed = (error: unknown) =>
        process.emitWarning(`changes are seen only when the history is read: the journal ${folder}: ${error}`)
      try {
        const watcher = watch(folder, { persistent: false }, (_, name) => attempt(() => written(name), failed))
        watcher.on('error', failed)
        return () => watcher.close()
      } catch (error) {
        // All of the kernel's watches may be taken.
        failed(error)
        return () => undefined
      }
    },
  }
}

function attempt(act: () => void, failed: (error: unknown) => void): void {
  try {
    act()
  } catch (error) {
    failed(error)
  }
}

function readDecision(path: string): Decision | undefined {
  try {
    return z.enum(['keep', 'revert']).parse(readFileSync(path, 'utf8'))
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  }
}

function readEntry(path: string): Entry | undefined {
  try {
    return entrySchema.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw new Error(
      `The journal ${path} cannot be read. Move it away to go on; what it undoes must then be done by hand.`,
      {
        cause: error,
      },
    )
  }
}
