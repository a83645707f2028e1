import { readFileSync, statSync } from 'node:fs'
import { z } from 'zod'
import { errnoOf } from '../processes.ts'
import { type Process, processesNamed } from './processes.ts'

/** Switches of dockerd that its API does not tell; absent when nobody can know. */
export type DaemonSettings = { userlandProxy?: boolean; iptables?: boolean }

type Lookup = { root: string; socket: string; isOurs: (pid: number) => boolean }

/** The dockerd that serves the host, when exactly one can be it. Same as `pgrep -a dockerd`. */
export function findDockerd({ root, socket, isOurs }: Lookup): Process | undefined {
  const all = processesNamed(root, 'dockerd').filter(({ pid }) => isOurs(pid))
  if (all.length === 1) return all[0]
  const named = all.filter(({ argv }) => argv.some((word) => word.endsWith(`unix://${socket}`)))
  return named.length === 1 ? named[0] : undefined
}

/** What dockerd was started with, from its arguments and its configuration file. */
export function daemonSettings(root: string, dockerd: Process | undefined): DaemonSettings {
  if (!dockerd) return {}
  const file = readConfig(root, dockerd)
  if (!file) return {}
  return {
    userlandProxy: switchOf(dockerd, 'userland-proxy') ?? file['userland-proxy'] ?? true,
    iptables: switchOf(dockerd, 'iptables') ?? file.iptables ?? true,
  }
}

const configShape = z.object({ 'userland-proxy': z.boolean().optional(), iptables: z.boolean().optional() })

/** The configuration; empty without a file, undefined when it may differ from what dockerd read at its start. */
function readConfig(root: string, dockerd: Process): z.infer<typeof configShape> | undefined {
  const path = `${root}${flagValue(dockerd, 'config-file') ?? '/etc/docker/daemon.json'}`
  try {
    if (statSync(path).mtimeMs > startedAt(root, dockerd.pid) + 1_000) return undefined
    const parsed = configShape.safeParse(JSON.parse(readFileSync(path, 'utf8')))
    return parsed.success ? parsed.data : undefined
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return {}
    if (error instanceof SyntaxError || ['EACCES', 'ESRCH'].includes(errnoOf(error) ?? '')) return undefined
    throw error
  }
}

/** Milliseconds since the epoch at which a process started, to a hundredth of a second. */
function startedAt(root: string, pid: number): number {
  // The program's name stands in parentheses and may hold anything; field 22 counts from behind it.
  const stat = readFileSync(`${root}/proc/${pid}/stat`, 'utf8')
  const ticks = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19])
  const boot = /^btime (\d+)$/m.exec(readFileSync(`${root}/proc/stat`, 'utf8'))?.[1]
  return Number(boot) * 1000 + ticks * 10
}

function flagValue({ argv }: Process, name: string): string | undefined {
  const at = argv.findIndex((word) => word === `--${name}` || word.startsWith(`--${name}=`))
  if (at < 0) return undefined
  return argv[at]?.split('=').slice(1).join('=') || argv[at + 1]
}

function switchOf({ argv }: Process, name: string): boolean | undefined {
  const word = argv.findLast((w) => w === `--${name}` || w.startsWith(`--${name}=`))
  return word === undefined ? undefined : !/=(false|0|f)$/i.test(word)
}
