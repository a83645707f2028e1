import { readFileSync } from 'node:fs'
import { errnoOf } from '../observe/processes.ts'

/** When a process started, in ticks since the boot; a pid alone may be somebody else's by now. */
export function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ESRCH') return undefined
    throw error
  }
}

/** This process as the journal names it. */
export const ownRunner = (): string => `${process.pid} ${startOf(process.pid)}`

/** Whether that process is another one that still runs. */
export function isAlive(runner: string): boolean {
  const [pid = '', start] = runner.split(' ')
  return startOf(Number(pid)) === start && Number(pid) !== process.pid
}
