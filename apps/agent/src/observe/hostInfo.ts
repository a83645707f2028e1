import { createHash } from 'node:crypto'
import { readFileSync, realpathSync } from 'node:fs'
import { hostname, release } from 'node:os'
import { join } from 'node:path'
import { type HostInfo, netnsId } from '@hopscope/model'
import { netnsIdentity, ownNetnsPath } from '@hopscope/netlink'
import { AGENT_VERSION } from '../version.ts'
import { lackingKinds } from './kernelFeatures.ts'
import { errnoOf } from './processes.ts'

/** What looking into all namespaces takes, by the capability's bit. */
const NEEDED: ReadonlyMap<string, bigint> = new Map([
  ['CAP_NET_ADMIN', 12n],
  ['CAP_SYS_PTRACE', 19n],
  ['CAP_SYS_ADMIN', 21n],
  // One socket for the events of all namespaces.
  ['CAP_NET_BROADCAST', 11n],
])

/** Facts on the host that this process runs in. Its id is the same after a restart of the agent or of the machine. */
export function readHostInfo(vantage: HostInfo['vantage']): HostInfo {
  const name = hostname()
  const machine = readText('/etc/machine-id') ?? readText('/var/lib/dbus/machine-id') ?? name
  const id = createHash('sha256').update(`hopscope ${machine}`).digest('hex').slice(0, 16)
  const lacks = lackingKinds(release())
  return {
    id: vantage.kind === 'host' ? id : `${id}-${vantage.sandbox}-${name}`,
    name,
    vantage,
    kernel: release(),
    bootId: readText('/proc/sys/kernel/random/boot_id') ?? 'unknown',
    os: prettyName(readText('/etc/os-release') ?? ''),
    rootNetns: netnsId(netnsIdentity(ownNetnsPath).inode),
    agentVersion: AGENT_VERSION,
    ...iptablesOf(['/usr/sbin', '/sbin', '/usr/local/sbin']),
    privileged: hasCapabilities(readText('/proc/self/status') ?? ''),
    ...(lacks.length > 0 && { lacks }),
  }
}

/** Which back end "iptables" in one of these folders is: all its names lead to one program for each back end. */
export function iptablesOf(folders: readonly string[]): Pick<HostInfo, 'iptables'> {
  for (const folder of folders) {
    const program = realPath(join(folder, 'iptables'))
    if (program !== undefined) return { iptables: /nft/.test(program) ? 'nft' : 'legacy' }
  }
  return {}
}

/** PRETTY_NAME of an os-release file. */
export function prettyName(osRelease: string): string | undefined {
  return /^PRETTY_NAME="?(.*?)"?$/m.exec(osRelease)?.[1]
}

/** Whether a process may look into, and enter, other network namespaces, by its /proc/PID/status. */
export const hasCapabilities = (status: string): boolean => lackingCapabilities(status).length === 0

/** What this process lacks to see everything, by name. */
export const ownLackingCapabilities = (): string[] => lackingCapabilities(readText('/proc/self/status') ?? '')

function lackingCapabilities(status: string): string[] {
  const bits = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`)
  return [...NEEDED].flatMap(([name, bit]) => ((bits >> bit) & 1n ? [] : [name]))
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path)
  } catch (error) {
    if (['ENOENT', 'EACCES', 'ENOTDIR'].includes(errnoOf(error) ?? '')) return undefined
    throw error
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim() || undefined
  } catch (error) {
    if (['ENOENT', 'EACCES'].includes(errnoOf(error) ?? '')) return undefined
    throw error
  }
}
