import { closeSync, fsyncSync, linkSync, openSync, renameSync, unlinkSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { errnoOf } from '../observe/processes.ts'

/** Writes a file; it is whole, and on the disk, when this returns. */
export function writeDurably(path: string, text: string): void {
  writeThrough(`${path}.new`, text)
  renameSync(`${path}.new`, path)
  syncFolder(dirname(path))
}

/** The same unless the file is there: of several processes that write it at once, one does. Whether it was this one. */
export function writeOnce(path: string, text: string): boolean {
  const own = `${path}.${process.pid}`
  writeThrough(own, text)
  try {
    linkSync(own, path)
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error
    return false
  } finally {
    unlinkSync(own)
  }
  syncFolder(dirname(path))
  return true
}

/** Removes a file for good; one that is not there is none. */
export function removeDurably(path: string): void {
  try {
    unlinkSync(path)
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error
  }
  syncFolder(dirname(path))
}

function writeThrough(path: string, text: string): void {
  const fd = openSync(path, 'w', 0o600)
  try {
    writeSync(fd, text)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

/** A new name is safe only when its folder is. */
function syncFolder(folder: string): void {
  const fd = openSync(folder, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
