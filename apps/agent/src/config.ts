import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { errnoOf } from './observe/processes.ts'

/** Everything that comes from the environment; no other file reads it. */
export type AgentConfig = {
  /** Where the hub is; looked up anew at every connection, because the hub may be started after the agent, elsewhere. */
  findHub: () => string
  /** The per-install key; read anew at every connection, because the hub may make it after the agent started. */
  readKey: () => string | undefined
  /** Where the key is looked for, for messages. */
  keyPlace: string
  dockerSocket: string
  /** Port on 127.0.0.1 at which the figures are told; none unless asked for. */
  metricsPort?: number
  /** Where the journal of changes is kept, a folder for each host. */
  changesFolder: string
  /** Root's word on what others may change on this host. */
  policyFile: string
  logLevel: string
  /** Where log lines go; standard error when left out. */
  logFile?: string
}

const environment = z.object({
  HOPSCOPE_HUB_URL: z.url({ protocol: /^https?$/ }).optional(),
  HOPSCOPE_PORT: z.coerce.number().int().min(1).max(65_535).default(7117),
  HOPSCOPE_AGENT_KEY: z.string().min(1).optional(),
  HOPSCOPE_AGENT_KEY_FILE: z.string().min(1).optional(),
  HOPSCOPE_DATA: z.string().min(1).optional(),
  HOPSCOPE_CHANGES: z.string().min(1).optional(),
  HOPSCOPE_METRICS_PORT: z.coerce.number().int().min(0).max(65_535).optional(),
  HOPSCOPE_LOG_FILE: z.string().min(1).optional(),
  HOPSCOPE_LOG: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  DOCKER_HOST: z.string().optional(),
  XDG_DATA_HOME: z.string().min(1).optional(),
})

/** Reads the settings; throws ZodError naming the variable that is wrong. */
export function readConfig(env: Record<string, string | undefined> = process.env): AgentConfig {
  const e = environment.parse(env)
  const own = join(e.XDG_DATA_HOME ?? join(homedir(), '.local/share'), 'hopscope')
  const folder = e.HOPSCOPE_DATA ?? own
  const keyFile = e.HOPSCOPE_AGENT_KEY_FILE ?? join(folder, 'agent.key')
  return {
    findHub: () =>
      e.HOPSCOPE_HUB_URL ?? announcedUrl(join(folder, 'hub.json')) ?? `http://127.0.0.1:${e.HOPSCOPE_PORT}`,
    readKey: () => e.HOPSCOPE_AGENT_KEY ?? readIfThere(keyFile),
    keyPlace: e.HOPSCOPE_AGENT_KEY ? 'HOPSCOPE_AGENT_KEY' : keyFile,
    dockerSocket: e.DOCKER_HOST?.startsWith('unix://') ? e.DOCKER_HOST.slice('unix://'.length) : '/run/docker.sock',
    ...(e.HOPSCOPE_METRICS_PORT !== undefined && { metricsPort: e.HOPSCOPE_METRICS_PORT }),
    // The agent and the command line must agree on it. Never a folder of the hub's: what it says is done as root.
    changesFolder:
      e.HOPSCOPE_CHANGES ?? (process.getuid?.() === 0 ? '/var/lib/hopscope-agent/changes' : join(own, 'changes')),
    policyFile: '/etc/hopscope/policy.json',
    logLevel: e.HOPSCOPE_LOG,
    ...(e.HOPSCOPE_LOG_FILE && { logFile: e.HOPSCOPE_LOG_FILE }),
  }
}

const announcement = z.looseObject({ url: z.url({ protocol: /^https?$/ }) })

/** What a running hub says of itself; undefined while none runs on this data folder. */
function announcedUrl(path: string): string | undefined {
  const text = readIfThere(path)
  // A hub that is just starting has made the file and not yet written it.
  return text ? announcement.parse(JSON.parse(text)).url : undefined
}

/** Undefined while the hub has not made it. */
function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim() || undefined
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  }
}
