import { readFileSync } from 'node:fs'
import { type Conntrack, conntrackId } from '@hopscope/model'
import {
  type ConntrackEntry,
  dumpConntrack,
  insideNetns,
  NETLINK,
  type NetfilterEvent,
  type Netns,
  withNetlink,
} from '@hopscope/netlink'
import type { NetnsEntry, ObserverContext } from './contract.ts'
import { createDirty } from './dirty.ts'
import { inNetns, type Namespaces, type NetnsChange } from './namespaces.ts'
import { startPatrol } from './patrol.ts'
import { errnoOf } from './processes.ts'
import { protocolName } from './protocols.ts'
import { createSourceState } from './sourceState.ts'
import type { Visits } from './visits.ts'

export type ConntrackObserver = {
  start(): void
  onEvent(netns: string, event: Extract<NetfilterEvent, { kind: 'conntrack' }>): void
  onNamespaces(change: NetnsChange): void
  onLoss(): void
  refresh(netns?: string): void
  /** Reads again where there is something: an entry that ran out stays listed until the kernel's next cleaning. */
  poll(): void
  pending(): boolean
  /** Reads soon, without a rest, what has to be read. */
  drain(): Promise<void>
  close(): void
}

type Options = { context: ObserverContext; namespaces: Namespaces; visits: Visits; most?: number }

/** More than anybody can look at; the newest are kept, the others counted. */
export const MOST = 5_000
const CHECK = { round: 30_000, perSecond: 8 }
/** How often is looked whether an entry's time is over, and the largest part of the time that reading for it may take. */
const EXPIRY = { every: 2_000, share: 0.02 }

