import { claimFolder } from './claim.ts'
import { dockerSocketOf } from './dockerd.ts'
import { removeLeftovers, sweepSandbox } from './down.ts'
import { SandboxError } from './errors.ts'
import {
  addWireSwitch,
  type FabricPlan,
  hostAddress,
  nicName,
  type Place,
  planFabric,
  plugHost,
  plugWire,
  wireFabric,
} from './fabric.ts'
import { foldersOf, isRoot } from './folders.ts'
import { importBusybox } from './image.ts'
import { dockerOptionsOf, type HostSpec, hostSpecs, type SandboxOptions } from './options.ts'
import { openPlace, writeNames } from './place.ts'
import { startTimeOf } from './processes.ts'
import { type HostRecord, type SandboxRecord, writeRecord } from './record.ts'
import { type Sandbox, sandboxOf } from './sandbox.ts'

/**
 * Makes hosts in namespaces of their own, each with a Docker engine, joined by a switch; the machine itself is not
 * touched. Throws SANDBOX_EXISTS, NAMESPACES_FORBIDDEN, DOCKER_NOT_READY; what was made until then is removed again.
 */
export async function createSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { name } = options
  const specs = hostSpecs(options)
  const folders = foldersOf(name)
  claimFolder(name, folders.state)
  try {
    return await make(options, specs)
  } catch (error) {
    await sweepSandbox(name).catch((left) => {
      throw new SandboxError('NOT_REMOVED', {
        doing: 'make',
        subject: name,
        because: `${error}; then: ${left}`,
        cause: error,
      })
    })
    throw error
  }
}

/** A sandbox without root: links, bridges, routes and rules in a user namespace, no Docker. */
export function rootlessSandbox(options: Omit<SandboxOptions, 'rootless' | 'docker'>): Promise<Sandbox> {
  return createSandbox({ ...options, rootless: true })
}

type Making = {
  record: SandboxRecord
  options: SandboxOptions
  plan: FabricPlan
  fabric: Place
  outside: Place
  save: () => void
}

async function make(options: SandboxOptions, specs: Required<HostSpec>[]): Promise<Sandbox> {
  const folders = foldersOf(options.name)
  const rootless = options.rootless ?? !isRoot()
  const plan = planFabric(options.subnet)
  const record = emptyRecord(options.name, rootless, plan)
  const save = () => writeRecord(folders.state, record)
  save()
  // Of an earlier sandbox of this name, after a reboot took its state folder away.
  await removeLeftovers(options.name)
  const place = { stateFolder: folders.state, rootless }
  options.onProgress?.('making the switch and the outside')
  const fabric = await openPlace({ ...place, hostname: 'switch' })
  record.fabric = { ...fabric, gateway: plan.gateway }
  save()
  const outside = await openPlace({
    ...place,
    hostname: 'outside',
    inUserNamespaceOf: rootless ? fabric.initPid : undefined,
  })
  record.outside = { ...outside, address: plan.outsideAddress }
  save()
  const making = { record, options, plan, save, fabric: { ...fabric, rootless }, outside: { ...outside, rootless } }
  await wireFabric(making)
  for (const wire of options.wires ?? []) await addWireSwitch(making.fabric, `sw-${wire}`)
  const hosts = await allDone(specs.map((spec, index) => makeHost(making, spec, index)))
  record.hosts = hosts
  await nameEverybody(making)
  const sandbox = sandboxOf(record, folders)
  await allDone(sandbox.hosts.map((host) => startEngine(host, options)))
  record.state = 'up'
  save()
  return sandbox
}

async function makeHost(making: Making, spec: Required<HostSpec>, index: number): Promise<HostRecord> {
  const { record, options, plan, save, fabric } = making
  const { rootless } = record
  options.onProgress?.(`making host ${spec.name}`)
  const init = await openPlace({
    hostname: spec.name,
    stateFolder: foldersOf(record.name).state,
    rootless,
    inUserNamespaceOf: rootless ? fabric.initPid : undefined,
  })
  const docker = !rootless && spec.docker !== false
  const host: HostRecord = {
    name: spec.name,
    ...init,
    nic: nicName,
    address: hostAddress(plan, index),
    dockerSocket: docker ? dockerSocketOf(init.initPid) : null,
    dockerOptions: docker ? dockerOptionsOf(spec.docker) : null,
  }
  record.hosts.push(host)
  save()
  const place = { initPid: init.initPid, rootless }
  await plugHost({ ...making, host: place, port: `port${index + 1}`, address: host.address })
  for (const nic of options.wires ?? []) {
    await plugWire({ fabric, host: place, port: `${nic}-${index + 1}`, bridge: `sw-${nic}`, nic })
  }
  return host
}

/** Gives every place the same /etc/hosts, so that the hosts of a sandbox know each other by name. */
async function nameEverybody({ record, fabric, outside, plan }: Making): Promise<void> {
  const lines = [
    '127.0.0.1 localhost',
    '::1 localhost ip6-localhost',
    ...record.hosts.map((host) => `${host.address} ${host.name}`),
    `${plan.gateway} gateway`,
    `${plan.outsideAddress} outside`,
  ]
  const text = `${lines.join('\n')}\n`
  const hosts = record.hosts.map(({ name, initPid }) => writeNames({ initPid, rootless: record.rootless }, name, text))
  await Promise.all([...hosts, writeNames(fabric, 'switch', text), writeNames(outside, 'outside', text)])
}

async function startEngine(host: Sandbox['hosts'][number], { onProgress }: SandboxOptions): Promise<void> {
  if (host.dockerSocket === null) return
  const start = performance.now()
  await host.startDocker()
  await importBusybox(host.dockerSocket)
  onProgress?.(`Docker runs in ${host.name} (${Math.round(performance.now() - start)} ms)`)
}

/** As Promise.all, but fails only when all have ended: nothing may still be at work when a failure is cleaned up. */
async function allDone<T>(promises: Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(promises)
  return Promise.all(promises)
}

function emptyRecord(name: string, rootless: boolean, plan: FabricPlan): SandboxRecord {
  return {
    version: 1,
    name,
    createdAt: new Date().toISOString(),
    state: 'making',
    maker: { pid: process.pid, startTime: startTimeOf(process.pid) ?? '' },
    rootless,
    dockerUnavailable: rootless ? 'a Docker engine needs root; this sandbox was made by an ordinary user' : null,
    dataFolder: foldersOf(name).data,
    prefixLength: plan.prefixLength,
    hosts: [],
    fabric: null,
    outside: null,
  }
}
