import { readdirSync, readFileSync, statSync } from 'node:fs'
import { errnoOf } from './errors.ts'

/**
 * The variable that every long-lived process of a sandbox carries in its environment, with the sandbox's state folder
 * as value. It is there from the first instant of the process, before anybody could write its number to a file: what a
 * killed maker left behind is found by it.
 */
export const marker = 'HOPSCOPE_SANDBOX'

export type ProcessRef = { pid: number; startTime: string }

/** Processes that carry the marker of this state folder, those that are the init of a pid namespace first. */
export function markedProcesses(stateFolder: string): ProcessRef[] {
  const wanted = `${marker}=${stateFolder}`
  const pids = readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && pid !== process.pid)
  const found = pids.filter((pid) => readProc(pid, 'environ')?.split('\0').includes(wanted))
  const refs = found.map((pid) => ({ pid, startTime: startTimeOf(pid), init: isNamespaceInit(pid) }))
  return refs
    .flatMap(({ startTime, ...ref }) => (startTime === undefined ? [] : [{ ...ref, startTime }]))
    .sort((a, b) => Number(b.init) - Number(a.init))
    .map(({ pid, startTime }) => ({ pid, startTime }))
}

/** Start time in clock ticks since boot, as text; undefined when the process is gone or only a zombie. */
export function startTimeOf(pid: number): string | undefined {
  const stat = readProc(pid, 'stat')
  // The name in parentheses may itself hold spaces and parentheses: fields are counted after the last one.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields === undefined || fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19]
}

/** Whether this very process is alive (and not a later one that got its number). */
export function isAlive(ref: ProcessRef): boolean {
  return startTimeOf(ref.pid) === ref.startTime
}

/** Kills it with SIGKILL unless it is gone. */
export function kill(ref: ProcessRef): void {
  if (!isAlive(ref)) return
  try {
    process.kill(ref.pid, 'SIGKILL')
  } catch (error) {
    // It ended between the look and the kill.
    if (errnoOf(error) !== 'ESRCH') throw error
  }
}

/** Children of a process; empty when it is gone. */
export function childrenOf(pid: number): number[] {
  return readProc(pid, `task/${pid}/children`)?.split(' ').filter(Boolean).map(Number) ?? []
}

/** Name of the program that a process runs ("sleep"); undefined when it is gone. */
export function programOf(pid: number): string | undefined {
  return readProc(pid, 'comm')?.trim()
}

/** Inode of one of a process's namespaces. Throws when the process is gone. */
export function namespaceInode(pid: number, kind: 'net' | 'pid'): number {
  return statSync(`/proc/${pid}/ns/${kind}`).ino
}

function isNamespaceInit(pid: number): boolean {
  return /^NSpid:.*\t1$/m.test(readProc(pid, 'status') ?? '') && pid !== 1
}

function readProc(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch (error) {
    // Gone meanwhile, or another user's process, which is not ours to look at.
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(errnoOf(error) ?? '')) return undefined
    throw error
  }
}
