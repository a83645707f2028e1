import { constants } from 'node:os'

const NAMES = new Map<number, string>()
// EAGAIN and EWOULDBLOCK share a number: the first name wins, as in strerrorname_np(3).
for (const [name, value] of Object.entries(constants.errno)) if (!NAMES.has(value)) NAMES.set(value, name)

/** Name of a positive errno, "ERRNO_524" for one without a name here. Same as "errno 1". */
export function errnoName(errno: number): string {
  return NAMES.get(errno) ?? `ERRNO_${errno}`
}

/** The kernel refused: `code` is the errno's name (EPERM, ENOENT…), `doing` what was tried, `detail` the kernel's own words. */
export class NetlinkError extends Error {
  readonly code: string
  readonly errno: number
  readonly doing: string
  readonly detail: string | undefined

  constructor(errno: number, doing: string, detail?: string) {
    const code = errnoName(errno)
    super(`${doing}: ${code}${detail ? ` (${detail})` : ''}`)
    this.name = 'NetlinkError'
    this.code = code
    this.errno = errno
    this.doing = doing
    this.detail = detail
  }
}

/** A dump stayed inconsistent (NLM_F_DUMP_INTR) in every one of the bounded tries: the tables change too fast right now. */
export class DumpInterruptedError extends NetlinkError {
  constructor(doing: string, tries: number) {
    super(constants.errno.EINTR, doing, `the table changed during each of ${tries} dumps`)
    this.name = 'DumpInterruptedError'
  }
}
