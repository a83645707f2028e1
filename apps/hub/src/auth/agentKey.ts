import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { StartError } from '../startError.ts'
import { newToken } from './tokens.ts'

/** The key of this installation's agents, from `agent.key` in the data folder; made on the first start, readable by its owner only. */
export function readAgentKey(dataDir: string): string {
  const file = join(dataDir, 'agent.key')
  try {
    writeFileSync(file, `${newToken()}\n`, { flag: 'wx', mode: 0o600 })
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'EEXIST')) throw unusable(file, cause)
  }
  try {
    if (statSync(file).mode & 0o077) chmodSync(file, 0o600)
    const key = readFileSync(file, 'utf8').trim()
    if (key.length < 43) throw new Error('it is shorter than 43 characters')
    return key
  } catch (cause) {
    throw unusable(file, cause)
  }
}

function unusable(file: string, cause: unknown): StartError {
  const why = cause instanceof Error ? cause.message : String(cause)
  const next = 'Make it readable for the user that runs the hub, or remove it to get a new one.'
  return new StartError('DATA_FOLDER', `The agents' key ${file} cannot be used (${why}). ${next}`, { cause })
}
