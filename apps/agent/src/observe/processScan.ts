import { netnsId } from '@hopscope/model'
import { allProcesses, commOf, namespaceOf } from './processes.ts'

/** The processes in one namespace: up to eight with the lowest numbers, and how many there are. */
export type NetnsProcesses = { lowest: { pid: number; comm: string }[]; count: number }

export type ProcessScan = {
  scan(): {
    byInode: Map<number, NetnsProcesses>
    /** Namespaces that belong to a sandbox. */
    foreign: Set<number>
    /** How many processes we may not look at. */
    refused: number
  }
  netnsOf(pid: number): string | undefined
}

/** Tells the processes of sandboxes, which are hosts of their own. `generation` grows when earlier answers may be wrong. */
export type Foreign = { generation(): number; has(pid: number): boolean }

type Seen = { inode: number; comm: string | undefined; round: number; foreign: boolean; generation: number }
type Options = {
  context: { vantage: { rootNetns: string } }
  foreign?: Foreign
  /** True for a program that this agent runs itself. */
  isOurs?: (pid: number) => boolean
}

const LOWEST = 8
/** A name is read again after this many scans: a process can change it by running another program. */
const NAME_ROUNDS = 8

/**
 * Looks which namespace each process is in: one readlink per process, because a process may move at any time. Names are
 * read for the few that are shown, and kept for some rounds. Same as "ls -l /proc/[0-9]*\/ns/net".
 */
export function createProcessScan(options: Options): ProcessScan {
  const seen = new Map<number, Seen>()
  const { rootNetns } = options.context.vantage
  let round = 0

  const nameOf = (pid: number, mine: Seen): string | undefined => {
    const young = round - mine.round < 2
    if (mine.comm === undefined || young || (pid + round) % NAME_ROUNDS === 0) mine.comm = commOf(pid)
    return mine.comm
  }

  const scan: ProcessScan['scan'] = () => {
    round++
    const generation = options.foreign?.generation() ?? 0
    const byInode = new Map<number, NetnsProcesses>()
    const foreign = new Set<number>()
    const now = new Set<number>()
    let refused = 0
    for (const pid of allProcesses()) {
      if (options.isOurs?.(pid)) continue
      const inode = namespaceOf(pid, 'net')
      if (inode === 'refused') refused++
      if (typeof inode !== 'number') continue
      now.add(pid)
      let mine = seen.get(pid)
      if (mine?.inode !== inode || mine.generation !== generation) {
        const outside = netnsId(inode) !== rootNetns && (options.foreign?.has(pid) ?? false)
        mine = { inode, comm: undefined, round, foreign: outside, generation }
        seen.set(pid, mine)
      }
      if (mine.foreign) foreign.add(inode)
      add(byInode, inode, { pid, name: () => nameOf(pid, mine) })
    }
    for (const pid of seen.keys()) if (!now.has(pid)) seen.delete(pid)
    return { byInode, foreign, refused }
  }

  const netnsOf: ProcessScan['netnsOf'] = (pid) => {
    const inode = namespaceOf(pid, 'net')
    return typeof inode === 'number' ? netnsId(inode) : undefined
  }
  return { scan, netnsOf }
}

type Candidate = { pid: number; name: () => string | undefined }

function add(byInode: Map<number, NetnsProcesses>, inode: number, { pid, name }: Candidate): void {
  let here = byInode.get(inode)
  if (here === undefined) {
    here = { lowest: [], count: 0 }
    byInode.set(inode, here)
  }
  if (here.lowest.length < LOWEST) {
    const comm = name()
    if (comm === undefined) return // it ended just now
    here.lowest.push({ pid, comm })
  }
  here.count++
}
