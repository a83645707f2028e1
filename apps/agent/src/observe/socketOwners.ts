import { readdirSync, readlinkSync } from 'node:fs'
import { nextTurn } from '../nextTurn.ts'
import { allProcesses, commOf, errnoOf } from './processes.ts'

export type Owner = { pid: number; comm: string }

/** Looking through many processes goes on in another turn of the event loop after so many milliseconds. */
const SLICE = 8

/** Processes by the inode of the sockets wanted; the lowest pid where several share one. Same as the last column of "ss -p". */
export async function findSocketOwners(wanted: ReadonlySet<number>): Promise<Map<number, Owner>> {
  const owners = new Map<number, Owner>()
  let began = performance.now()
  for (const pid of allProcesses()) {
    if (owners.size === wanted.size) break
    if (performance.now() - began > SLICE) {
      await nextTurn()
      began = performance.now()
    }
    for (const inode of socketsOf(pid)) {
      if (!wanted.has(inode) || owners.has(inode)) continue
      const comm = commOf(pid)
      if (comm !== undefined) owners.set(inode, { pid, comm })
    }
  }
  return owners
}

/** The number in "socket:[12345]". */
export function parseSocketLink(link: string): number | undefined {
  const inode = /^socket:\[(\d+)\]$/.exec(link)?.[1]
  return inode === undefined ? undefined : Number(inode)
}

function socketsOf(pid: number): number[] {
  const folder = `/proc/${pid}/fd`
  const descriptors = orGone(() => readdirSync(folder)) ?? []
  return descriptors.flatMap((fd) => parseSocketLink(orGone(() => readlinkSync(`${folder}/${fd}`)) ?? '') ?? [])
}

function orGone<T>(look: () => T): T | undefined {
  try {
    return look()
  } catch (error) {
    // The process or its descriptor is gone, or it is another user's.
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(errnoOf(error) ?? '')) return undefined
    throw error
  }
}
