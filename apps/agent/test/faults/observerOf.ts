import { readFileSync } from 'node:fs'
import { allProcesses, errnoOf, namespaceOf } from '../../src/observe/processes.ts'

/** The observer that runs inside the sandbox host with this first process, if one does. Same as "pgrep -f 'observe --inside'". */
export function observerOf(initPid: number): number | undefined {
  const net = namespaceOf(initPid, 'net')
  return allProcesses().find((pid) => {
    const argv = argvOf(pid)
    // What enters the sandbox for it has the same arguments behind its own.
    return argv[0] === process.execPath && argv.includes('--inside') && namespaceOf(pid, 'net') === net
  })
}

function argvOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes(errnoOf(error) ?? '')) return [] // it ended just now
    throw error
  }
}
