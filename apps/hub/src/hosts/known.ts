import { type HostInfo, hostInfoSchema } from '@hopscope/model'
import type { Logger } from 'pino'
import { isDatabaseFault } from '../db/explain.ts'
import type { Db } from '../db/open.ts'
import type { Hosts, KnownHost } from './hosts.ts'

/** The hosts that were ever seen and not forgotten, in the database. */
export type KnownHosts = {
  load(): Promise<KnownHost[]>
  /** Notes from now on which of these hosts come, go and are forgotten. */
  follow(hosts: Hosts): void
  /** Notes that the host was seen just now. */
  seen(info: HostInfo): void
  /** Waits until everything noted is written. */
  written(): Promise<void>
}

export function createKnownHosts(db: Db, now: () => number, log: Logger): KnownHosts {
  let last: Promise<unknown> = Promise.resolve()
  // One write after the other, so that "forget" is not overtaken by "seen". A failed one is no reason to stop streaming.
  const write = (work: () => Promise<unknown>) => {
    last = last.then(work).catch((err: unknown) => {
      if (!isDatabaseFault(err)) log.error({ err }, 'a host could not be written to the database')
    })
  }
  function seen(info: HostInfo): void {
    const at = new Date(now())
    const facts = { name: info.name, vantage: info.vantage.kind, info: JSON.stringify(info), lastSeen: at }
    write(() =>
      db.host.upsert({ where: { id: info.id }, update: facts, create: { id: info.id, firstSeen: at, ...facts } }),
    )
  }

  return {
    async load() {
      const rows = await db.host.findMany({ orderBy: { firstSeen: 'asc' } })
      const known: KnownHost[] = []
      for (const row of rows) {
        const info = hostInfoSchema.safeParse(readJson(row.info))
        // Written by a hub of another version: the agent will tell it anew.
        if (info.success) known.push({ info: info.data, lastSeen: row.lastSeen.getTime() })
        else log.warn({ host: row.id }, 'what the database holds of a host is not understood; waiting for its agent')
      }
      return known
    },
    seen,
    follow({ events }) {
      events.on('served', seen)
      events.on('stale', seen)
      events.on('gone', (hostId) => write(() => db.host.deleteMany({ where: { id: hostId } })))
    },
    async written() {
      await last
    },
  }
}

/** Undefined for what is no JSON: as little understood as what is of another shape. */
function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
