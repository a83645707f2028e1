import { fstatSync } from 'node:fs'
import { netnsId } from '@hopscope/model'
import { ensureNsid, getNsid, isNsfs, NETLINK, NetlinkError, openNetns, withNetlink } from '@hopscope/netlink'
import type { Cancel, NetnsEntry, NetnsRegistry, ObserverContext } from './contract.ts'
import { ownLackingCapabilities } from './hostInfo.ts'
import { listNetnsFiles, type NetnsFile, type NetnsListing, watchNetnsFolders } from './netnsFiles.ts'
import { errnoOf } from './processes.ts'
import { createProcessScan, type Foreign, type NetnsProcesses } from './processScan.ts'
import { readProcFile } from './procFile.ts'

/** What changed since the last look. A namespace whose inode was reused appears in both lists. */
export type NetnsChange = {
  added: readonly NetnsEntry[]
  removed: readonly string[]
  /** Namespaces with other processes, or other names, than before. */
  changed?: readonly string[]
}

export type Namespaces = NetnsRegistry & {
  start(): void
  /** Looks now. */
  scan(): void
  /** True while a file waits for its namespace to be mounted, or a scan is due. */
  pending(): boolean
  /** True while more namespaces were found than could be added in one turn of the event loop. */
  catchingUp(): boolean
  /** The namespace that has this id in the root namespace; −1 is the root namespace itself. */
  byNsid(nsid: number): string | undefined
  nsidOf(id: string): number | undefined
  /** The root namespace took an id back: that namespace has ended. */
  nsidGone(nsid: number): void
  /** Milliseconds that the last scan took. */
  lastScan(): number
  /** Number of the process that was started last, as of a moment ago (two seconds at most): another one says that some were. */
  newestProcess(): string
  close(): void
}

type Options = {
  context: Pick<ObserverContext, 'sink' | 'clock' | 'scheduler' | 'vantage' | 'setSource'>
  /** False where ids cannot be given (no CAP_NET_ADMIN): only the root namespace is read. */
  privileged: boolean
  foreign?: Foreign
  /** True for a program that this agent runs itself. */
  isOurs?: (pid: number) => boolean
  onChange: (change: NetnsChange) => void
}
type Known = { entry: NetnsEntry; nsid: number | undefined }

/** A plain process that makes a namespace or moves to one tells nobody. Mostly it has just been started, which is cheap to see. */
const CHECK_EVERY = 2_000
/** On a host where something starts all the time, that is no reason to look all the time. */
const SCAN_AT_MOST_EVERY = 4_000
/** A process that runs for long may do so, too. */
const SCAN_EVERY = 6_000
/** Folders tell of their files; one that is mounted over or unmounted in its place does not. */
const FILES_EVERY = 30_000
const SCAN_SOON = 5
/** To give an id costs a few system calls: what else is new is added in the next turn of the event loop. */
const MOST_NEW = 64
/** To list more files than that is enough for a turn. */
const MOST_LISTED = 256
const SHOWN_PROCESSES = 8

/** The namespace that is open just now. */
let within: { inode: number; fd: number } | undefined

/**
 * Opens a namespace for the time of `act`; 'gone' when it has ended or its path now leads to another one. Nothing keeps it
 * alive afterwards. Within `act`, opening it again costs nothing.
 */
export function inNetns<T>(entry: NetnsEntry, act: (fd: number) => T): T | 'gone' {
  if (within?.inode === entry.inode) return act(within.fd)
  const outer = within
  let opened: ReturnType<typeof openNetns>
  try {
    opened = openNetns(entry.path)
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'ENOTDIR'].includes(errnoOf(error) ?? '')) return 'gone'
    throw error
  }
  try {
    const { ino, dev } = fstatSync(opened.fd)
    if (ino !== entry.inode || !isNsfs(dev)) return 'gone'
    within = { inode: ino, fd: opened.fd }
    return act(opened.fd)
  } finally {
    within = outer
    opened.close()
  }
}

