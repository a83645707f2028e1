import { watch } from 'node:fs'
import type { Cancel, ObserverContext } from '../contract.ts'
import { errnoOf } from '../processes.ts'

/** A network's file is written several times within one change. */
const quietFor = 50

type Options = { folder: string; context: Pick<ObserverContext, 'scheduler' | 'busy'>; onChange: () => void }

/**
 * Calls back after the engine wrote its file of networks; returns what ends it. Leaving a swarm, and the networks that
 * the engine makes for a swarm by itself, have no event: this file is the only thing that moves. Without access to the
 * folder (an engine elsewhere) nothing is watched.
 */
export function watchNetworkFiles({ folder, context, onChange }: Options): () => void {
  let cancel: Cancel | undefined
  let settled: (() => void) | undefined
  const end = () => {
    cancel?.()
    settled?.()
    settled = undefined
  }
  const written = () => {
    cancel?.()
    cancel = context.scheduler.after(quietFor, () => {
      onChange()
      end()
    })
    if (settled) return
    void context.busy(
      () =>
        new Promise<void>((resolve) => {
          settled = resolve
        }),
    )
  }
  try {
    const watcher = watch(`${folder}/network/files`, { persistent: false }, written)
    watcher.on('error', () => watcher.close())
    return () => {
      end()
      watcher.close()
    }
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES', 'ENOSPC', 'EMFILE'].includes(errnoOf(error) ?? '')) return () => undefined
    throw error
  }
}
