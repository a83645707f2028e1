import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { MARK_EVERY } from '@hopscope/protocol'
import type { Logger } from 'pino'
import manifest from '../package.json' with { type: 'json' }
import type { Services } from './api/trpc.ts'
import { createAudit } from './audit/audit.ts'
import { auditChanges } from './audit/auditedChanges.ts'
import { createAccounts } from './auth/accounts.ts'
import { readAgentKey, readMetricsToken } from './auth/agentKey.ts'
import { coalesced } from './auth/coalesced.ts'
import { createLimits } from './auth/limits.ts'
import { createLinks } from './auth/links.ts'
import { createSessions } from './auth/sessions.ts'
import type { Config } from './config.ts'
import { announce, prepareFolder } from './dataFolder.ts'
import { DB_NAME, databaseError, isDatabaseFault } from './db/explain.ts'
import { type Db, openDb } from './db/open.ts'
import { createHosts, type Hosts } from './hosts/hosts.ts'
import { createKnownHosts } from './hosts/known.ts'
import { compileRecordSchemas } from './hosts/recognise.ts'
import { addressesOf } from './http/addresses.ts'
import { sessionToken } from './http/cookies.ts'
import { listen, readTls } from './http/listen.ts'
import { createHttpServer } from './http/server.ts'
import type { Counts } from './metrics/counts.ts'
import { createMetrics } from './metrics/metrics.ts'
import { createGate } from './sockets/admission.ts'
import { serveAgents } from './sockets/agents.ts'
import { type Changes, createChanges } from './sockets/changes.ts'
import { type PageLimits, type PageStats, servePages } from './sockets/pages.ts'
import { createSockets } from './sockets/server.ts'
import { createTracings, type TracingReach } from './sockets/tracings.ts'

export type Hub = {
  /** Where browsers on this machine find it. */
  url: string
  port: number
  /** A new one-time link that logs in, or sets up the first account. Valid for 30 minutes, once. `publicLink`: the same, by the public origin. */
  link(): Promise<{ link: string; publicLink?: string }>
  /** How many messages of agents were refused because they did not follow the protocol. */
  refusedMessages(): number
  /** How many hosts have a state. */
  hosts(): number
  pages(): PageStats
  /** Ends expired sessions and notes which hosts are here; called every minute by itself. */
  sweep(): Promise<void>
  /** Stops listening, ends all connections and writes what is left to write. */
  close(): Promise<void>
}

export type HubDependencies = {
  now: () => number
  log: Logger
  pageLimits?: PageLimits
  /** Milliseconds between marks to the pages. */
  markEvery?: number
}

