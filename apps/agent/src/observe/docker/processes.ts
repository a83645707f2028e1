import { readdirSync, readFileSync } from 'node:fs'
import { errnoOf } from '../processes.ts'

export type Process = { pid: number; argv: string[] }

/** Processes whose program has this name, by pid; those that end meanwhile are left out. Same as `pgrep -a NAME`. */
export function processesNamed(root: string, program: string): Process[] {
  const found: Process[] = []
  for (const entry of readdirSync(`${root}/proc`)) {
    const pid = Number(entry)
    if (!Number.isInteger(pid)) continue
    const argv = argvOf(root, pid)
    if (argv?.[0] === program || argv?.[0]?.endsWith(`/${program}`)) found.push({ pid, argv })
  }
  return found
}

function argvOf(root: string, pid: number): string[] | undefined {
  try {
    const text = readFileSync(`${root}/proc/${pid}/cmdline`, 'utf8')
    return text.split('\0').slice(0, -1)
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes(errnoOf(error) ?? '')) return undefined
    throw error
  }
}
