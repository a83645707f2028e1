import { constants } from 'node:os'
import { NetlinkError } from './errors.ts'
import * as libc from './libc.ts'

/** What the kernel of the sender says instead of sending, such as that there is no route. */
export function refusal(result: number, doing: string): string | undefined {
  const errno = libc.lastErrno()
  if (result >= 0 || errno === constants.errno.EINPROGRESS) return undefined
  return new NetlinkError(errno, doing).code
}