/** Starts a hub and resolves when it listens. Throws StartError for everything that a person can put right. */
export async function startHub(config: Config, dependencies: HubDependencies): Promise<Hub> {
  const { now, log, pageLimits, markEvery = MARK_EVERY } = dependencies
  compileRecordSchemas()
  prepareFolder(config.dataDir)
  const agentKey = readAgentKey(config.dataDir)
  const metricsToken = readMetricsToken(config.dataDir)
  const tls = config.tls && readTls(config.tls)
  const dbFile = join(config.dataDir, DB_NAME)
  const failed = (error: unknown): never => {
    throw databaseError(dbFile, error)
  }
  const db = await openDb(dbFile, config.prismaDir, log)
  const known = createKnownHosts(db, now, log)
  const hosts = createHosts(now, await known.load().catch(failed))
  known.follow(hosts)
  const metrics = createMetrics()
  const { counts } = metrics
  // Agents connect once we listen, and nobody asks before.
  const changes = createChanges({
    hosts,
    findAgent: (agent) => sockets.agents.sockets.get(agent),
    findPages: () => sockets.pages.sockets.values(),
    tellPages: (progress) => pages.progress(progress),
    log,
  })
  const reach: TracingReach = {
    findAgent: (agent) => sockets.agents.sockets.get(agent),
    sessionOf: (page) => sockets.pages.sockets.get(page)?.data.session,
    offer: (page, message) => pages.stories(page, message),
    tell: (page, message) => pages.traced(page, message),
  }
  const services = createServices({ config, db, hosts, changes, reach, now, log, counts })
  const { sessions, tracings } = services

  // The port is known once we listen, and nobody asks before.
  let addresses = addressesOf({ ...config, tls: tls !== undefined })
  const app = await createHttpServer({
    services,
    addresses: () => addresses,
    webDir: config.webDir,
    log,
    metricsToken,
    readMetrics: metrics.read,
    ...(tls && { tls }),
  })
  const findSession = coalesced((token: string | undefined) => sessions.find(token))
  const sessionOf = ({ headers }: IncomingMessage) =>
    findSession(sessionToken(app.parseCookie(headers.cookie ?? ''), addresses.isSecure(headers.host)))
  const gate = createGate({ addresses: () => addresses, agentKey, sessionOf })
  const sockets = createSockets({ server: app.server, gate, counts, log })
  const pages = servePages({ sockets, hosts, counts, log, ...pageLimits })
  sessions.onEnd((ids) => pages.endSessions(ids))
  const agents = serveAgents({
    sockets,
    hosts,
    pages,
    progressed(progress) {
      changes.progress(progress)
      pages.progress(progress)
    },
    tracings,
    agentKey,
    counts,
    log,
  })
  sockets.pages.on('connection', (page) => page.on('disconnect', () => tracings.left(page.id)))
  metrics.follow({ hosts, sockets, server: app.server, tracings: tracings.open })

  async function stop(): Promise<void> {
    const closed = sockets.close()
    // A request that never ends would keep the server from closing.
    app.server.closeAllConnections()
    await closed
    pages.close()
    await app.close()
    await known.written()
    await db.$disconnect()
  }
  async function appear(): Promise<{ port: number; announcement: { remove(): void } }> {
    const port = await listen(app, config)
    addresses = addressesOf({ ...config, port, tls: tls !== undefined })
    return { port, announcement: announce(config.dataDir, { url: addresses.url, version: manifest.version }) }
  }
  const { port, announcement } = await appear().catch(async (error: unknown) => {
    await stop()
    throw error
  })

  async function sweep(): Promise<void> {
    await sessions.sweep(pages.sessions())
    for (const { host, status } of hosts.list()) if (status === 'live') known.seen(host)
  }
  const sweeper = setInterval(() => {
    sweep().catch((err: unknown) => {
      if (!isDatabaseFault(err)) log.error({ err }, 'expired sessions could not be ended')
    })
  }, SWEEP_EVERY)

  const marker = setInterval(pages.mark, markEvery)
  const watcher = setInterval(agents.watch, WATCH_EVERY)

  return {
    url: addresses.url,
    port,
    async link() {
      const hash = `/#token=${await services.links.issue().catch(failed)}`
      const link = addresses.url + hash
      return config.publicOrigin ? { link, publicLink: config.publicOrigin + hash } : { link }
    },
    refusedMessages: agents.refused,
    hosts: () => hosts.list().filter(({ version }) => version.revision > 0).length,
    pages: pages.stats,
    sweep,
    async close() {
      for (const timer of [sweeper, marker, watcher]) clearInterval(timer)
      metrics.close()
      announcement.remove()
      await stop()
    },
  }
}

const SWEEP_EVERY = 60_000
const WATCH_EVERY = 2_500

type Parts = {
  log: Logger
  config: Config
  db: Db
  hosts: Hosts
  changes: Changes
  reach: TracingReach
  counts: Counts
  now: () => number
}

function createServices(o: Parts): Services {
  const audit = createAudit(o.db, o.now, o.log)
  const audited = auditChanges({ ...o, audit })
  return {
    db: o.db,
    accounts: createAccounts(o.db),
    sessions: createSessions(o.db, o.now, (err) => {
      if (!isDatabaseFault(err)) o.log.error({ err }, 'the use of a session could not be noted')
    }),
    links: createLinks(o.db, o.now),
    limits: createLimits(),
    hosts: o.hosts,
    changes: o.changes,
    audit,
    audited,
    tracings: createTracings({ ...o, ...o.reach, audited }),
    counts: o.counts,
    insecureBind: o.config.insecureBind,
    version: manifest.version,
  }
}
