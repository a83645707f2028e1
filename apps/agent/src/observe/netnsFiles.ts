import { type FSWatcher, readdirSync, realpathSync, type Stats, statSync, watch } from 'node:fs'
import { dirname, join } from 'node:path'
import { isNsfs } from '@hopscope/netlink'
import type { Cancel, Scheduler } from './contract.ts'
import { errnoOf } from './processes.ts'

/** A file that holds a network namespace: an `ip netns` name, or one of Docker's sandbox keys. */
export type NetnsFile = { name: string; path: string; by: 'iproute2' | 'docker'; inode: number }

type Folder = { folder: string; by: NetnsFile['by'] }
const FOLDERS: readonly Folder[] = [
  { folder: '/run/netns', by: 'iproute2' },
  { folder: '/var/run/netns', by: 'iproute2' },
  { folder: '/run/docker/netns', by: 'docker' },
  { folder: '/var/run/docker/netns', by: 'docker' },
]

/** A file appears a moment before the namespace is mounted on it, and the mount announces itself to nobody. */
const MOUNT_GRACE = 2_000

/** `left`: files of Docker's that held a namespace once; their names do not come again. `unfinished`: a namespace may yet come to some file. */
export type NetnsListing = { files: NetnsFile[]; left: ReadonlySet<string>; unfinished: boolean }

/**
 * All namespace files, and whether some file is so young that a namespace may yet be mounted on it. Files that hold
 * none (left over from before a reboot, or from a container that is gone since the listing `before`) lie on another device and are
 * left out. Same as "ip netns list".
 */
export function listNetnsFiles(now: number, before?: NetnsListing, folders: readonly Folder[] = FOLDERS): NetnsListing {
  const files: NetnsFile[] = []
  const seen = new Set<string>()
  const held = new Set(before?.files.flatMap(({ by, path }) => (by === 'docker' ? path : [])))
  const left = new Set<string>()
  let unfinished = false
  for (const { folder, by } of folders) {
    const real = orMissing(() => realpathSync(folder))
    if (real === undefined || seen.has(real)) continue
    seen.add(real)
    for (const name of orMissing(() => readdirSync(real)) ?? []) {
      const path = join(real, name)
      const stat = orMissing(() => statSync(path))
      if (stat === undefined) continue
      if (isNsfs(stat.dev)) files.push({ name, path, by, inode: stat.ino })
      else if (held.has(path) || before?.left.has(path)) left.add(path)
      else unfinished ||= isYoung(stat, now)
    }
  }
  return { files, left, unfinished }
}

/** Calls back whenever something changes in a folder of namespace files, also in folders that are made later. */
export function watchNetnsFolders(scheduler: Scheduler, onChange: () => void): Cancel {
  const watchers = new Map<string, FSWatcher>()
  const wanted = FOLDERS.flatMap(({ folder }) => [folder, dirname(folder), dirname(dirname(folder))])
  const changed = () => {
    arm()
    onChange()
  }
  const arm = () => {
    for (const folder of new Set(wanted)) {
      // Of the folders above only creation matters; / itself never gets or loses /run.
      if (folder === '/' || watchers.has(folder)) continue
      const watcher = orMissing(() => watch(folder, { persistent: false }, changed))
      if (watcher === undefined) continue
      const forget = () => {
        watcher.close()
        watchers.delete(folder)
      }
      watcher.on('error', forget)
      watchers.set(folder, watcher)
    }
  }
  arm()
  // A watched folder that is removed and made again is another folder: look anew now and then.
  const stop = scheduler.every(10_000, () => {
    for (const [folder, watcher] of watchers) {
      if (orMissing(() => statSync(folder)) !== undefined) continue
      watcher.close()
      watchers.delete(folder)
    }
    arm()
  })
  return () => {
    stop()
    for (const watcher of watchers.values()) watcher.close()
    watchers.clear()
  }
}

function isYoung(stat: Stats, now: number): boolean {
  // A file from the future was made before somebody set the clock back.
  return stat.isFile() && Math.abs(now - stat.ctimeMs) < MOUNT_GRACE
}

function orMissing<T>(look: () => T): T | undefined {
  try {
    return look()
  } catch (error) {
    // Not there (any more), or Docker's folder, which ordinary users may not look into.
    if (['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'EINVAL'].includes(errnoOf(error) ?? '')) return undefined
    throw error
  }
}
