import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { type HostSnapshot, type Netns, recordsOf } from '@hopscope/model'
import { insideNetns, NETLINK, netnsCookie, withNetlink } from '@hopscope/netlink'
import { z } from 'zod'
import { readConfig } from '../config.ts'
import { isTaken } from '../execute/lock.ts'
import { inNetns } from '../observe/namespaces.ts'
import { errnoOf } from '../observe/processes.ts'

/** Families whose traced packets a logger of their own tells of. */
export type LoggedFamily = 'ip' | 'ip6'
const FAMILY = { ip: 2, ip6: 10 } as const
/** The logger that tells whoever listens to NFLOG. */
const NFLOG = 'nfnetlink_log'

const loggersSchema = z.strictObject({ ip: z.string().optional(), ip6: z.string().optional() })
type Loggers = z.infer<typeof loggersSchema>
const leaseSchema = z.strictObject({
  /** Ids of namespaces are given again: it has to be this very one. */
  boot: z.string(),
  netns: z.string(),
  cookie: z.number().optional(),
  before: loggersSchema,
})
const leaseText = z
  .string()
  .transform((text, context) => {
    try {
      return JSON.parse(text)
    } catch {
      context.addIssue('not JSON')
      return z.NEVER
    }
  })
  .pipe(leaseSchema)

/**
 * Makes NFLOG the logger of traced packets in a namespace until the returned function is called. What it was before is on the disk first: whoever
 * finds that file unlocked gives it back, and the kernel takes the lock from a process that ends, however it ends. Throws EACCES, ENOENT without
 * nfnetlink_log. Same as "sysctl net.netfilter.nf_log.2=nfnetlink_log".
 */
export function borrowLoggers(netns: Netns, families: readonly LoggedFamily[]): () => void {
  const before = within(netns, () => loggersOf(families))
  if (before === 'gone' || Object.keys(before).length === 0) return () => undefined
  const path = join(folder(), `${netns.inode}-${process.pid}.json`)
  mkdirSync(folder(), { recursive: true, mode: 0o700 })
  const fd = openSync(path, 'w', 0o600)
  const giveBack = () => {
    within(netns, () => restore(before))
    unlinkSync(path)
    closeSync(fd)
  }
  if (!isTaken(fd)) throw new Error(`${path} is held by another process`)
  const lease = { boot: bootId(), netns: netns.id, cookie: within(netns, cookieHere), before }
  writeSync(fd, JSON.stringify(lease))
  try {
    within(netns, () => {
      for (const family of families) if (before[family] !== undefined) writeLogger(family, NFLOG)
    })
  } catch (cause) {
    giveBack()
    throw cause
  }
  return giveBack
}

/** Gives back what tracings changed that ended without a word. */
export function reapLoggers(snapshot: HostSnapshot): void {
  const byId = new Map(recordsOf(snapshot, 'netns').map((netns) => [netns.id, netns]))
  for (const name of names()) {
    const path = join(folder(), name)
    const fd = openIfThere(path)
    if (fd === undefined) continue
    try {
      if (isTaken(fd) && isSettled(readFileSync(path, 'utf8'), byId)) unlinkSync(path)
    } finally {
      closeSync(fd)
    }
  }
}

/** Whether nothing is left to do for a lease: it was given back, or its namespace is no more. */
function isSettled(text: string, byId: ReadonlyMap<string, Netns>): boolean {
  const lease = leaseText.safeParse(text)
  // Not whole when its process ended before anything was changed.
  if (!lease.success) return true
  const { boot, netns: id, cookie, before } = lease.data
  if (boot !== bootId()) return true
  const netns = byId.get(id)
  // It may be of another host that is observed on this machine.
  if (netns === undefined) return false
  within(netns, () => {
    if (cookieHere() === cookie) restore(before)
  })
  return true
}

const within = <T>(netns: Netns, act: () => T): T | 'gone' =>
  inNetns(netns, (fd) => insideNetns(netns.root ? null : fd, act))

/** Those that are others than NFLOG, of the namespace that this thread is in. */
function loggersOf(families: readonly LoggedFamily[]): Loggers {
  const before: Loggers = {}
  for (const family of families) {
    const logger = readFileSync(fileOf(family), 'utf8').trim()
    if (logger !== NFLOG) before[family] = logger
  }
  return before
}

/** What somebody else has chosen since is left alone. */
function restore(before: Loggers): void {
  for (const family of ['ip', 'ip6'] as const) {
    const logger = before[family]
    if (logger !== undefined && readFileSync(fileOf(family), 'utf8').trim() === NFLOG) writeLogger(family, logger)
  }
}

const writeLogger = (family: LoggedFamily, logger: string): void => writeFileSync(fileOf(family), logger)
const fileOf = (family: LoggedFamily): string => `/proc/sys/net/netfilter/nf_log/${FAMILY[family]}`
const cookieHere = (): number | undefined => withNetlink(null, NETLINK.ROUTE, ({ fd }) => netnsCookie(fd))
const bootId = (): string => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
const folder = (): string => join(readConfig().changesFolder, 'loggers')

function names(): string[] {
  try {
    return readdirSync(folder())
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'EACCES') return []
    throw error
  }
}

/** Undefined when another process was faster. */
function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, 'r')
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  }
}
