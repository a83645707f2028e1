import { closeSync, constants, openSync, readSync } from 'node:fs'
import { errnoOf } from '../processes.ts'
import type { ContainerAnswer } from './shapes.ts'

const limit = 64 * 1024
const buffer = Buffer.alloc(limit)

/**
 * /etc/hosts and /etc/resolv.conf of a running container, at most 64 KiB each; absent when they cannot be read. The
 * engine's own copies, not those under /proc/PID/root: there, a symbolic link made inside would lead to a file of the host.
 */
export function containerFiles(
  root: string,
  answer: Pick<ContainerAnswer, 'State' | 'HostsPath' | 'ResolvConfPath'>,
): { etcHosts?: string; resolvConf?: string } {
  if (answer.State.Pid <= 0) return {}
  const etcHosts = readBounded(root, answer.HostsPath)
  const resolvConf = readBounded(root, answer.ResolvConfPath)
  return { ...(etcHosts !== undefined && { etcHosts }), ...(resolvConf !== undefined && { resolvConf }) }
}

function readBounded(root: string, path: string): string | undefined {
  if (path === '') return undefined
  try {
    // Non-blocking: with `-v FIFO:/etc/hosts` it is a FIFO, and opening one would wait for its writer.
    const file = openSync(root + path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW)
    try {
      return buffer.subarray(0, readSync(file, buffer, 0, limit, 0)).toString('utf8')
    } finally {
      closeSync(file)
    }
  } catch (error) {
    const expected = ['ENOENT', 'EACCES', 'EPERM', 'ENOTDIR', 'EISDIR', 'ELOOP', 'ENXIO', 'ESPIPE', 'EAGAIN']
    if (expected.includes(errnoOf(error) ?? '')) return undefined
    throw error
  }
}
