import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs'
import { basename } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import koffi from 'koffi'

/** Who changes a host now. */
export type Holder = { pid: string; program: string }

/**
 * Does work while no other process holds this file, after so many milliseconds of waiting at most; otherwise gives who holds
 * it. The kernel lets go of what a process held when it ends, in whatever way. Same as "flock FILE PROGRAM".
 */
export async function whileLocked<T>(
  path: string,
  patience: number,
  work: () => Promise<T>,
): Promise<{ came: T } | { held: Holder }> {
  const fd = openSync(path, 'a+', 0o600)
  try {
    for (const began = performance.now(); !isTaken(fd); ) {
      if (performance.now() - began >= patience) return { held: readHolder(path) }
      await wait(LOOK_EVERY)
    }
    ftruncateSync(fd)
    writeSync(
      fd,
      `${process.pid} ${process.argv
        .slice(1, 3)
        .map((word) => basename(word))
        .join(' ')}`,
    )
    return { came: await work() }
  } finally {
    // This lets go of it as well.
    closeSync(fd)
  }
}

const LOOK_EVERY = 20

const flock = koffi.load(null).func('int flock(int fd, int operation)')
/** LOCK_EX | LOCK_NB. */
const ALONE_OR_NOT = 2 | 4
const EWOULDBLOCK = 11

/** Takes a file for this process alone, unless another one has it. Same as "flock -n FILE". */
export function isTaken(fd: number): boolean {
  if (flock(fd, ALONE_OR_NOT) === 0) return true
  const errno = koffi.errno()
  if (errno === EWOULDBLOCK) return false
  throw new Error(`flock failed with errno ${errno}`)
}

function readHolder(path: string): Holder {
  const [pid = '?', ...program] = readFileSync(path, 'utf8').split(' ')
  return { pid, program: program.join(' ') }
}
