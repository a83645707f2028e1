import { accessSync, constants, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import manifest from '../package.json' with { type: 'json' }
import { createAccounts } from './auth/accounts.ts'
import { readAgentKey } from './auth/agentKey.ts'
import { createLimits } from './auth/limits.ts'
import { createLinks } from './auth/links.ts'
import { createSessions } from './auth/sessions.ts'
import type { Config } from './config.ts'
import { openDb } from './db/open.ts'
import { createHosts, type HostsListener } from './hosts/hosts.ts'
import { createKnownHosts } from './hosts/known.ts'
import { type Addresses, addressesOf } from './http/addresses.ts'
import { sessionToken } from './http/cookies.ts'
import { createHttpServer } from './http/server.ts'
import { createGate } from './sockets/admission.ts'
import { serveAgents } from './sockets/agents.ts'
import { type Pages, servePages } from './sockets/pages.ts'
import { createSockets } from './sockets/server.ts'
import { StartError } from './startError.ts'

export type Hub = {
  /** Where browsers on this machine find it. */
  url: string
  port: number
  /** A new one-time link that logs in, or sets up the first account. Valid for 30 minutes, once. `publicLink`: the same, by the public origin. */
  link(): Promise<{ link: string; publicLink?: string }>
  /** How many messages of agents were refused because they did not follow the protocol. */
  refusedMessages(): number
  /** Ends expired sessions and notes which hosts are here; called every minute by itself. */
  sweep(): Promise<void>
  /** Stops listening, ends all connections and writes what is left to write. */
  close(): Promise<void>
}

export type HubDependencies = {
  now: () => number
  log: Logger
  /** Bytes that may wait for a page that does not read, before its connection is cut. */
  mostBuffered?: number
}

/** Starts a hub and resolves when it listens. Throws StartError for everything that a person can put right. */
export async function startHub(config: Config, { now, log, mostBuffered }: HubDependencies): Promise<Hub> {
  prepareFolder(config.dataDir)
  const agentKey = readAgentKey(config.dataDir)
  const tls = config.tls && readTls(config.tls)
  const db = await openDb(join(config.dataDir, 'hopscope.db'), config.prismaDir)
  const known = createKnownHosts(db, now, log)
  const sessions = createSessions(db, now)

  // Hosts speak to pages and agents, which are served only after the hosts are there.
  let pages: Pages | undefined
  let resync: HostsListener['resync'] = () => {}
  const hosts = createHosts(
    {
      changed: () => pages?.hostsChanged(),
      snapshot: (message) => pages?.snapshot(message),
      patch: (message) => pages?.patch(message),
      resync(agent, hostId, why) {
        log.info({ agent, hostId, why }, 'a snapshot is asked for')
        resync(agent, hostId, why)
      },
      served(info, again) {
        known.seen(info)
        if (!again) pages?.tellAgent(info.id)
      },
      stale: (info) => known.seen(info),
      gone(hostId) {
        known.forget(hostId)
        pages?.gone(hostId)
      },
    },
    now,
    await known.load(),
  )
  const services = {
    db,
    accounts: createAccounts(db),
    sessions,
    links: createLinks(db, now),
    limits: createLimits(),
    hosts,
    insecureBind: config.insecureBind,
    version: manifest.version,
  }

  let addresses = addressesOf({ ...config, tls: tls !== undefined })
  const app = await createHttpServer({
    services,
    addresses: () => addresses,
    webDir: config.webDir,
    log,
    ...(tls && { tls }),
  })
  const gate = createGate({
    addresses: () => addresses,
    agentKey,
    sessionOf: ({ headers }) =>
      sessions.find(sessionToken(app.parseCookie(headers.cookie ?? ''), addresses.isSecure(headers.host))),
  })
  const sockets = createSockets(app.server, gate)
  resync = (agent, hostId) => sockets.agents.to(agent).emit('resync', { hostId })
  const watch = (hostId: string, topics: Parameters<Parameters<typeof servePages>[0]['watch']>[1]) => {
    const agent = hosts.agentOf(hostId)
    if (agent) sockets.agents.to(agent).emit('watch', { hostId, topics })
  }
  const served = servePages({ pages: sockets.pages, hosts, watch, log, ...(mostBuffered && { mostBuffered }) })
  pages = served
  sessions.onEnd((ids) => served.endSessions(ids))
  const agents = serveAgents({ agents: sockets.agents, hosts, pages: served, agentKey, log })

  const port = await listen(app, config).catch(async (error: unknown) => {
    await sockets.close()
    await db.$disconnect()
    throw error
  })
  addresses = addressesOf({ ...config, port, tls: tls !== undefined })
  const announcement = announce(config.dataDir, addresses)

  async function sweep(): Promise<void> {
    await sessions.sweep(served.sessions())
    for (const { host, status } of hosts.list()) if (status === 'live') known.seen(host)
  }
  const sweeper = setInterval(() => {
    sweep().catch((err: unknown) => log.error({ err }, 'expired sessions could not be ended'))
  }, 60_000)

  return {
    url: addresses.url,
    port,
    async link() {
      const hash = `/#token=${await services.links.issue()}`
      const link = addresses.url + hash
      return config.publicOrigin ? { link, publicLink: config.publicOrigin + hash } : { link }
    },
    refusedMessages: agents.refused,
    sweep,
    async close() {
      clearInterval(sweeper)
      announcement.remove()
      await sockets.close()
      await app.close()
      await known.written()
      await db.$disconnect()
    },
  }
}

function prepareFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    accessSync(folder, constants.W_OK | constants.X_OK)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    const next = 'Make it writable for this user, or set HOPSCOPE_DATA to another folder.'
    throw new StartError('DATA_FOLDER', `The data folder ${folder} cannot be written (${why}). ${next}`, { cause })
  }
}

function readTls({ certFile, keyFile }: { certFile: string; keyFile: string }): { cert: Buffer; key: Buffer } {
  try {
    return { cert: readFileSync(certFile), key: readFileSync(keyFile) }
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new StartError(
      'TLS_FILES',
      `The TLS files cannot be read (${why}). Check HOPSCOPE_TLS_CERT and HOPSCOPE_TLS_KEY.`,
      {
        cause,
      },
    )
  }
}

async function listen(app: FastifyInstance, { host, port }: Config): Promise<number> {
  try {
    await app.listen({ host, port })
  } catch (cause) {
    throw listenError(cause, host, port)
  }
  const address = app.server.address()
  if (typeof address !== 'object' || !address) throw new Error('the hub listens without an address')
  return address.port
}

function listenError(cause: unknown, host: string, port: number): unknown {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  const where = `${host}:${port}`
  if (code === 'EADDRINUSE')
    return new StartError('PORT_IN_USE', `${where} is in use. Stop what listens there, or set HOPSCOPE_PORT.`, {
      cause,
    })
  if (code === 'EACCES')
    return new StartError('CONFIG_WRONG', `This user may not listen at ${where}. Set HOPSCOPE_PORT to 1024 or more.`, {
      cause,
    })
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return new StartError('CONFIG_WRONG', `This machine has no address ${host}. Set HOPSCOPE_HOST to one of its own.`, {
      cause,
    })
  return cause
}

/** Writes hub.json, by which the agent and the command line find the hub that runs on this data folder. */
function announce(dataDir: string, { url }: Addresses): { remove(): void } {
  const file = join(dataDir, 'hub.json')
  writeFileSync(file, `${JSON.stringify({ pid: process.pid, url, version: manifest.version })}\n`, { mode: 0o600 })
  return { remove: () => rmSync(file, { force: true }) }
}
