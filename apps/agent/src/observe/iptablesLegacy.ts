import { existsSync } from 'node:fs'
import { insideNetns, legacyTableBlob, NetlinkError, type Netns } from '@hopscope/netlink'
import { runInNetns } from '../run.ts'
import type { NetnsEntry, ObserverContext } from './contract.ts'
import { createDirty } from './dirty.ts'
import { emptyPart, type FirewallPart, type FirewallParts } from './firewallParts.ts'
import { createJobs } from './jobs.ts'
import { type LegacyTable, legacyRecords } from './legacyRecords.ts'
import { inNetns, type Namespaces, type NetnsChange } from './namespaces.ts'
import { readProcFile } from './procFile.ts'
import { parseIptablesSave } from './ruleText.ts'
import { createSourceState, failureOfProgram } from './sourceState.ts'
import type { Visits } from './visits.ts'

export type IptablesLegacy = {
  start(): void
  onNamespaces(change: NetnsChange): void
  /** Looks soon whether something changed. */
  poll(): void
  refresh(): void
  pending(): boolean
  /** Looks soon, without a rest, where it is due. */
  drain(): Promise<void>
  close(): void
}

/** x_tables tells nobody when rules change: fingerprints are compared, where there are tables at all. */
const EVERY = 2_000
const AT_ONCE = 2
/** A program that was just started may use its first table a little later. */
const LOOKS_AFTER_START = 2
/** One that runs for long may do so, too. */
const LOOK_ANYWAY_EVERY = 30_000
const NAMES = { ip: 'ip_tables_names', ip6: 'ip6_tables_names' } as const
const SAVE = { ip: 'iptables-legacy-save', ip6: 'ip6tables-legacy-save' } as const

type Options = { context: ObserverContext; namespaces: Namespaces; parts: FirewallParts; visits: Visits }

