import { type FwChain, type HostSnapshot, type Netns, recordsOf } from '@hopscope/model'
import {
  ensureNsid,
  type LoggedPacket,
  makeOwnedTables,
  NETLINK,
  NetlinkError,
  type NftRule,
  type OwnedTables,
  type TableSpec,
  withNetlink,
} from '@hopscope/netlink'
import { type LegacyObstacle, TRACE_TABLE, TRACED_ALREADY } from '@hopscope/trace'
import { inNetns } from '../observe/namespaces.ts'
import { type LegacyHandlers, type LegacyLog, openLegacyLog } from './legacyLog.ts'
import type { LoggedFamily } from './loggers.ts'

/** The namespaces that tracing is armed in. */
export type Places = {
  /** Arms what is new, and lets go of what has ended: until then our socket keeps it alive. */
  follow(snapshot: HostSnapshot): void
  /** The namespace with this id in our own one; −1 is our own. */
  byNsid(nsid: number): string | undefined
  /** From now on nothing is traced. */
  disarm(): void
  /** Packets that were meant, and those of them that were traced, by what the kernel counted. */
  counts(): { meant: number; traced: number }
  /** Whether what iptables-legacy does in a namespace is told, where it has rules. */
  tellsLegacy(netns: string): boolean
  /** Namespaces with rules of iptables-legacy of which nothing can be told, and why. */
  readonly untold: ReadonlyMap<string, LegacyObstacle>
  /** Namespaces in which nothing can be traced, and why. */
  readonly unavailable: ReadonlyMap<string, string>
  readonly armed: number
  close(): void
}
/** The tables of a namespace in which others have these base chains. */
type TablesFor = (others: readonly FwChain[]) => readonly TableSpec[]
type Armed = { nsid: number; tables: OwnedTables; hooks: string }
type Options = {
  tables: TablesFor
  onLegacy: (netns: string, packet: LoggedPacket) => void
  /** Of what iptables-legacy did, some was lost. */
  onLegacyLoss: () => void
  /** A namespace is let go of: what was told of it until now has to be heard. */
  onLeave: () => void
}

/** Makes our tables in every namespace. Each is held by a socket that ends with this process. */
export function createPlaces({ tables, onLegacy, onLegacyLoss, onLeave }: Options): Places {
  const logs = new Map<string, LegacyLog>()
  const untold = new Map<string, LegacyObstacle>()
  const armed = new Map<string, Armed>()
  const byNsid = new Map<number, string>()
  const unavailable = new Map<string, string>()
  const ended = { meant: 0, traced: 0 }

  /** What was read last. */
  let latest: HostSnapshot | undefined

  /** Makes the tables, and later what they lack since others have more chains there. */
  const arm = (netns: Netns, others: readonly FwChain[]) => {
    const { id } = netns
    try {
      const hooks = hooksOf(others)
      const known = armed.get(id)
      if (known?.hooks === hooks) return
      if (known) {
        known.hooks = hooks
        known.tables.add(tables(others))
        return
      }
      const place = armPlace(netns, tables(others))
      if (place === undefined) return
      armed.set(id, { ...place, hooks })
      byNsid.set(place.nsid, id)
    } catch (error) {
      if (!(error instanceof NetlinkError)) throw error
      unavailable.set(id, error.code === TRACED_ALREADY ? TRACED_ALREADY : error.message)
    }
  }

  const listen = (netns: Netns, families: readonly LoggedFamily[]) => {
    const { id } = netns
    const handlers: LegacyHandlers = { onPacket: (packet) => onLegacy(id, packet), onLoss: onLegacyLoss }
    const log = openLegacyLog(netns, families, handlers)
    if (log === 'gone') return
    if ('because' in log) untold.set(id, log.because)
    else logs.set(id, log)
  }
  const release = (id: string) => {
    logs.get(id)?.close()
    logs.delete(id)
  }

  return {
    unavailable,
    untold,
    tellsLegacy: (netns) => logs.has(netns),
    follow(snapshot) {
      if (snapshot === latest) return
      latest = snapshot
      const chains = baseChains(snapshot)
      const there = new Set<string>()
      const legacy = legacyFamilies(snapshot)
      for (const netns of recordsOf(snapshot, 'netns')) {
        const { id } = netns
        there.add(id)
        const families = legacy.get(id)
        if (families && !logs.has(id) && !untold.has(id)) listen(netns, [...families])
        if (!unavailable.has(id)) arm(netns, chains.get(id) ?? [])
      }
      for (const [id, one] of armed) {
        if (there.has(id)) continue
        one.tables.disarm()
        add(ended, countsOf(one.tables.rules()))
        onLeave()
        one.tables.close()
        armed.delete(id)
        byNsid.delete(one.nsid)
      }
      for (const id of [...logs.keys()]) if (!there.has(id)) release(id)
    },
    byNsid: (nsid) => byNsid.get(nsid),
    get armed() {
      return armed.size
    },
    disarm() {
      for (const { tables: own } of armed.values()) own.disarm()
    },
    counts() {
      const sum = { ...ended }
      for (const { tables: own } of armed.values()) add(sum, countsOf(own.rules()))
      return sum
    },
    close() {
      for (const { tables: own } of armed.values()) own.close()
      armed.clear()
      for (const id of [...logs.keys()]) release(id)
    },
  }
}

