import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** errno name of a failed system call, undefined for any other error. */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

/** Numbers of all processes, ascending; threads are not among them. Same as "ls /proc | grep '^[0-9]'". */
export function allProcesses(): number[] {
  return readdirSync('/proc')
    .filter((name) => name >= '0' && name < ':')
    .map(Number)
    .sort((a, b) => a - b)
}

/** Inode of one of a process's namespaces; undefined when it has ended, 'refused' when it is not ours to see. */
export function namespaceOf(pid: number | 'thread-self', kind: 'net' | 'pid'): number | undefined | 'refused' {
  try {
    return parseNamespaceLink(readlinkSync(`/proc/${pid}/ns/${kind}`))
  } catch (error) {
    return goneOrRefused(error)
  }
}

/** The number in "net:[4026531840]". */
export function parseNamespaceLink(link: string): number | undefined {
  const inode = /^\w+:\[(\d+)\]$/.exec(link)?.[1]
  return inode === undefined ? undefined : Number(inode)
}

/** Name of the program that a process runs; undefined when it has ended. Same as "cat /proc/PID/comm". */
export function commOf(pid: number): string | undefined {
  return readProc(pid, 'comm')?.replace(/\n$/, '')
}

/** Number of a process's parent, 0 for the first of a pid namespace seen from inside; undefined when it has ended. */
export function parentOf(pid: number): number | undefined {
  const stat = readProc(pid, 'stat')
  return stat === undefined ? undefined : parseParent(stat)
}

/** Field 4 of /proc/PID/stat. The name before it stands in parentheses and may itself hold spaces and parentheses. */
export function parseParent(stat: string): number | undefined {
  const field = /^\) \S (\d+) /.exec(stat.slice(Math.max(0, stat.lastIndexOf(')'))))?.[1]
  return field === undefined ? undefined : Number(field)
}

function readProc(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch (error) {
    goneOrRefused(error)
    return undefined
  }
}

function goneOrRefused(error: unknown): undefined | 'refused' {
  const code = errnoOf(error)
  if (code === 'ENOENT' || code === 'ESRCH') return undefined // it ended between the look and the read
  if (code === 'EACCES' || code === 'EPERM') return 'refused'
  throw error
}
