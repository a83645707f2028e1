import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Publication } from '@hopscope/command'
import { z } from 'zod'
import { errnoOf } from '../observe/processes.ts'
import { removeDurably, writeDurably } from './durable.ts'

export const publicationSchema: z.ZodType<Publication> = z.strictObject({
  container: z.string(),
  containerId: z.string().regex(/^[0-9a-f]+$/),
  hostIp: z.string(),
  protocol: z.string(),
  from: z.number(),
  to: z.number(),
  count: z.number(),
})

/** The ports that a host publishes by rules of Hopscope's, a file each. They outlive the agent, and the host's reboot. */
export type KeptPorts = {
  all(): Publication[]
  /** Returns when it is on the disk. */
  keep(one: Publication): void
  forget(one: Publication): void
}

export function openKeptPorts(folder: string): KeptPorts {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const pathOf = ({ containerId, hostIp, protocol, from }: Publication) =>
    join(folder, `${containerId.slice(0, 12)}-${hostIp.replaceAll(':', '_') || 'any'}-${from}-${protocol}.json`)
  return {
    all: () =>
      readdirSync(folder)
        .filter((name) => name.endsWith('.json'))
        .sort()
        .flatMap((name) => read(join(folder, name)) ?? []),
    keep: (one) => writeDurably(pathOf(one), JSON.stringify(one)),
    forget: (one) => removeDurably(pathOf(one)),
  }
}

/** Undefined when another process has just removed it. */
function read(path: string): Publication | undefined {
  try {
    return publicationSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw new Error(`The published port ${path} cannot be read. Move the file away to go on.`, { cause: error })
  }
}