/** Keeps the rules of iptables-legacy. Programs start only after a fingerprint changed, and only for tables in use. */
export function createIptablesLegacy({ context, namespaces, parts, visits }: Options): IptablesLegacy {
  const sources = createSourceState(context, ['iptablesLegacy'])
  const seen = new Map<string, string>()
  const jobs = createJobs(AT_ONCE, (netns) => context.busy(() => read(netns)))
  const stop: (() => void)[] = []
  /** Everything is read at the start: what is found before need not be marked. */
  let started = false

  /** Which tables there are and what is in them, as one text; undefined when it cannot be known. */
  const fingerprint = (entry: NetnsEntry): { tables: LegacyTable[]; print: string } | undefined => {
    const result = sources.guard(entry.id, 'iptablesLegacy', () =>
      inNetns(entry, (fd) => {
        const netns = entry.root ? null : fd
        const tables = tablesInUse(netns)
        const prints = tables.map((one) => `${one.family} ${one.table} ${printOf(netns, one)}`)
        return { tables, print: prints.join('\n') }
      }),
    )
    return result === 'gone' ? undefined : result
  }

  const hasChanged = (entry: NetnsEntry): boolean => {
    const now = fingerprint(entry)
    return now !== undefined && now.print !== (seen.get(entry.id) ?? '')
  }
  const dirty = createDirty<'rules'>(context.scheduler, (netns) => {
    const entry = namespaces.get(netns)
    if (entry && hasChanged(entry)) jobs.add(netns)
  })

  async function read(netns: string): Promise<void> {
    const entry = namespaces.get(netns)
    const now = entry && fingerprint(entry)
    if (entry === undefined || now === undefined) return
    const part: FirewallPart = { tables: [], chains: [], rules: [] }
    for (const table of now.tables) {
      const result = await runInNetns(entry.path, [SAVE[table.family], '-t', table.table])
      const failure = failureOfSave(result, SAVE[table.family])
      sources.note(netns, 'iptablesLegacy', failure)
      if (result.kind === 'missing' || result.code !== 0) continue
      const records = legacyRecords(netns, table, parseIptablesSave(result.stdout))
      part.tables.push(...records.tables)
      part.chains.push(...records.chains)
      part.rules.push(...records.rules)
    }
    const after = fingerprint(entry)
    if (after === undefined || namespaces.get(netns) === undefined) return
    // The rules changed while they were printed: look again.
    if (after.print !== now.print) return jobs.add(netns)
    seen.set(netns, now.print)
    parts.set(netns, 'legacy', part)
  }

  // The files are in every namespace as soon as the module is loaded, and in none before.
  let loaded = false
  const isLoaded = () => {
    loaded ||= Object.values(NAMES).some((file) => existsSync(`/proc/thread-self/net/${file}`))
    return loaded
  }
  const isWatched = ({ id, root }: NetnsEntry) => root || seen.has(id)
  const looked = new Map<string, { newest: string; left: number; at: number }>()
  /** Mostly a program that was just started makes a table: where there is none, looking costs more than to see that nothing was. */
  const isDue = ({ id }: NetnsEntry): boolean => {
    const before = looked.get(id)
    const newest = namespaces.newestProcess()
    const at = performance.now()
    const left = before?.newest === newest ? before.left : LOOKS_AFTER_START
    if (before !== undefined && left === 0 && at - before.at < LOOK_ANYWAY_EVERY) return false
    looked.set(id, { newest, left: Math.max(0, left - 1), at })
    return true
  }
  const pollWatched = () => {
    if (isLoaded()) for (const entry of namespaces.all()) if (isWatched(entry)) dirty.mark(entry.id, 'rules')
  }
  const poll = () => {
    if (isLoaded()) for (const { id } of namespaces.all()) dirty.mark(id, 'rules')
  }
  return {
    start() {
      started = true
      sources.report()
      poll()
      stop.push(context.scheduler.every(EVERY, pollWatched))
      // A namespace without tables gets its first one rarely. The programs start after the visit, outside of the namespace.
      const visit = (entry: NetnsEntry) => {
        if (isDue(entry) && hasChanged(entry)) context.scheduler.after(0, () => jobs.add(entry.id))
      }
      stop.push(visits.add({ wants: (entry) => loaded && !isWatched(entry), visit }))
    },
    onNamespaces({ added, removed }) {
      for (const netns of removed) {
        seen.delete(netns)
        looked.delete(netns)
        dirty.forget(netns)
        sources.forget(netns)
      }
      if (started) for (const { id } of added) dirty.mark(id, 'rules')
    },
    poll,
    refresh() {
      for (const netns of seen.keys()) parts.set(netns, 'legacy', emptyPart)
      seen.clear()
      poll()
    },
    pending: () => dirty.pending() || jobs.pending(),
    drain: dirty.drain,
    close() {
      for (const act of stop.splice(0)) act()
      dirty.close()
      jobs.close()
    },
  }
}

/** Tables that somebody used in the namespace; asking x_tables for another one would make it. */
function tablesInUse(netns: Netns): LegacyTable[] {
  return insideNetns(netns, () =>
    (['ip', 'ip6'] as const).flatMap((family) =>
      readNames(NAMES[family])
        .sort()
        .map((table) => ({ family, table })),
    ),
  )
}

/** Without the file the kernel lacks x_tables, or nobody loaded it: then there are no rules of it either. */
function readNames(file: string): string[] {
  return readProcFile(`/proc/thread-self/net/${file}`)?.split('\n').filter(Boolean) ?? []
}

function printOf(netns: Netns, { family, table }: LegacyTable): string {
  try {
    return legacyTableBlob(netns, family === 'ip' ? 'inet' : 'inet6', table).fingerprint
  } catch (error) {
    // It went away, or changes right now: another fingerprint than any real one, so it is looked at again.
    if (error instanceof NetlinkError && ['ENOENT', 'EAGAIN', 'EINVAL'].includes(error.code)) return error.code
    throw error
  }
}

function failureOfSave(result: Awaited<ReturnType<typeof runInNetns>>, program: string) {
  if (result.kind === 'missing') {
    const detail = `${program} is not installed, but x_tables holds rules.`
    return { reason: 'NOT_INSTALLED' as const, detail }
  }
  if (result.code === 0) return undefined
  return failureOfProgram(program, result.stderr)
}
