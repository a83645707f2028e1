import { existsSync, readdirSync, statSync } from 'node:fs'
import { downSandbox } from './down.ts'
import { errnoOf, SandboxError } from './errors.ts'
import { checkName, foldersOf, type SandboxFolders, sandboxesFolder } from './folders.ts'
import { hostOf, placeOf, type SandboxHost, type SandboxPlace } from './host.ts'
import { pathInside } from './place.ts'
import { isAlive } from './processes.ts'
import { type PlaceRecord, readRecord, type SandboxRecord } from './record.ts'

export type Sandbox = {
  readonly name: string
  readonly rootless: boolean
  /** Why there is no Docker in it; null when there is. */
  readonly dockerUnavailable: string | null
  readonly hosts: readonly SandboxHost[]
  /** A machine behind the gateway, for reaching published ports as a stranger does. */
  readonly outside: SandboxPlace & { address: string }
  /** Where the switch is that joins the hosts, and their gateway. */
  readonly fabric: SandboxPlace & { gateway: string }
  host(name: string): SandboxHost
  down(): Promise<void>
}

/** making: at work · abandoned: its maker ended halfway · dead: its processes ended · unreadable: another version's record. */
export type SandboxState = 'up' | 'making' | 'abandoned' | 'dead' | 'unreadable'
export type SandboxSummary = { name: string; state: SandboxState; because?: string; record?: SandboxRecord }

export type SandboxNamespaces = {
  sandbox: string
  /** The host's name; "switch" and "outside" for the two places that are no hosts. */
  host: string
  role: 'host' | 'switch' | 'outside'
  initPid: number
  pidNamespaceInode: number
  netNamespaceInode: number
}

/** A running sandbox by its name. Throws NOT_FOUND; UNREADABLE when it was never finished or its processes ended. */
export async function openSandbox(name: string): Promise<Sandbox> {
  checkName(name)
  const summary = summarise(name)
  if (summary === undefined)
    throw new SandboxError('NOT_FOUND', { doing: 'open', subject: name, because: 'no such sandbox' })
  if (summary.state === 'up' && summary.record) return sandboxOf(summary.record, foldersOf(name))
  const because = `${summary.because ?? `it is ${summary.state}`}; remove it and make it anew`
  throw new SandboxError('UNREADABLE', { doing: 'open', subject: name, because })
}

/** Every sandbox of this run folder, also half-made ones and those whose processes ended, by name. */
export async function listSandboxes(): Promise<SandboxSummary[]> {
  return sandboxNames().flatMap((name) => summarise(name) ?? [])
}

/** The living namespaces of all sandboxes: what an agent leaves out of the map of the machine itself. */
export async function sandboxHostPidNamespaces(): Promise<SandboxNamespaces[]> {
  const records = sandboxNames().flatMap((name) => summarise(name)?.record ?? [])
  return records.flatMap((record) => [
    ...record.hosts.flatMap((host) => namespacesOf(record.name, 'host', host.name, host)),
    ...namespacesOf(record.name, 'switch', 'switch', record.fabric),
    ...namespacesOf(record.name, 'outside', 'outside', record.outside),
  ])
}

/**
 * Inodes of all network namespaces that processes of a sandbox place use, those of its containers among them; empty when
 * the place is gone. Namespaces that no process uses can be seen from inside only.
 */
export function netNamespacesWithin(initPid: number): number[] {
  // Its own /proc lists its own processes, and those of the pid namespaces below.
  const proc = pathInside(initPid, '/proc')
  const inodes = pidsIn(proc).flatMap((pid) => inodeOf(`${proc}/${pid}/ns/net`) ?? [])
  return [...new Set(inodes)]
}

/** Wraps the record of a whole sandbox. */
export function sandboxOf(record: SandboxRecord, folders: SandboxFolders): Sandbox {
  const { name, rootless, dockerUnavailable, fabric, outside } = record
  if (fabric === null || outside === null) {
    throw new SandboxError('UNREADABLE', { doing: 'open', subject: name, because: 'it has no switch' })
  }
  const { state: stateFolder, data: dataFolder, cgroup } = folders
  const context = { stateFolder, dataFolder, cgroup, rootless, dockerUnavailable }
  const hosts = record.hosts.map((host) => hostOf(host, context))
  return {
    name,
    rootless,
    dockerUnavailable,
    hosts,
    outside: { ...placeOf(outside.initPid, rootless), address: outside.address },
    fabric: { ...placeOf(fabric.initPid, rootless), gateway: fabric.gateway },
    host(hostName) {
      const found = hosts.find((host) => host.name === hostName)
      if (found) return found
      throw new SandboxError('NOT_FOUND', { doing: 'find host', subject: hostName, because: `not in sandbox ${name}` })
    },
    down: () => downSandbox(name),
  }
}

function summarise(name: string): SandboxSummary | undefined {
  try {
    const { state } = foldersOf(name)
    const record = readRecord(state)
    if (record === undefined && !existsSync(state)) return undefined
    if (record === undefined) return { name, state: 'abandoned', because: 'its maker ended before it wrote a record' }
    const places = [...record.hosts, record.fabric, record.outside].filter((place) => place !== null)
    const alive = places.every((place) => isAlive({ pid: place.initPid, startTime: place.initStartTime }))
    if (record.state === 'making') {
      if (isAlive(record.maker)) return { name, state: 'making', because: 'it is still being made', record }
      return { name, state: 'abandoned', because: 'its maker ended before it was complete', record }
    }
    return alive ? { name, state: 'up', record } : { name, state: 'dead', because: 'its processes ended', record }
  } catch (error) {
    if (error instanceof SandboxError) return { name, state: 'unreadable', because: error.message }
    throw error
  }
}

function namespacesOf(
  sandbox: string,
  role: SandboxNamespaces['role'],
  host: string,
  place: PlaceRecord | null,
): SandboxNamespaces[] {
  if (place === null || !isAlive({ pid: place.initPid, startTime: place.initStartTime })) return []
  const { initPid, pidNamespaceInode, netNamespaceInode } = place
  return [{ sandbox, host, role, initPid, pidNamespaceInode, netNamespaceInode }]
}

function sandboxNames(): string[] {
  return unlessGone(() => readdirSync(sandboxesFolder()).sort()) ?? []
}

function pidsIn(proc: string): string[] {
  return unlessGone(() => readdirSync(proc).filter((entry) => /^\d+$/.test(entry))) ?? []
}

function inodeOf(path: string): number | undefined {
  return unlessGone(() => statSync(path).ino)
}

function unlessGone<T>(look: () => T): T | undefined {
  try {
    return look()
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes(errnoOf(error) ?? '')) return undefined
    throw error
  }
}
