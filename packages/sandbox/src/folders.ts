import { createHash } from 'node:crypto'
import { join, resolve } from 'node:path'
import { SandboxError } from './errors.ts'

/** The folders of one sandbox: small state that must not outlive a boot, and the large files of its Docker engines. */
export type SandboxFolders = { state: string; data: string; cgroup: string }

const namePattern = /^[a-z][a-z0-9-]{0,30}$/

/** Throws BAD_NAME unless the name can serve as a folder, a host name and a cgroup. */
export function checkName(name: string): void {
  if (namePattern.test(name)) return
  const because = 'use a lower-case letter, then at most 30 of a-z, 0-9 and "-"'
  throw new SandboxError('BAD_NAME', { doing: 'name a sandbox', subject: JSON.stringify(name), because })
}

/** The folder that holds one folder per sandbox; HOPSCOPE_RUN_DIR moves it. */
export function sandboxesFolder(): string {
  return join(runFolder(), 'sandboxes')
}

/** Where a sandbox of this name keeps its things, whether it exists or not. */
export function foldersOf(name: string): SandboxFolders {
  checkName(name)
  const state = join(sandboxesFolder(), name)
  // Two run folders may hold sandboxes of one name: what is outside of the run folder must not collide.
  const moved = process.env.HOPSCOPE_RUN_DIR !== undefined
  const id = moved ? `${name}-${createHash('sha256').update(state).digest('hex').slice(0, 8)}` : name
  return { state, data: join(dataFolder(), 'sandboxes', id), cgroup: `hopscope-${id}` }
}

function runFolder(): string {
  if (process.env.HOPSCOPE_RUN_DIR !== undefined) return resolve(process.env.HOPSCOPE_RUN_DIR)
  if (isRoot()) return '/run/hopscope'
  const { XDG_RUNTIME_DIR } = process.env
  return XDG_RUNTIME_DIR ? join(XDG_RUNTIME_DIR, 'hopscope') : `/tmp/hopscope-${process.getuid?.() ?? 'user'}`
}

function dataFolder(): string {
  if (process.env.HOPSCOPE_DATA_DIR !== undefined) return resolve(process.env.HOPSCOPE_DATA_DIR)
  return isRoot() ? '/var/lib/hopscope' : join(runFolder(), 'data')
}

/** Whether this process may make namespaces, mounts and a Docker engine without a user namespace. */
export function isRoot(): boolean {
  return process.getuid?.() === 0
}
