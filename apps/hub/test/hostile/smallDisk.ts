import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readlinkSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { dataFolder, type Start } from './hubProcess.ts'

export type SmallDisk = Required<Pick<Start, 'dataDir' | 'root' | 'within'>> & {
  /** A file of the data folder, as this process finds it. */
  path(name: string): string
  /** Takes all that is left of it. */
  fill(): void
  /** Gives that back. */
  free(): void
}

/**
 * A data folder that is a file system of its own with so many MiB of memory. It is mounted where only the hub sees it: in a
 * mount namespace that ends with the test. Same as "unshare --mount mount -t tmpfs -o size=8m tmpfs FOLDER".
 */
export async function smallDisk(megabytes: number): Promise<SmallDisk> {
  const dataDir = dataFolder()
  // Who is not root gets the right to mount in a user namespace.
  const asRoot = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user']
  const keeper = spawn('unshare', [...asRoot, '--mount', '--propagation', 'private', 'sleep', '600'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  onTestFinished(async () => {
    keeper.kill('SIGKILL')
    if (keeper.exitCode === null && keeper.signalCode === null) await once(keeper, 'exit')
  })
  const mine = readlinkSync('/proc/self/ns/mnt')
  await expect.poll(() => readlinkSync(`/proc/${keeper.pid}/ns/mnt`)).not.toBe(mine)
  const user = asRoot.length > 0 ? ['--user', '--preserve-credentials'] : []
  const within = ['nsenter', `--target=${keeper.pid}`, ...user, '--mount', `--wd=${process.cwd()}`, '--']
  const mount = ['mount', '-t', 'tmpfs', '-o', `size=${megabytes}m,mode=700`, 'tmpfs', dataDir]
  const [program = '', ...args] = [...within, ...mount]
  execFileSync(program, args)
  const root = `/proc/${keeper.pid}/root`
  const path = (name: string) => join(root, dataDir, name)
  return { dataDir, root, within, path, fill: () => fill(path('fill')), free: () => rmSync(path('fill')) }
}

function fill(file: string): void {
  const fd = openSync(file, 'a')
  try {
    for (const size of [1 << 20, 4096, 1]) while (couldWrite(fd, size));
  } finally {
    closeSync(fd)
  }
}

function couldWrite(fd: number, size: number): boolean {
  try {
    return writeSync(fd, Buffer.alloc(size)) > 0
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') return false
    throw error
  }
}
