import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { cgroupsNamed } from '../src/cgroups.ts'
import { errnoOf } from '../src/errors.ts'
import { foldersOf } from '../src/folders.ts'
import { netNamespacesWithin, sandboxHostPidNamespaces } from '../src/index.ts'
import { isAlive, markedProcesses, type ProcessRef, startTimeOf } from '../src/processes.ts'

/** What no sandbox may ever change: the machine's own addresses, routes, rules, mounts and folders. */
export function machineState() {
  const text = (program: string, ...argv: string[]) => execFileSync(program, argv, { encoding: 'utf8' })
  const mounts = readFileSync('/proc/mounts', 'utf8').trim().split('\n')
  return {
    // Lifetimes of addresses count down by themselves.
    addresses: text('ip', '-j', 'addr').replace(/"(valid|preferred)_life_time":\d+/g, ''),
    routes: text('ip', '-j', 'route', 'show', 'table', 'all').replace(/"expires":\d+/g, ''),
    rules: text('nft', 'list', 'ruleset'),
    // Named namespaces come and go with other programs; ours would have our prefix.
    mounts: mounts.filter((line) => !line.startsWith('nsfs ') || line.includes('t-sbx')),
    forwarding: readFileSync('/proc/sys/net/ipv4/ip_forward', 'utf8'),
    hostname: readFileSync('/proc/sys/kernel/hostname', 'utf8'),
    folders: ['/etc/docker', '/opt/containerd', '/run/docker', '/run/docker.sock', '/var/lib/docker'].filter((path) =>
      existsSync(path),
    ),
  }
}

/** All processes of a running sandbox, those of its containers among them. */
export async function processesOf(name: string): Promise<ProcessRef[]> {
  const places = (await sandboxHostPidNamespaces()).filter((place) => place.sandbox === name)
  const inodes = places.flatMap((place) => [place.netNamespaceInode, ...netNamespacesWithin(place.initPid)])
  const namespaces = new Set(inodes.map((inode) => `net:[${inode}]`))
  const pids = readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && namespaces.has(netNamespaceOf(pid) ?? ''))
  return pids.flatMap((pid) => {
    const startTime = startTimeOf(Number(pid))
    return startTime === undefined ? [] : [{ pid: Number(pid), startTime }]
  })
}

/**
 * Whatever is left of a sandbox: processes that it had or that carry its marker, cgroups, files, mounts. A network
 * namespace lives by its processes and mounts; its inode proves nothing, since the kernel gives it to the next one.
 */
export function leftOf(name: string, processes: readonly ProcessRef[]): string[] {
  const { state, data, cgroup } = foldersOf(name)
  return [
    ...[...markedProcesses(state), ...processes.filter(isAlive)].map(({ pid }) => `process ${pid}`),
    ...cgroupsNamed(cgroup),
    ...[state, data].filter((path) => existsSync(path)),
    ...readFileSync('/proc/mounts', 'utf8')
      .split('\n')
      .filter((line) => line.includes(name)),
  ]
}

function netNamespaceOf(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`)
  } catch (error) {
    // It ended while we looked, or it has rights that we lack, which nothing in a sandbox can have.
    if (['ENOENT', 'ESRCH', 'EACCES'].includes(errnoOf(error) ?? '')) return undefined
    throw error
  }
}