/** Finds all network namespaces and keeps the list: by files, by processes, and by the ids that the kernel takes back. */
export function createNamespaces(options: Options): Namespaces {
  const { context, privileged, onChange } = options
  const { sink, clock, scheduler, vantage } = context
  const known = new Map<string, Known>()
  const byNsid = new Map<number, string>()
  const processScan = createProcessScan(options)
  let soon: { cancel: Cancel; at: number } | undefined
  const lacking = privileged ? [] : ownLackingCapabilities()
  let unfinished = false
  let more = false
  let lastScan = 0
  const cancels: Cancel[] = []

  const scanIn = (milliseconds: number) => {
    toList = true
    const at = performance.now() + milliseconds
    if (soon && soon.at <= at) return
    soon?.cancel()
    soon = { at, cancel: scheduler.after(milliseconds, scan) }
  }
  /** The rest of what was found just now. Those that are not added yet are heard of already: what has come meanwhile is looked for afterwards. */
  const catchUp = () => {
    soon?.cancel()
    soon = { at: performance.now(), cancel: scheduler.after(0, () => look(listing)) }
  }

  let listing: NetnsListing | undefined
  /** There may be other files than at the last listing. */
  let toList = true
  let listedAt = 0
  let scannedAt = 0
  /** A process does not move at the very moment of its start: after news it is looked twice. */
  let looks = 0
  let newest = ''

  /** Looks for namespaces if there may be other ones than at the last look. */
  function check() {
    const now = newestProcess()
    if (now !== newest) looks = 2
    newest = now
    const at = performance.now()
    const pause = looks > 0 ? SCAN_AT_MOST_EVERY : SCAN_EVERY
    if (at - scannedAt < pause - CHECK_EVERY / 2) return
    looks = Math.max(0, looks - 1)
    look(at - listedAt > FILES_EVERY ? undefined : listing)
  }

  const scan = () => look(undefined)

  function look(listed: NetnsListing | undefined) {
    soon?.cancel()
    soon = undefined
    const began = performance.now()
    scannedAt = began
    if (listed === undefined) {
      listedAt = began
      toList = false
    }
    listing = listed ?? listNetnsFiles(clock.now(), listing)
    const processes = processScan.scan()
    const found = merge(listing.files, processes.byInode, vantage.rootNetns)
    if (processes.foreign.size > 0) for (const inode of processes.foreign) found.delete(netnsId(inode))
    const removed = [...known.keys()].filter((id) => !found.has(id))
    for (const id of removed) forget(id)
    const added: NetnsEntry[] = []
    const most = listed === undefined && listing.files.length > MOST_LISTED ? 0 : MOST_NEW
    more = false
    for (const [id, { entry }] of found) {
      const before = known.get(id)
      if (before === undefined && added.length >= most && !entry.root) {
        found.delete(id)
        more = true
        continue
      }
      if (before === undefined) added.push(entry)
      known.set(id, { entry, nsid: before?.nsid })
    }
    giveIds()
    const before = new Map(sink.list('netns').map((record) => [record.id, record]))
    sink.replace('netns', undefined, [...found.values()].map(recordOf))
    // The sink keeps an equal record.
    const changed = [...before].flatMap(([id, was]) => (found.has(id) && sink.get('netns', id) !== was ? [id] : []))
    reportSource(context, { refused: processes.refused, lacking: found.size > 1 ? lacking : [], privileged })
    lastScan = performance.now() - began
    if (added.length > 0 || removed.length > 0 || changed.length > 0) onChange({ added, removed, changed })
    unfinished = listing.unfinished || more
    if (more) catchUp()
    else if (toList) scanIn(SCAN_SOON)
    else if (unfinished) scanIn(10)
  }

  /** Only a namespace with an id in ours lets us hear its events. */
  function giveIds() {
    if (!privileged) return
    const lacking = [...known.values()].filter(({ nsid }) => nsid === undefined)
    if (lacking.length === 0) return
    withNetlink(null, NETLINK.ROUTE, (socket) => {
      for (const one of lacking) {
        // The root namespace hears itself without an id; it may have one all the same, and is then called by it.
        const nsid = inNetns(one.entry, (fd) => (one.entry.root ? (getNsid(socket, fd) ?? -1) : ensure(socket, fd)))
        if (nsid === 'gone' || nsid === undefined) continue
        one.nsid = nsid
        byNsid.set(nsid, one.entry.id)
      }
    })
  }

  function forget(id: string) {
    const nsid = known.get(id)?.nsid
    if (nsid !== undefined) byNsid.delete(nsid)
    known.delete(id)
  }

  return {
    get: (id) => known.get(id)?.entry,
    all: () => [...known.values()].map(({ entry }) => entry),
    ofProcess: (pid) => processScan.netnsOf(pid),
    rescan: () => scanIn(SCAN_SOON),
    scan,
    catchingUp: () => more,
    pending: () => unfinished || soon !== undefined,
    byNsid: (nsid) => byNsid.get(nsid) ?? (nsid === -1 ? vantage.rootNetns : undefined),
    nsidOf: (id) => known.get(id)?.nsid,
    nsidGone(nsid) {
      const id = byNsid.get(nsid)
      if (id !== undefined && id !== vantage.rootNetns) {
        forget(id)
        sink.del('netns', id)
        onChange({ added: [], removed: [id] })
      }
      scanIn(SCAN_SOON)
    },
    lastScan: () => lastScan,
    newestProcess: () => newest,
    start() {
      cancels.push(watchNetnsFolders(scheduler, () => scanIn(SCAN_SOON)))
      cancels.push(scheduler.every(CHECK_EVERY, check))
      scan()
    },
    close() {
      for (const cancel of cancels.splice(0)) cancel()
      soon?.cancel()
      soon = undefined
    },
  }
}

