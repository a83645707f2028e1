import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { errnoOf, SandboxError } from './errors.ts'
import { isRoot } from './folders.ts'

/** Makes the state folder, which exactly one of several makers can do. Throws SANDBOX_EXISTS, FOLDER_NOT_OURS. */
export function claimFolder(name: string, stateFolder: string): void {
  const parent = dirname(stateFolder)
  mkdirSync(parent, { recursive: true, mode: isRoot() ? 0o755 : 0o700 })
  // Below /tmp anybody could have made the folder first, to read or change what we put there.
  if (!isRoot() && statSync(parent).uid !== process.getuid?.()) {
    throw new SandboxError('FOLDER_NOT_OURS', {
      doing: 'use',
      subject: parent,
      because: 'it belongs to another user; set HOPSCOPE_RUN_DIR',
    })
  }
  try {
    mkdirSync(stateFolder, { mode: 0o755 })
  } catch (cause) {
    if (errnoOf(cause) !== 'EEXIST') throw cause
    const because = 'there is one of this name (perhaps half-made); remove it first'
    throw new SandboxError('SANDBOX_EXISTS', { doing: 'make sandbox', subject: name, because, cause })
  }
}
