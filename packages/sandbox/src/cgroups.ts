import { existsSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { errnoOf } from './errors.ts'
import { waitUntil } from './waitUntil.ts'

const root = '/sys/fs/cgroup'

/** Removes a sandbox's cgroups from every hierarchy, after its processes; gives those that stayed. */
export async function removeCgroups(name: string): Promise<string[]> {
  const stay: string[] = []
  for (const folder of cgroupsNamed(name)) {
    // The kernel lets go of a cgroup a moment after its last process.
    const gone = await waitUntil(() => (removeTree(folder) ? true : undefined), 5_000)
    if (!gone) stay.push(folder)
  }
  return stay
}

/** Lets what was frozen in a sandbox go on (a paused container): while it is frozen, not even SIGKILL ends it. */
export function thawCgroups(name: string): void {
  for (const folder of cgroupsNamed(name)) thawTree(folder)
}

function thawTree(folder: string): void {
  for (const child of subfolders(folder)) thawTree(join(folder, child))
  write(join(folder, 'freezer.state'), 'THAWED') // the old hierarchy
  write(join(folder, 'cgroup.freeze'), '0') // the unified one
}

function write(file: string, text: string): void {
  try {
    if (existsSync(file)) writeFileSync(file, text)
  } catch (error) {
    // It went between the look and the write; the top of a hierarchy cannot be frozen and refuses.
    if (!['ENOENT', 'ENODEV', 'EINVAL', 'EACCES'].includes(errnoOf(error) ?? '')) throw error
  }
}

/** The top cgroups of a sandbox: one with the unified hierarchy, one per controller with the old ones. */
export function cgroupsNamed(name: string): string[] {
  return ['', ...subfolders(root)]
    .map((hierarchy) => join(root, hierarchy, name))
    .filter((path) => subfolders(path, true) !== undefined)
}

function removeTree(folder: string): boolean {
  for (const child of subfolders(folder)) if (!removeTree(join(folder, child))) return false
  try {
    rmdirSync(folder)
    return true
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return true
    if (errnoOf(error) === 'EBUSY') return false
    throw error
  }
}

function subfolders(folder: string): string[]
function subfolders(folder: string, orUndefined: true): string[] | undefined
function subfolders(folder: string, orUndefined = false): string[] | undefined {
  try {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return orUndefined ? undefined : []
    throw error
  }
}
