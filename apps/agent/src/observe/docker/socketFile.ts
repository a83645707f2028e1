import { accessSync, constants, type FSWatcher, statSync, watch } from 'node:fs'
import { basename, dirname } from 'node:path'
import type { SourceState } from '../contract.ts'
import { errnoOf } from '../processes.ts'
import { EngineGone } from './pipeline.ts'

export type Unavailable = Extract<SourceState, { state: 'unavailable' }>

/** Why the engine cannot be reached, from the error of an attempt, in words that name the socket. */
export function whyUnreachable(root: string, socket: string, error: unknown): Unavailable {
  const errno = errnoOf(error)
  const state = 'unavailable'
  if (errno === 'EACCES' || errno === 'EPERM') {
    const detail = `${socket} refuses us (${errno}).`
    return { state, reason: 'NO_PERMISSION', detail }
  }
  if (errno === 'ENOENT' || errno === 'ENOTDIR') {
    if (isInstalled(root))
      return { state, reason: 'NOT_RUNNING', detail: `${socket} is missing: dockerd is installed, but does not run.` }
    return { state, reason: 'NOT_INSTALLED', detail: `${socket} is missing, and no dockerd is installed.` }
  }
  if (errno === 'ECONNREFUSED') {
    return { state, reason: 'NOT_RUNNING', detail: `Nobody listens at ${socket}: dockerd does not run.` }
  }
  if (error instanceof EngineGone || errno === 'ECONNRESET' || errno === 'EPIPE') {
    return { state, reason: 'NOT_RUNNING', detail: `dockerd hung up at ${socket}; what it told before is shown.` }
  }
  const because = error instanceof Error ? error.message : String(error)
  return { state, reason: 'FAILED', detail: `${socket}: ${because}` }
}

/** What is said of an engine that is there and does not answer. */
export function silentEngine(socket: string, milliseconds: number, error?: unknown): Unavailable {
  const because = error instanceof Error ? ` (${error.message})` : ''
  const since = `dockerd has not answered at ${socket} for ${Math.round(milliseconds / 1000)} s${because}`
  return { state: 'unavailable', reason: 'FAILED', detail: `${since}; what it told before is shown.` }
}

/** Tells a socket file from its successor of the same name; undefined while there is none. */
export function socketIdentity(path: string): string | undefined {
  try {
    const { dev, ino, ctimeMs } = statSync(path)
    return `${dev}:${ino}:${ctimeMs}`
  } catch (error) {
    if (['ENOENT', 'EACCES', 'ENOTDIR'].includes(errnoOf(error) ?? '')) return undefined
    throw error
  }
}

/** Calls back when the socket file, or the pid file beside it, comes or goes. Undefined when its folder cannot be watched. */
export function watchSocket(path: string, onChange: () => void): FSWatcher | undefined {
  const names = [basename(path), 'docker.pid']
  try {
    const watcher = watch(dirname(path), { persistent: false }, (_kind, name) => {
      if (name === null || names.includes(name)) onChange()
    })
    // The folder itself was removed; what is tried again later opens a new watch.
    watcher.on('error', () => watcher.close())
    return watcher
  } catch (error) {
    if (['ENOENT', 'EACCES', 'ENOSPC', 'EMFILE', 'ENOTDIR'].includes(errnoOf(error) ?? '')) return undefined
    throw error
  }
}

const programFolders = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin', '/snap/bin']

function isInstalled(root: string): boolean {
  return programFolders.some((folder) => {
    try {
      accessSync(`${root}${folder}/dockerd`, constants.X_OK)
      return true
    } catch (error) {
      if (errnoOf(error) !== undefined) return false
      throw error
    }
  })
}
