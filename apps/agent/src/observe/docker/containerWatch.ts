import { type FSWatcher, watch } from 'node:fs'
import type { Container } from '@hopscope/model'
import type { Cancel, ObserverContext } from '../contract.ts'
import { errnoOf } from '../processes.ts'

type Options = {
  /** The engine's own folder of containers. */
  folder: string
  context: Pick<ObserverContext, 'scheduler' | 'busy'>
  onChange: (containerIds: ReadonlySet<string>) => void
}

export type ContainerWatch = {
  /** These are the containers now. */
  set(containers: readonly Container[]): void
  /** Tells now of what was written, in whatever moment. */
  flush(): void
  close(): void
}

/** A container's file is written several times within one change. */
const QUIET_FOR = 50
/** What the engine keeps of a container beside its log. */
const CONFIG = 'config.v2.json'
/** What the container itself may write to. */
const SHARED = ['hosts', 'resolv.conf']

/**
 * Tells of what the engine does without an event: it connects a stopped container to a network, or disconnects it; and of
 * what a running container writes to its own /etc/hosts and /etc/resolv.conf. Without access to the folder nothing is watched.
 */
export function watchContainers({ folder, context, onChange }: Options): ContainerWatch {
  const watched = new Map<string, { running: boolean; close: () => void }>()
  const changed = new Set<string>()
  let cancel: Cancel | undefined
  let settled: (() => void) | undefined

  const end = () => {
    cancel?.()
    settled?.()
    settled = undefined
  }
  const tell = () => {
    const ids = new Set(changed)
    changed.clear()
    onChange(ids)
    end()
  }
  const written = (id: string) => {
    changed.add(id)
    cancel?.()
    cancel = context.scheduler.after(QUIET_FOR, tell)
    if (settled) return
    const told = new Promise<void>((resolve) => {
      settled = resolve
    })
    void context.busy(() => told)
  }
  const open = (id: string, running: boolean): FSWatcher[] => {
    const own = `${folder}/${id}`
    // In a running container's folder its log grows all the time: there, only the files themselves are watched.
    if (running) return SHARED.flatMap((name) => watchPath(`${own}/${name}`, () => written(id)) ?? [])
    return [watchPath(own, (name) => (name === CONFIG ? written(id) : undefined))].flatMap((one) => one ?? [])
  }

  return {
    set(containers) {
      const ids = new Set(containers.map(({ containerId }) => containerId))
      for (const [id, { close }] of watched) {
        if (ids.has(id)) continue
        close()
        watched.delete(id)
      }
      for (const { containerId: id, pid } of containers) {
        const running = pid !== undefined
        if (watched.get(id)?.running === running) continue
        watched.get(id)?.close()
        const watchers = open(id, running)
        watched.set(id, { running, close: () => watchers.forEach((one) => void one.close()) })
      }
    },
    flush: () => (changed.size > 0 ? tell() : undefined),
    close() {
      end()
      for (const { close } of watched.values()) close()
      watched.clear()
    },
  }
}

function watchPath(path: string, onChange: (name: string | null) => void): FSWatcher | undefined {
  try {
    const watcher = watch(path, { persistent: false }, (_kind, name) => onChange(name))
    watcher.on('error', () => watcher.close())
    return watcher
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES', 'ENOSPC', 'EMFILE'].includes(errnoOf(error) ?? '')) return undefined
    throw error
  }
}
