import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** Seconds of CPU that a process and its ended children have used. Fields 14 to 17 of /proc/PID/stat. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The name in parentheses may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / USER_HZ
}
const USER_HZ = 100

/** Megabytes of a process in memory. Same as "grep VmRSS /proc/PID/status". */
export function residentMegabytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kilobytes) / 1024
}

/** The process of this program in the process namespace of another one. */
export function findProcess(name: string, besidePid: number): number {
  const wanted = readlinkSync(`/proc/${besidePid}/ns/pid`)
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    try {
      if (readFileSync(`/proc/${entry}/comm`, 'utf8').trim() !== name) continue
      if (readlinkSync(`/proc/${entry}/ns/pid`) === wanted) return Number(entry)
    } catch (error) {
      // It ended meanwhile.
      if (!(error instanceof Error && 'code' in error && ['ENOENT', 'ESRCH'].includes(`${error.code}`))) throw error
    }
  }
  throw new Error(`${name} does not run there`)
}
