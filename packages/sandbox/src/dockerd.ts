import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { dockerRequest } from './dockerApi.ts'
import { enterArgv } from './enter.ts'
import { errnoOf, SandboxError } from './errors.ts'
import { pathInside } from './place.ts'
import { marker } from './processes.ts'
import { must, toolEnvironment } from './run.ts'
import { waitUntil } from './waitUntil.ts'

/** Keys and values of daemon.json, such as { icc: false, bip: '10.9.0.1/24', bridge: 'br0' }. */
export type DockerOptions = Record<string, Json>
type Json = string | number | boolean | null | Json[] | { [key: string]: Json }

export type EngineHome = {
  name: string
  initPid: number
  rootless: boolean
  stateFolder: string
  /** Holds this host's data root and log. */
  dataFolder: string
  cgroup: string
}

/** The engine's socket as it is reached from outside of the host. */
export function dockerSocketOf(initPid: number): string {
  return pathInside(initPid, '/run/docker.sock')
}

/** Starts dockerd in a host and returns when its API answers. Throws DOCKER_NOT_READY with the end of its log. */
export async function startDockerd(home: EngineHome, options: DockerOptions = {}): Promise<void> {
  mkdirSync(home.dataFolder, { recursive: true, mode: 0o711 })
  writeFileSync(pathInside(home.initPid, configPath), JSON.stringify({ ...ownOptions(home), ...options }, null, 2))
  const logPath = join(home.dataFolder, 'dockerd.log')
  const log = openSync(logPath, 'a')
  const [program = '', ...argv] = enterArgv(home, ['dockerd', `--config-file=${configPath}`])
  const env = { ...toolEnvironment(), [marker]: home.stateFolder }
  const engine = spawn(program, argv, { detached: true, stdio: ['ignore', log, log], env })
  closeSync(log)
  engine.unref()
  let ended: string | undefined
  engine.once('error', (error) => {
    ended = error.message
  })
  engine.once('exit', (code, signal) => {
    ended = `dockerd ended (${signal ?? `code ${code}`})`
  })
  const outcome = await waitUntil(async () => ended ?? (await answers(dockerSocketOf(home.initPid))), 60_000)
  if (outcome === true) return
  const because = `${outcome ?? 'no answer within 60 s'}\n${readFileSync(logPath, 'utf8').slice(-1500)}`
  throw new SandboxError('DOCKER_NOT_READY', { doing: 'start Docker in', subject: home.name, because })
}

/** Ends dockerd, by TERM with its containers or by KILL without a word; returns when it is gone. True if there was one. */
export async function stopDockerd(home: EngineHome, signal: 'TERM' | 'KILL'): Promise<boolean> {
  const pid = dockerdPid(home.initPid)
  if (pid === undefined) return false
  await must(enterArgv(home, ['kill', `-${signal}`, String(pid)]))
  const gone = await waitUntil(() => (isRunning(home.initPid, pid) ? undefined : true), 60_000)
  if (gone) return true
  throw new SandboxError('NOT_REMOVED', {
    doing: 'stop Docker in',
    subject: home.name,
    because: `process ${pid} stays`,
  })
}

const configPath = '/run/hopscope/daemon.json'

/** Explicit for all that would otherwise come from the machine's own /etc/docker/daemon.json or lie in its folders. */
function ownOptions(home: EngineHome): DockerOptions {
  return {
    'data-root': join(home.dataFolder, 'docker'),
    hosts: ['unix:///var/run/docker.sock'],
    'cgroup-parent': `/${home.cgroup}`,
    'exec-opts': ['native.cgroupdriver=cgroupfs'],
    'shutdown-timeout': 2,
  }
}

async function answers(socket: string): Promise<true | undefined> {
  try {
    return (await dockerRequest({ socket, method: 'GET', path: '/_ping' })).status === 200 ? true : undefined
  } catch (error) {
    // Not yet there, or there and not yet (or no longer) listened to.
    if (['ENOENT', 'ECONNREFUSED', 'ECONNRESET'].includes(errnoOf(error) ?? '')) return undefined
    throw error
  }
}

/** dockerd's number inside the host's pid namespace. */
function dockerdPid(initPid: number): number | undefined {
  try {
    const pid = Number(readFileSync(pathInside(initPid, '/run/docker.pid'), 'utf8'))
    return isRunning(initPid, pid) ? pid : undefined
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  }
}

function isRunning(initPid: number, pid: number): boolean {
  try {
    return readFileSync(pathInside(initPid, `/proc/${pid}/comm`), 'utf8').trim() === 'dockerd'
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes(errnoOf(error) ?? '')) return false
    throw error
  }
}