/** Keeps tracked connections: read once, then by events, because a busy host has thousands of them. */
export function createConntrack({ context, namespaces, visits, most = MOST }: Options): ConntrackObserver {
  const { sink, scheduler } = context
  const sources = createSourceState(context, ['conntrack'])
  const count = (entry: NetnsEntry) =>
    sources.guard(entry.id, 'conntrack', () => inNetns(entry, (fd) => countConnections(entry.root ? null : fd)))
  /** Ids by age, oldest first, and those beyond the bound. */
  const kept = new Map<string, string>()
  const omitted = new Map<string, string>()
  /**
   * When the time of an entry is over, unless a packet gave it more. An entry that ran out is not shown any more, but ends
   * with an event only at the kernel's next cleaning, up to a minute later.
   */
  const expires = new Map<string, number>()
  /** How many the kernel counted when a namespace was last read; those that ran out count until they are cleaned away. */
  const counted = new Map<string, number>()
  let told = 0
  /** Everything is read at the start: what is found before need not be marked. */
  let started = false
  let restUntil = 0
  const stop: (() => void)[] = []
  const dirty = createDirty<'conntrack'>(scheduler, (netns) => {
    read(netns)
  })

  const put = (record: Conntrack) => {
    if (!kept.has(record.id)) {
      omitted.delete(record.id)
      kept.set(record.id, record.netns)
      const [oldest] = kept
      if (kept.size > most && oldest) {
        kept.delete(oldest[0])
        omitted.set(...oldest)
        sink.del('conntrack', oldest[0])
      }
    }
    sink.put('conntrack', record)
  }
  const del = (id: string) => {
    omitted.delete(id)
    expires.delete(id)
    if (kept.delete(id)) sink.del('conntrack', id)
  }
  const tellOmitted = () => {
    if (omitted.size === told) return
    told = omitted.size
    if (told > 0) context.setSource('conntrack', { state: 'ok', omitted: told })
    else sources.report()
  }
  const forget = (netns: string, still: ReadonlySet<string>) => {
    for (const list of [kept, omitted]) for (const [id, where] of list) if (where === netns && !still.has(id)) del(id)
  }

  function read(netns: string) {
    const entry = namespaces.get(netns)
    if (entry === undefined) return
    // Reading walks the table of all namespaces, ten milliseconds and more: most have nothing in it.
    const there = count(entry)
    if (typeof there === 'number') counted.set(netns, there)
    const entries = there === 0 ? [] : sources.guard(netns, 'conntrack', () => dump(entry))
    if (entries === 'gone') return namespaces.rescan()
    if (entries === undefined) return
    const records = entries.flatMap((one) => recordOf(netns, one) ?? [])
    for (const one of entries) noteTime(netns, one)
    forget(netns, new Set(records.map(({ id }) => id)))
    for (const record of records) if (!omitted.has(record.id) || kept.size < most) put(record)
    tellOmitted()
  }

  const noteTime = (netns: string, { id, timeout }: ConntrackEntry) => {
    if (id !== undefined && timeout !== undefined)
      expires.set(conntrackId(netns, id), performance.now() + timeout * 1000)
  }
  /** Reads again where the time of an entry that is shown is over. */
  const pollExpired = async () => {
    // The kernel counts seconds, whatever somebody sets the clock to.
    const now = performance.now()
    if (performance.now() < restUntil) return
    for (const [id, end] of expires) {
      const netns = kept.get(id)
      if (netns === undefined) expires.delete(id)
      else if (end <= now) dirty.mark(netns, 'conntrack')
    }
    const began = performance.now()
    await dirty.drain()
    restUntil = performance.now() + (performance.now() - began) / EXPIRY.share
  }

  const known = (): Map<string, number> => {
    const numbers = new Map<string, number>()
    for (const list of [kept, omitted]) {
      for (const netns of list.values()) numbers.set(netns, (numbers.get(netns) ?? 0) + 1)
    }
    return numbers
  }
  const poll = () => {
    for (const netns of known().keys()) dirty.mark(netns, 'conntrack')
  }
  /** Events say everything, unless some were lost: then the kernel's own count differs. */
  const check = (entry: NetnsEntry) => {
    const there = count(entry)
    if (typeof there === 'number' && there !== (known().get(entry.id) ?? 0)) dirty.mark(entry.id, 'conntrack')
  }
  /** A connection that is older than our listening ends without an event. */
  const checkShown = (entry: NetnsEntry) => {
    const there = count(entry)
    if (typeof there !== 'number' || there === counted.get(entry.id)) return
    if (there !== sink.list('conntrack', entry.id).length) dirty.mark(entry.id, 'conntrack')
  }
  const isShownWhole = ({ id }: NetnsEntry) => omitted.size === 0 && sink.list('conntrack', id).length > 0
  const refresh = (netns?: string) => {
    for (const { id } of namespaces.all()) if (netns === undefined || netns === id) dirty.mark(id, 'conntrack')
  }
  return {
    start() {
      started = true
      sources.report()
      refresh()
      stop.push(visits.add({ wants: isShownWhole, visit: checkShown }))
      stop.push(startPatrol({ scheduler, list: namespaces.all, visit: check, ...CHECK }))
      stop.push(scheduler.every(EXPIRY.every, () => void pollExpired()))
    },
    onEvent(netns, { action, entry }) {
      const record = recordOf(netns, entry)
      if (record === undefined) return
      noteTime(netns, entry)
      if (action === 'destroy') del(record.id)
      // What an event leaves out (it names only what changed) is what the record already says.
      else put({ ...sink.get('conntrack', record.id), ...defined(record) })
      tellOmitted()
    },
    onNamespaces({ added, removed }) {
      for (const netns of removed) {
        forget(netns, new Set())
        counted.delete(netns)
        dirty.forget(netns)
        sources.forget(netns)
      }
      if (started) for (const { id } of added) dirty.mark(id, 'conntrack')
    },
    onLoss: () => refresh(),
    refresh,
    poll,
    pending: dirty.pending,
    drain: dirty.drain,
    close() {
      for (const act of stop.splice(0)) act()
      dirty.close()
    },
  }
}

const dump = (entry: NetnsEntry): ConntrackEntry[] | 'gone' =>
  inNetns(entry, (fd) => withNetlink(entry.root ? null : fd, NETLINK.NETFILTER, dumpConntrack))

/** How many connections the namespace has; 0 where conntrack is not loaded. Same as "conntrack -C". */
function countConnections(netns: Netns): number {
  return insideNetns(netns, () => {
    try {
      return Number(readFileSync('/proc/sys/net/netfilter/nf_conntrack_count', 'utf8'))
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return 0
      throw error
    }
  })
}

function recordOf(netns: string, entry: ConntrackEntry): Conntrack | undefined {
  if (entry.id === undefined) return undefined
  return {
    id: conntrackId(netns, entry.id),
    netns,
    ctId: entry.id,
    family: entry.family,
    protocol: protocolName(entry.orig.protocol),
    orig: tupleOf(entry.orig),
    reply: tupleOf(entry.reply),
    state: entry.tcpState,
    status: entry.status,
    mark: entry.mark || undefined,
    zone: entry.zone,
  }
}

function tupleOf({ src, dst, sport, dport, icmp }: ConntrackEntry['orig']): Conntrack['orig'] {
  return { src, dst, sport, dport, icmpType: icmp?.type, icmpCode: icmp?.code, icmpId: icmp?.id }
}

function defined(record: Conntrack): Conntrack {
  const known = Object.entries(record).filter(([, value]) => value !== undefined)
  return Object.fromEntries(known) as Conntrack // only undefined fields were taken out
}
