import { once } from 'node:events'
import { constants } from 'node:os'
import { nearNames } from '@hopscope/model'
import { listSandboxes, openSandbox, type SandboxHost } from '@hopscope/sandbox'
import { CliError, EXIT } from './exit.ts'

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
  const broken = all.find((s) => s.name === name)
  if (!only && broken) {
    const because = broken.because ?? 'it has no hosts'
    throw new CliError(
      EXIT.unavailable,
      `Sandbox "${name}" cannot be used: ${because}. Remove it: hopscope sandbox down ${name}`,
    )
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

/**
 * Runs a program inside a host with our own standard streams; gives its exit code, 128 + N after signal N. Ctrl-C at a
 * terminal reaches the program itself, which decides what it means; any other signal to us ends it.
 */
export async function runInside(host: SandboxHost, { argv, cwd }: RunInside): Promise<number> {
  const child = host.spawn(argv, { stdio: 'inherit', cwd })
  let ended: NodeJS.Signals | undefined
  const end = (signal: NodeJS.Signals) => {
    if (signal === 'SIGINT' && process.stdin.isTTY) return
    ended = signal
    child.kill('SIGKILL')
  }
  for (const signal of ending) process.on(signal, end)
  try {
    const [code, signal]: unknown[] = await once(child, 'close')
    if (typeof code === 'number') return code
    const { signals } = constants
    return 128 + signals[ended ?? (typeof signal === 'string' && isSignal(signal) ? signal : 'SIGKILL')]
  } finally {
    for (const signal of ending) process.off(signal, end)
  }
}

const ending = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
const isSignal = (name: string): name is NodeJS.Signals => name in constants.signals

const hostNames = (found: readonly { host: string }[]): string => found.map((f) => f.host).join(', ')