/** By namespace, the chains that packets meet first at a hook. */
function baseChains(snapshot: HostSnapshot): Map<string, FwChain[]> {
  const found = new Map<string, FwChain[]>()
  for (const chain of recordsOf(snapshot, 'fwChain')) {
    if (chain.hook === undefined) continue
    const others = found.get(chain.netns)
    if (others) others.push(chain)
    else found.set(chain.netns, [chain])
  }
  return found
}

/** Where chains stand and what kinds they are of, which our own depend on. */
const hooksOf = (chains: readonly FwChain[]): string =>
  [...new Set(chains.map(({ engine, family, hook, type }) => `${engine} ${family} ${hook} ${type}`))].sort().join()

/** By namespace, those whose rules of iptables-legacy packets meet there. */
function legacyFamilies(snapshot: HostSnapshot): Map<string, Set<LoggedFamily>> {
  const found = new Map<string, Set<LoggedFamily>>()
  for (const { netns, engine, family } of recordsOf(snapshot, 'fwTable')) {
    if (engine !== 'legacy' || (family !== 'ip' && family !== 'ip6')) continue
    const families = found.get(netns) ?? new Set()
    found.set(netns, families.add(family))
  }
  return found
}

/** Undefined when the namespace has just ended. */
function armPlace(netns: Netns, tables: readonly TableSpec[]): Omit<Armed, 'hooks'> | undefined {
  const place = inNetns(netns, (fd) => {
    if (netns.root) return { nsid: -1, tables: makeOwnedTables(null, tables) }
    const nsid = withNetlink(null, NETLINK.ROUTE, (socket) => ensureNsid(socket, fd))
    return { nsid, tables: makeOwnedTables(fd, tables) }
  })
  return place === 'gone' ? undefined : place
}

/** The two counters of each rule that starts the tracing. */
function countsOf(rules: readonly NftRule[]): { meant: number; traced: number } {
  const sum = { meant: 0, traced: 0 }
  for (const { table, chain, expressions } of rules) {
    if (table !== TRACE_TABLE || !chain.startsWith('start-')) continue
    const [meant = 0, traced = 0] = expressions
      .filter(({ name }) => name === 'counter')
      .map(({ attributes }) => Number.parseInt(attributes.find(({ type }) => type === 2)?.hex ?? '0', 16))
    add(sum, { meant, traced })
  }
  return sum
}

function add(sum: { meant: number; traced: number }, more: { meant: number; traced: number }): void {
  sum.meant += more.meant
  sum.traced += more.traced
}
