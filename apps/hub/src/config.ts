import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { StartError } from './startError.ts'

// Both src/ and the bundle's dist/ lie right below the package.
const packageRoot = fileURLToPath(new URL('..', import.meta.url))

const origin = z
  .string()
  .refine((s) => URL.canParse(s) && new URL(s).origin === s && /^https?:/.test(s), 'must look like https://name:port')

const environment = z.object({
  HOPSCOPE_PORT: z.coerce.number().int().min(0).max(65535).default(7117),
  HOPSCOPE_HOST: z.string().min(1).default('127.0.0.1'),
  HOPSCOPE_DATA: z.string().min(1),
  HOPSCOPE_TLS_CERT: z.string().min(1).optional(),
  HOPSCOPE_TLS_KEY: z.string().min(1).optional(),
  HOPSCOPE_INSECURE_BIND: z.enum(['0', '1']).default('0'),
  HOPSCOPE_PUBLIC_ORIGIN: origin.optional(),
  HOPSCOPE_WEB_DIR: z
    .string()
    .min(1)
    .default(fileURLToPath(new URL('../web/out', new URL('..', import.meta.url)))),
  HOPSCOPE_LOG_FILE: z.string().min(1).optional(),
  HOPSCOPE_LOG: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
})

export type Config = {
  port: number
  /** The address to listen on. */
  host: string
  /** Folder of the database, the agents' key and hub.json. */
  dataDir: string
  tls?: { certFile: string; keyFile: string }
  /** Listening beyond this machine without TLS: the page shows a permanent banner. */
  insecureBind: boolean
  publicOrigin?: string
  webDir: string
  prismaDir: string
  logLevel: string
  /** Where log lines go; standard error when left out. */
  logFile?: string
}

export const HELP = `Usage: node apps/hub/dist/hub.mjs [audit [--json]]

The hub keeps the latest state of each host and serves it to browsers. "audit" says whether the record of who changed what is as it
was written, also while the hub runs; with --json it prints its lines. Settings, all from the environment:
  HOPSCOPE_DATA           folder of the database and the keys (required)
  HOPSCOPE_PORT           port to listen on (7117)
  HOPSCOPE_HOST           address to listen on (127.0.0.1)
  HOPSCOPE_TLS_CERT       certificate chain, a PEM file
  HOPSCOPE_TLS_KEY        its private key, a PEM file
  HOPSCOPE_INSECURE_BIND  1: listen beyond this machine without TLS
  HOPSCOPE_PUBLIC_ORIGIN  one more origin that browsers may use, such as https://net.example.org
  HOPSCOPE_WEB_DIR        folder of the exported page
  HOPSCOPE_LOG            trace, debug, info, warn, error, fatal or silent (info)
  HOPSCOPE_LOG_FILE       file for log lines instead of standard error; SIGHUP opens it anew

Exit codes: 0 stopped · 1 unexpected error · 2 a setting is wrong · 3 the port is in use ·
4 the data folder cannot be written · 5 the database cannot be used · 6 the TLS files cannot be used ·
7 the audit is not what was written
`

/** Settings from the environment. Throws StartError CONFIG_WRONG naming the variable and what it should be. */
export function readConfig(env: Record<string, string | undefined>): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
  const parsed = environment.safeParse(given)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw wrong(`${issue?.path.join('.')} is wrong: ${issue?.message}. Set it or unset it; see --help.`)
  }
  const e = parsed.data
  if (!e.HOPSCOPE_TLS_CERT !== !e.HOPSCOPE_TLS_KEY)
    throw wrong('HOPSCOPE_TLS_CERT and HOPSCOPE_TLS_KEY belong together. Set both, or neither.')
  const tls =
    e.HOPSCOPE_TLS_CERT && e.HOPSCOPE_TLS_KEY
      ? { certFile: e.HOPSCOPE_TLS_CERT, keyFile: e.HOPSCOPE_TLS_KEY }
      : undefined
  const exposed = !tls && !isLoopback(e.HOPSCOPE_HOST)
  if (exposed && e.HOPSCOPE_INSECURE_BIND !== '1')
    throw wrong(
      `HOPSCOPE_HOST=${e.HOPSCOPE_HOST} listens beyond this machine without encryption. Set HOPSCOPE_TLS_CERT and ` +
        'HOPSCOPE_TLS_KEY, or HOPSCOPE_INSECURE_BIND=1 if the network is trusted.',
    )
  return {
    port: e.HOPSCOPE_PORT,
    host: e.HOPSCOPE_HOST,
    dataDir: e.HOPSCOPE_DATA,
    ...(tls && { tls }),
    insecureBind: exposed,
    ...(e.HOPSCOPE_PUBLIC_ORIGIN && { publicOrigin: e.HOPSCOPE_PUBLIC_ORIGIN }),
    webDir: e.HOPSCOPE_WEB_DIR,
    prismaDir: `${packageRoot}../../prisma`,
    logLevel: e.HOPSCOPE_LOG,
    ...(e.HOPSCOPE_LOG_FILE && { logFile: e.HOPSCOPE_LOG_FILE }),
  }
}

const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)

const wrong = (message: string): StartError => new StartError('CONFIG_WRONG', message)
