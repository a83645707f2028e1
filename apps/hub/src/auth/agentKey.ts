import { chmodSync, closeSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { StartError } from '../startError.ts'
import { newToken } from './tokens.ts'

/** The key of this installation's agents, from `agent.key` in the data folder. */
export const readAgentKey = (dataDir: string): string => readSecret(join(dataDir, 'agent.key'), "The agents' key")

/** What lets a scraper read the figures, from `metrics.token` in the data folder. */
export const readMetricsToken = (dataDir: string): string =>
  readSecret(join(dataDir, 'metrics.token'), 'The token for metrics')

/** The secret of a file; made on the first start, readable by its owner only. Throws StartError DATA_FOLDER. */
function readSecret(file: string, what: string): string {
  try {
    makeSecret(file)
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'EEXIST')) throw unusable(file, what, cause)
  }
  try {
    if (statSync(file).mode & 0o077) chmodSync(file, 0o600)
    const key = readFileSync(file, 'utf8').trim()
    if (key.length < 43) throw new Error('it is shorter than 43 characters')
    return key
  } catch (cause) {
    throw unusable(file, what, cause)
  }
}

function makeSecret(file: string): void {
  const fd = openSync(file, 'wx', 0o600)
  try {
    writeFileSync(fd, `${newToken()}\n`)
  } catch (error) {
    // Half a secret would be found by the next start, and refused.
    rmSync(file)
    throw error
  } finally {
    closeSync(fd)
  }
}

function unusable(file: string, what: string, cause: unknown): StartError {
  const why = cause instanceof Error ? cause.message : String(cause)
  const full = cause instanceof Error && 'code' in cause && ['ENOSPC', 'EDQUOT', 'EFBIG'].includes(String(cause.code))
  const next = full
    ? 'Make room on its file system, then start again.'
    : 'Make it readable for the user that runs the hub, or remove it to get a new one.'
  return new StartError('DATA_FOLDER', `${what} ${file} cannot be used (${why}). ${next}`, { cause })
}
