import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

const FOLDERS = [...(process.env.PATH ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin']

/** Full path of a program, or undefined when this machine does not have it. Same as "command -v NAME". */
export function findProgram(name: string): string | undefined {
  return FOLDERS.map((folder) => join(folder, name)).find((path) => {
    try {
      accessSync(path, constants.X_OK)
      return true
    } catch (error) {
      if (error instanceof Error && 'code' in error && ['ENOENT', 'EACCES', 'ENOTDIR'].includes(`${error.code}`))
        return false
      throw error
    }
  })
}

/** Runs a program to its end with its output read; milliseconds of wall time. Throws when it fails. */
export function timeProgram(argv: readonly string[], input?: string): { milliseconds: number; output: string } {
  const [program = '', ...args] = argv
  const began = performance.now()
  const { status, error, stdout, stderr } = spawnSync(program, args, { input, maxBuffer: 1 << 30, encoding: 'utf8' })
  const milliseconds = performance.now() - began
  if (error) throw error
  if (status !== 0) throw new Error(`${argv.join(' ').slice(0, 200)} failed (${status}): ${stderr.slice(0, 500)}`)
  return { milliseconds, output: stdout }
}
