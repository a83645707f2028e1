import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { errnoOf, SandboxError } from './errors.ts'

/** The init process of a namespace set; the start time tells it from a later process with the same number. */
const initShape = {
  initPid: z.int().positive(),
  initStartTime: z.string(),
  pidNamespaceInode: z.int().positive(),
  netNamespaceInode: z.int().positive(),
}

const nicSchema = z.object({ nic: z.string(), address: z.string() })

export const placeRecordSchema = z.object(initShape)
export const hostRecordSchema = z.object({
  name: z.string(),
  ...initShape,
  ...nicSchema.shape,
  /** Reaches the engine from outside of the sandbox; null when the host has no Docker. */
  dockerSocket: z.string().nullable(),
  /** What its daemon.json holds besides our own settings; null when no engine was started. */
  dockerOptions: z.record(z.string(), z.json()).nullable(),
})

/** Everything that is needed to find, enter and remove a sandbox again. */
export const sandboxRecordSchema = z.object({
  version: z.literal(1),
  name: z.string(),
  createdAt: z.iso.datetime(),
  state: z.enum(['making', 'up']),
  /** Who makes it; when it ended and the state is still "making", the sandbox is abandoned. */
  maker: z.object({ pid: z.int().positive(), startTime: z.string() }),
  rootless: z.boolean(),
  dockerUnavailable: z.string().nullable(),
  dataFolder: z.string(),
  prefixLength: z.int(),
  hosts: z.array(hostRecordSchema),
  fabric: placeRecordSchema.extend({ gateway: z.string() }).nullable(),
  outside: placeRecordSchema.extend({ address: z.string() }).nullable(),
})

export type PlaceRecord = z.infer<typeof placeRecordSchema>
export type HostRecord = z.infer<typeof hostRecordSchema>
export type SandboxRecord = z.infer<typeof sandboxRecordSchema>

const fileName = 'sandbox.json'

/** Replaces sandbox.json in one step: a reader, or a crash, sees the old or the new text, never a part. */
export function writeRecord(stateFolder: string, record: SandboxRecord): void {
  const target = join(stateFolder, fileName)
  const draft = `${target}.${process.pid}`
  writeFileSync(draft, `${JSON.stringify(sandboxRecordSchema.parse(record), null, 2)}\n`, { mode: 0o644 })
  renameSync(draft, target)
}

/** The record of a sandbox; undefined when there is none (also when its maker died before writing it). Throws UNREADABLE. */
export function readRecord(stateFolder: string): SandboxRecord | undefined {
  const path = join(stateFolder, fileName)
  try {
    return sandboxRecordSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch (cause) {
    if (errnoOf(cause) === 'ENOENT') return undefined
    throw new SandboxError('UNREADABLE', { doing: 'read', subject: path, because: String(cause), cause })
  }
}