/** Number of the process or thread that was started last, as a text. */
const newestProcess = (): string => readProcFile('/proc/loadavg')?.split(' ').at(-1) ?? ''

type Found = { entry: NetnsEntry; files: NetnsFile[]; processes: NetnsProcesses }

function merge(files: readonly NetnsFile[], processes: ReadonlyMap<number, NetnsProcesses>, rootNetns: string) {
  const found = new Map<string, Found>()
  const nobody: NetnsProcesses = { lowest: [], count: 0 }
  const byInode = new Map<number, NetnsFile[]>()
  for (const file of files) {
    const there = byInode.get(file.inode)
    if (there) there.push(file)
    else byInode.set(file.inode, [file])
  }
  for (const inode of new Set([...processes.keys(), ...byInode.keys()])) {
    const id = netnsId(inode)
    const here = processes.get(inode) ?? nobody
    const named = byInode.get(inode) ?? []
    const root = id === rootNetns
    const path = pathOf({ root, named, pid: here.lowest[0]?.pid })
    if (path === undefined) continue
    found.set(id, { entry: { id, inode, root, path }, files: named, processes: here })
  }
  return found
}

/** A name lasts longer than a process; for the root namespace the first process lasts longest. */
function pathOf(holders: { root: boolean; named: readonly NetnsFile[]; pid: number | undefined }): string | undefined {
  const { root, named, pid } = holders
  const process = pid === undefined ? undefined : `/proc/${pid}/ns/net`
  const file = (named.find(({ by }) => by === 'iproute2') ?? named[0])?.path
  return root ? (process ?? file) : (file ?? process)
}

function recordOf({ entry, files, processes }: Found) {
  const { id, inode, root, path } = entry
  return {
    id,
    inode,
    root,
    names: files.map(({ name, path: where, by }) => ({ name, path: where, by })),
    processes: processes.lowest.slice(0, SHOWN_PROCESSES),
    processCount: processes.count,
    path,
  }
}

function ensure(socket: Parameters<typeof ensureNsid>[0], fd: number): number | undefined {
  try {
    return ensureNsid(socket, fd)
  } catch (error) {
    // Somebody else gave it one in the same moment.
    if (error instanceof NetlinkError && error.code === 'EEXIST') return getNsid(socket, fd)
    throw error
  }
}

function reportSource(
  context: Options['context'],
  { refused, lacking, privileged }: { refused: number; lacking: readonly string[]; privileged: boolean },
): void {
  const details = [
    refused > 0 && !privileged && 'Namespaces of other users’ processes need CAP_SYS_PTRACE to be seen.',
    // A security module, or a container around us.
    refused > 0 &&
      privileged &&
      `The kernel hides ${refused === 1 ? 'a process' : `${refused} processes`} even from root (/proc/PID/ns/net): a namespace that nobody else uses is not seen.`,
    // They are read again now and then; their events come only to who may give them an id here.
    lacking.length > 0 && `Changes in other namespaces are seen late, because events need ${lacking.join(', ')}.`,
  ].filter((detail) => detail !== false)
  if (details.length === 0) context.setSource('namespaces', { state: 'ok' })
  else {
    const reason = privileged ? 'FAILED' : 'NOT_ROOT'
    context.setSource('namespaces', { state: 'partial', reason, detail: details.join(' ') })
  }
}
