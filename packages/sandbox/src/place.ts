import { spawn } from 'node:child_process'
import { existsSync, lstatSync, mkdirSync, writeFileSync } from 'node:fs'
import { enterArgv } from './enter.ts'
import { SandboxError } from './errors.ts'
import { childrenOf, marker, namespaceInode, programOf, startTimeOf } from './processes.ts'
import type { PlaceRecord } from './record.ts'
import { must, toolEnvironment } from './run.ts'
import { whyNamespacesAreForbidden } from './userNamespaces.ts'
import { waitUntil } from './waitUntil.ts'

export type PlaceOptions = {
  hostname: string
  stateFolder: string
  rootless: boolean
  /** Without root, every further place is made inside the user namespace of this one, so that links can join them. */
  inUserNamespaceOf?: number
}

/**
 * Makes a namespace set (net, pid, mount, uts) with an init that sleeps and reaps, and mounts in it what belongs to a
 * machine of its own. Killing the init ends everything inside. Throws NAMESPACES_FORBIDDEN with what to do about it.
 */
export async function openPlace(options: PlaceOptions): Promise<PlaceRecord> {
  const initPid = await startInit(options)
  const startTime = startTimeOf(initPid)
  if (startTime === undefined) throw forbidden(options.hostname, 'its first process ended at once')
  await mountOwn(initPid, options)
  await must(enterArgv({ initPid, ...options }, ['hostname', options.hostname]))
  await must(enterArgv({ initPid, ...options }, ['ip', 'link', 'set', 'lo', 'up']))
  return {
    initPid,
    initStartTime: startTime,
    pidNamespaceInode: namespaceInode(initPid, 'pid'),
    netNamespaceInode: namespaceInode(initPid, 'net'),
  }
}

/** A file or folder of the place as it is seen from outside: through /proc, without entering. */
export function pathInside(initPid: number, path: string): string {
  return `/proc/${initPid}/root${path}`
}

/** Writes /etc/hosts and /etc/hostname of a place, over the machine's own files and only in its mount namespace. */
export async function writeNames(place: { initPid: number; rootless: boolean }, hostname: string, hosts: string) {
  for (const [name, text] of [['hosts', hosts] as const, ['hostname', `${hostname}\n`] as const]) {
    writeFileSync(pathInside(place.initPid, `/run/hopscope/${name}`), text)
    await must(enterArgv(place, ['mount', '--bind', `/run/hopscope/${name}`, `/etc/${name}`]))
  }
}

async function startInit(options: PlaceOptions): Promise<number> {
  const outer = options.inUserNamespaceOf
  const join =
    outer === undefined ? [] : ['nsenter', '--target', String(outer), '--user', '--preserve-credentials', '--']
  const user = options.rootless && outer === undefined ? ['--user', '--map-root-user'] : []
  const kinds = [
    '--net',
    '--pid',
    '--mount',
    '--uts',
    '--fork',
    '--kill-child',
    '--propagation',
    'private',
    '--mount-proc',
  ]
  // An ignored SIGCHLD is inherited over exec, and then the kernel itself reaps what ends: a reaping init without code.
  const init = ['env', '--ignore-signal=CHLD', 'sleep', 'infinity']
  const [program = '', ...argv] = [...join, 'unshare', ...user, ...kinds, '--', ...init]
  const env = { ...toolEnvironment(), [marker]: options.stateFolder }
  const holder = spawn(program, argv, { detached: true, stdio: ['ignore', 'ignore', 'pipe'], env })
  let said = ''
  let failure: SandboxError | undefined
  holder.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString('utf8')
  })
  // Once it runs, its end is the sandbox's end, and nobody here waits for that.
  holder.once('error', (cause) => {
    failure = forbidden(options.hostname, cause.message, cause)
  })
  holder.once('close', (code) => {
    failure ??= forbidden(options.hostname, said.trim() || `unshare ended with code ${code}`)
  })
  const outcome = await waitUntil(() => failure ?? runningInit(holder.pid), 10_000)
  holder.stderr.destroy()
  holder.unref()
  if (typeof outcome === 'number') return outcome
  throw outcome ?? forbidden(options.hostname, 'its first process did not start within 10 s')
}

/** The one child of unshare, once it has become "sleep": by then it is in its namespaces, /proc mounted, SIGCHLD ignored. */
function runningInit(holderPid: number | undefined): number | undefined {
  const child = holderPid === undefined ? undefined : childrenOf(holderPid)[0]
  return child !== undefined && programOf(child) === 'sleep' ? child : undefined
}

async function mountOwn(initPid: number, options: PlaceOptions): Promise<void> {
  const mount = (...argv: string[]) => must(enterArgv({ initPid, ...options }, ['mount', ...argv]))
  // A whole /run of its own: named namespaces, the Docker socket, lock files. The machine's own are out of sight.
  await mount('-t', 'tmpfs', '-o', 'mode=755', 'hopscope', '/run')
  for (const folder of ['netns', 'docker', 'lock', 'hopscope', 'hopscope/cgroup']) {
    mkdirSync(pathInside(initPid, `/run/${folder}`), { mode: 0o755 })
  }
  if (!lstatSync('/var/run').isSymbolicLink()) await mount('--rbind', '/run', '/var/run')
  // sysfs shows the network namespace that it was mounted in. Docker needs the cgroups that live under it.
  await mount('--rbind', '/sys/fs/cgroup', '/run/hopscope/cgroup')
  await mount('-t', 'sysfs', 'sysfs', '/sys')
  await mount('--move', '/run/hopscope/cgroup', '/sys/fs/cgroup')
  if (!options.rootless)
    for (const folder of ['etc', 'opt']) if (existsSync(`/${folder}`)) await keepWritesPrivate(initPid, folder)
}

/** dockerd writes a key to /etc/docker and containerd makes /opt/containerd: such writes end in memory, not on the machine. */
async function keepWritesPrivate(initPid: number, folder: string): Promise<void> {
  const layer = `/run/hopscope/${folder}-writes`
  // One by one: below the /proc of a process that has ended, Node's recursive mkdir tries again forever.
  for (const each of [layer, `${layer}/upper`, `${layer}/work`]) mkdirSync(pathInside(initPid, each), { mode: 0o755 })
  const layers = `lowerdir=/${folder},upperdir=${layer}/upper,workdir=${layer}/work`
  await must(
    enterArgv({ initPid, rootless: false }, ['mount', '-t', 'overlay', '-o', layers, 'hopscope', `/${folder}`]),
  )
}

function forbidden(hostname: string, because: string, cause?: unknown): SandboxError {
  const advice = whyNamespacesAreForbidden(because)
  const text = advice === undefined ? because : `${because}. ${advice}`
  return new SandboxError('NAMESPACES_FORBIDDEN', {
    doing: 'make the namespaces of',
    subject: hostname,
    because: text,
    cause,
  })
}
