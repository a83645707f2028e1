import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { removeCgroups, thawCgroups } from './cgroups.ts'
import { errnoOf, SandboxError } from './errors.ts'
import { foldersOf } from './folders.ts'
import { isAlive, kill, markedProcesses, type ProcessRef } from './processes.ts'
import { waitUntil } from './waitUntil.ts'

/** Removes a sandbox: processes, namespaces, mounts, cgroups, files. Throws NOT_FOUND, or NOT_REMOVED with what stayed. */
export async function downSandbox(name: string, options: { onProgress?: (text: string) => void } = {}): Promise<void> {
  if (await sweepSandbox(name, options)) return
  throw new SandboxError('NOT_FOUND', { doing: 'remove', subject: name, because: 'there is no sandbox of this name' })
}

/**
 * Removes whatever exists of a sandbox, also of one whose maker was killed halfway, and reads no record for it: the
 * processes carry the sandbox's marker and all else has a place that follows from the name. True if there was anything.
 */
export async function sweepSandbox(name: string, { onProgress }: { onProgress?: (text: string) => void } = {}) {
  const { state, data, cgroup } = foldersOf(name)
  thawCgroups(cgroup)
  const ended = await endProcesses(name, state)
  if (ended > 0) onProgress?.(`ended ${ended} processes of ${name} and everything inside`)
  const existed = existsSync(state) || existsSync(data)
  await removeLeftovers(name)
  // Last, so that a sweep that was itself cut short finds the sandbox again.
  await removeFolder(name, state)
  if (existed) onProgress?.(`removed the files of ${name}`)
  return existed || ended > 0
}

/** Removes what outlasts the processes of a sandbox: cgroups and the data of its engines. */
export async function removeLeftovers(name: string): Promise<void> {
  const { data, cgroup } = foldersOf(name)
  const cgroups = await removeCgroups(cgroup)
  if (cgroups.length > 0) throw notRemoved(name, `cgroups ${cgroups.join(', ')}`)
  await removeFolder(name, data)
}

/** Kills until no process with the marker is found: one may have been about to start while we looked. */
async function endProcesses(name: string, stateFolder: string): Promise<number> {
  let ended = 0
  for (let round = 0; round < 20; round++) {
    const found = markedProcesses(stateFolder)
    if (found.length === 0) return ended
    ended += found.length
    // Inits come first. An init is gone only when all in its namespace is, mounts and links included.
    for (const ref of found) kill(ref)
    const left = await waitUntil(() => (found.some(isAlive) ? undefined : true), 15_000)
    if (!left) throw notRemoved(name, `processes ${pids(found.filter(isAlive))}`)
  }
  throw notRemoved(name, 'new processes keep starting; its maker is still at work')
}

/** Overlay mounts vanish with the mount namespace a moment after its last process, and until then hold their folders. */
async function removeFolder(name: string, folder: string): Promise<void> {
  let last: unknown
  const gone = await waitUntil(async () => {
    try {
      await rm(folder, { recursive: true, force: true })
      return true
    } catch (error) {
      if (!['EBUSY', 'ENOTEMPTY', 'EPERM'].includes(errnoOf(error) ?? '')) throw error
      last = error
      return undefined
    }
  }, 10_000)
  if (!gone) throw notRemoved(name, `folder ${folder}`, last)
}

function pids(refs: ProcessRef[]): string {
  return refs.map((ref) => ref.pid).join(', ')
}

function notRemoved(name: string, what: string, cause?: unknown): SandboxError {
  return new SandboxError('NOT_REMOVED', { doing: 'remove', subject: name, because: `still there: ${what}`, cause })
}
