import { once } from 'node:events'
import { constants } from 'node:os'
import { listSandboxes, openSandbox, type SandboxHost } from '@hopscope/sandbox'
import { CliError, EXIT } from './exit.ts'
import { nearNames } from './near.ts'

export type FoundHost = { sandbox: string; rootless: boolean; host: SandboxHost }

/**
 * A sandbox host by its own name (`demo-1`), by `demo/demo-1`, or by its sandbox's name when that has one host only.
 * Throws CliError: unknown (with near names), ambiguous, or not running.
 */
export async function findHost(name: string): Promise<FoundHost> {
  const all = await listSandboxes()
  const known = all.flatMap((s) => (s.record?.hosts ?? []).map((host) => ({ sandbox: s.name, host: host.name })))
  const named = known.filter((k) => k.host === name || `${k.sandbox}/${k.host}` === name)
  const found = named.length > 0 ? named : known.filter((k) => k.sandbox === name)
  const [only] = found
  if (only && found.length === 1) {
    const sandbox = await openSandbox(only.sandbox)
    return { sandbox: only.sandbox, rootless: sandbox.rootless, host: sandbox.host(only.host) }
  }
  if (only) throw new CliError(EXIT.usage, `"${name}" has several hosts; name one: ${hostNames(found)}`)
  throw unknownName('vantage', name, [...known.map((k) => k.host), ...all.map((s) => s.name)])
}

/** The error for a name that nothing has, with the names it may have been meant for. */
export function unknownName(what: string, name: string, names: readonly string[]): CliError {
  const near = nearNames(name, [...new Set(names)])
  const list = [...new Set(names)].join(', ')
  const hint =
    near.length > 0
      ? `Did you mean ${near.map((n) => `"${n}"`).join(' or ')}?`
      : list
        ? `There are: ${list}.`
        : 'There is no sandbox; make one with "hopscope sandbox up demo --demo".'
  return new CliError(EXIT.usage, `There is no ${what} "${name}". ${hint}`)
}

export type RunInside = { argv: readonly string[]; cwd?: string }

/** Runs a program inside a host with our own standard streams; gives its exit code, 128 + N after signal N. */
export async function runInside(host: SandboxHost, { argv, cwd }: RunInside): Promise<number> {
  const child = host.spawn(argv, { stdio: 'inherit', cwd })
  // Ctrl-C reaches the whole foreground group: the program inside decides what it means, and we wait for it.
  const ignore = () => undefined
  const end = () => void child.kill('SIGKILL')
  process.on('SIGINT', ignore).on('SIGTERM', end).on('SIGHUP', end)
  try {
    const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null] // node's own signature
    return code ?? 128 + (signal ? constants.signals[signal] : 0)
  } finally {
    process.off('SIGINT', ignore).off('SIGTERM', end).off('SIGHUP', end)
  }
}

const hostNames = (found: readonly { host: string }[]): string => found.map((f) => f.host).join(', ')
