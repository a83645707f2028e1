import { existsSync, type FSWatcher, readFileSync, watch } from 'node:fs'
import { dirname } from 'node:path'
import { listSandboxes, sandboxesFolder, sandboxHostPidNamespaces, sandboxMarker } from '@hopscope/sandbox'
import type { Scheduler } from './observe/contract.ts'
import { errnoOf, namespaceOf, parentOf } from './observe/processes.ts'
import type { Foreign } from './observe/processScan.ts'

/** A host of a sandbox that is up, and the first process in it; another process means another host. */
export type SandboxHostRef = { sandbox: string; host: string; initPid: number }

export type SandboxWatch = {
  /** Tells the processes of sandboxes from the machine's own. */
  readonly foreign: Foreign
  /** Looks now. */
  look(): Promise<void>
  close(): void
}

/** Changes are announced by the folder; a sandbox whose processes were killed changes no file. */
const EVERY = 2_000

/** Keeps the list of sandbox hosts; `onChange` gets all that are up, whenever the list may have changed. */
export function watchSandboxes(
  scheduler: Scheduler,
  onChange: (hosts: readonly SandboxHostRef[], foreignChanged: boolean) => void,
): SandboxWatch {
  const watchers = new Map<string, FSWatcher>()
  let pidNamespaces = new Set<number>()
  let generation = 0
  let looking: Promise<void> | undefined
  let again = false
  let closed = false

  const look = (): Promise<void> => {
    again = looking !== undefined
    looking ??= lookOnce().finally(() => {
      looking = undefined
      if (again && !closed) void look()
    })
    return looking
  }

  async function lookOnce() {
    arm()
    const summaries = await listSandboxes()
    const namespaces = new Set((await sandboxHostPidNamespaces()).map((place) => place.pidNamespaceInode))
    if (closed) return
    const changed = namespaces.size !== pidNamespaces.size || [...namespaces].some((inode) => !pidNamespaces.has(inode))
    if (changed) {
      pidNamespaces = namespaces
      generation++
    }
    const up = summaries.flatMap(({ name, state, record }) =>
      state === 'up' ? (record?.hosts ?? []).map((h) => ({ sandbox: name, host: h.name, initPid: h.initPid })) : [],
    )
    onChange(up, changed)
  }

  /** The folder of sandboxes, each sandbox's own, and what is above them while they are not there. */
  function arm() {
    const folder = sandboxesFolder()
    for (const path of [folder, dirname(folder)]) {
      if (watchers.has(path) || !existsSync(path)) continue
      try {
        const watcher = watch(path, { persistent: false }, () => void look())
        watcher.on('error', () => {
          watcher.close()
          watchers.delete(path)
        })
        watchers.set(path, watcher)
      } catch (error) {
        if (errnoOf(error) !== 'ENOENT') throw error // nobody has made a sandbox yet
      }
    }
  }

  const stop = scheduler.every(EVERY, () => {
    // Where nobody has made a sandbox there is no folder.
    if (watchers.size > 0 || pidNamespaces.size > 0 || existsSync(sandboxesFolder())) void look()
  })
  return {
    foreign: {
      generation: () => generation,
      has: (pid) => belongsToSandbox(pid, pidNamespaces),
    },
    look,
    close() {
      closed = true
      stop()
      for (const watcher of watchers.values()) watcher.close()
    },
  }
}

/** An agent that runs inside of a sandbox host takes it for its machine: what has the mark of its first process is at home. */
const ownMark = markOf(1)

/** A process belongs to a sandbox when it, or an ancestor of it, lives in one of its process namespaces. */
function belongsToSandbox(pid: number, pidNamespaces: ReadonlySet<number>): boolean {
  for (let at: number | undefined = pid; at !== undefined && at > 1; at = parentOf(at)) {
    // A sandbox that is just being made, or kept elsewhere, is not in our list; its first processes carry a mark.
    const mark = markOf(at)
    if (mark !== undefined && mark !== ownMark) return true
    const inode = namespaceOf(at, 'pid')
    if (typeof inode === 'number' && pidNamespaces.has(inode)) return true
  }
  return false
}

/** Which sandbox a process says that it belongs to. */
function markOf(pid: number): string | undefined {
  try {
    const variables = readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0')
    return variables.find((variable) => variable.startsWith(`${sandboxMarker}=`))
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(errnoOf(error) ?? '')) return undefined
    throw error
  }
}
