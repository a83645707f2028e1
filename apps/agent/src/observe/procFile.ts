import { closeSync, openSync, readSync } from 'node:fs'
import { errnoOf } from './processes.ts'

const buffer = Buffer.alloc(64 * 1024)

/** Text of a small file of the kernel's, up to 64 KiB; undefined when it is not there. Same as "cat PATH". */
export function readProcFile(path: string): string | undefined {
  let fd: number
  try {
    fd = openSync(path, 'r')
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  }
  try {
    return buffer.toString('latin1', 0, readSync(fd, buffer, 0, buffer.length, 0))
  } finally {
    closeSync(fd)
  }
}
