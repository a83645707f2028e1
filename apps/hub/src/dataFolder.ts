import { accessSync, constants, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { StartError } from './startError.ts'

/** Makes the data folder, for this user only, unless it is there. Throws StartError DATA_FOLDER when it cannot be written. */
export function prepareFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    accessSync(folder, constants.W_OK | constants.X_OK)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    const next = 'Make it writable for this user, or set HOPSCOPE_DATA to another folder.'
    throw new StartError('DATA_FOLDER', `The data folder ${folder} cannot be written (${why}). ${next}`, { cause })
  }
}

/** Writes hub.json, by which agents and the command line find the hub that runs on this data folder. Throws StartError DATA_FOLDER. */
export function announce(dataDir: string, hub: { url: string; version: string }): { remove(): void } {
  const file = join(dataDir, 'hub.json')
  try {
    writeFileSync(file, `${JSON.stringify({ pid: process.pid, ...hub })}\n`, { mode: 0o600 })
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    const next = 'Make room in its folder, or remove it.'
    throw new StartError('DATA_FOLDER', `The file ${file} cannot be written (${why}). ${next}`, { cause })
  }
  return { remove: () => rmSync(file, { force: true }) }
}
