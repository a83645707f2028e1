import { watch } from 'node:fs'
import type { Cancel, Scheduler } from '../contract.ts'
import { errnoOf } from '../processes.ts'

/** A network's file is written several times within one change. */
const quietFor = 150

type Options = { folder: string; scheduler: Scheduler; onChange: () => void }

/**
 * Calls back after the engine wrote its file of networks; returns what ends it. Leaving a swarm, and the networks that
 * the engine makes for a swarm by itself, have no event: this file is the only thing that moves. Without access to the
 * folder (an engine elsewhere) nothing is watched.
 */
export function watchNetworkFiles({ folder, scheduler, onChange }: Options): () => void {
  let cancel: Cancel | undefined
  try {
    const watcher = watch(`${folder}/network/files`, { persistent: false }, () => {
      cancel?.()
      cancel = scheduler.after(quietFor, onChange)
    })
    watcher.on('error', () => watcher.close())
    return () => {
      cancel?.()
      watcher.close()
    }
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES', 'ENOSPC', 'EMFILE'].includes(errnoOf(error) ?? '')) return () => undefined
    throw error
  }
}
