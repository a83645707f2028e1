import { type Container, type DockerEngine, type HostSnapshot, recordsOf } from '@hopscope/model'
import type { Command, CommandOf } from '@hopscope/protocol'
import { ownPortsIn } from '@hopscope/topology'
import { type Act, type Phrase, type Plan, Refused } from '../plan.ts'
import { type Planners, phrase, requireChange, single } from './context.ts'
import {
  confirmOf,
  DOCKER_LABEL,
  docker,
  expectContainer,
  findContainer,
  findNetwork,
  requireDocker,
} from './docker.ts'
import { requireFreeAddress, requireOwnNetwork } from './networks.ts'
import { bindingsOf } from './publish.ts'

type Names = 'container.create' | 'container.start' | 'container.stop' | 'container.restart' | 'container.remove'

export const containerPlanners: Planners<Names> = {
  'container.create'(command, snapshot) {
    requireDocker(snapshot)
    const { name, image } = command
    if (recordsOf(snapshot, 'container').some((one) => one.name === name))
      throw new Refused('CONTAINER_TAKEN', { container: name }, 'name')
    requireImage(snapshot, image)
    requireNetwork(snapshot, command)
    requireLinked(snapshot, command.links ?? [])
    requireFreePorts(snapshot, command.publish ?? [])
    const each = (flag: string, values: readonly string[] | undefined) =>
      (values ?? []).flatMap((value) => [flag, value])
    const one = (flag: string, value: string | undefined) => (value === undefined ? [] : [flag, value])
    const words = [
      ...['run', '--detach', '--pull', 'never', ...DOCKER_LABEL, '--name', name],
      ...one('--network', command.network === 'bridge' ? undefined : command.network),
      ...one(command.address?.includes(':') ? '--ip6' : '--ip', command.address),
      ...one('--mac-address', command.mac),
      ...one('--hostname', command.hostname),
      ...each('--publish', command.publish),
      ...(command.publishAll ? ['--publish-all'] : []),
      ...each('--link', command.links),
      ...each('--dns', command.dns),
      ...each('--dns-search', command.dnsSearch),
      ...each('--add-host', command.extraHosts),
      ...one('--restart', command.restart),
      ...[image, ...(command.command ?? [])],
    ]
    const title = phrase('container.create', { container: name, image })
    const undo = [docker(snapshot, 'rm', '--force', '--volumes', name)]
    return single({ command, title, act: docker(snapshot, ...words), undo, snapshot })
  },
  'container.start'(command, snapshot) {
    const container = findContainer(snapshot, command.container)
    requireChange(!isRunning(container))
    return onContainer(snapshot, container, {
      command,
      title: phrase('container.start', { container: container.name }),
      act: docker(snapshot, 'start', container.name),
      undo: [docker(snapshot, 'stop', container.name)],
    })
  },
  'container.stop'(command, snapshot) {
    const container = findContainer(snapshot, command.container)
    requireChange(isRunning(container))
    return onContainer(snapshot, container, {
      command,
      title: phrase('container.stop', { container: container.name }),
      act: docker(snapshot, 'stop', container.name),
      undo: [docker(snapshot, 'start', container.name)],
      lost: [phrase('lost.running', { container: container.name })],
    })
  },
  'container.restart'(command, snapshot) {
    const container = findContainer(snapshot, command.container)
    if (!isRunning(container)) throw new Refused('CONTAINER_STOPPED', { container: container.name }, 'container')
    return onContainer(snapshot, container, {
      command,
      title: phrase('container.restart', { container: container.name }),
      act: docker(snapshot, 'restart', container.name),
      final: true,
      lost: [phrase('lost.running', { container: container.name })],
    })
  },
  'container.remove'(command, snapshot) {
    const container = findContainer(snapshot, command.container)
    return onContainer(snapshot, container, {
      command,
      title: phrase('container.remove', { container: container.name }),
      act: docker(snapshot, 'rm', '--force', container.name),
      final: true,
      lost: [phrase('lost.container', { container: container.name })],
    })
  },
}

export const isRunning = ({ state }: Container): boolean => ['running', 'paused', 'restarting'].includes(state)

type Done = { command: Command; title: Phrase; act: Act; undo?: readonly Act[]; final?: true; lost?: readonly Phrase[] }

function onContainer(snapshot: HostSnapshot, container: Container, done: Done): Plan {
  const plan = single({ ...done, expects: [expectContainer(container)], snapshot })
  return { ...plan, ...confirmOf(snapshot, container) }
}

function requireNetwork(snapshot: HostSnapshot, command: CommandOf<'container.create'>): void {
  const { network, address, publish, publishAll } = command
  const publishes = (publish?.length ?? 0) > 0 || publishAll === true
  if (publishes && (network === 'none' || network === 'host' || network.startsWith('container:')))
    throw new Refused('PORTS_USELESS', { mode: network }, 'publish')
  if (network.startsWith('container:')) {
    const other = findContainer(snapshot, network.slice('container:'.length), 'network')
    requireOwnNetwork(other.networkMode.startsWith('container:') ? other.networkMode : '', other.name)
    if (!isRunning(other)) throw new Refused('CONTAINER_STOPPED', { container: other.name }, 'network')
    return
  }
  const found = findNetwork(snapshot, network, 'network')
  if (address !== undefined && ['bridge', 'host', 'none'].includes(network))
    throw new Refused('ADDRESS_NEEDS_NETWORK', { network }, 'address')
  if (address !== undefined) requireFreeAddress(snapshot, found, address)
}

/** Images are never fetched: Docker must have it by this name, or by its id. */
function requireImage(snapshot: HostSnapshot, image: string): void {
  const images = recordsOf(snapshot, 'dockerEngine')[0]?.images
  // Digests are in no list of names; an older agent tells no images at all.
  if (images === undefined || image.includes('@') || imageNamed(images, image) !== undefined) return
  const names = images.map(({ name }) => name)
  const shown = names.length > SHOWN_IMAGES ? [...names.slice(0, SHOWN_IMAGES), '…'] : names
  throw new Refused('IMAGE_MISSING', { image, images: shown.join(', ') || '—' }, 'image')
}

const SHOWN_IMAGES = 10

type Image = NonNullable<DockerEngine['images']>[number]

/** The image that Docker takes this word for: a name, where no tag means "latest", or the beginning of an id. */
export function imageNamed(images: readonly Image[], word: string): Image | undefined {
  const name = /:[^/]*$/.test(word) ? word : `${word}:latest`
  const id = word.replace(/^sha256:/, '')
  return (
    images.find((one) => one.name === name) ??
    (/^[0-9a-f]{4,64}$/.test(id) ? images.find(({ imageId }) => imageId.startsWith(`sha256:${id}`)) : undefined)
  )
}

/** Docker links to containers that run. */
function requireLinked(snapshot: HostSnapshot, links: readonly string[]): void {
  for (const link of links) {
    const [name = ''] = link.split(':')
    const other = findContainer(snapshot, name, 'links')
    if (!isRunning(other)) throw new Refused('CONTAINER_STOPPED', { container: other.name }, 'links')
  }
}

/** Ports of the host that are asked for by number must be free, or Docker makes the container and fails to start it. */
export function requireFreePorts(snapshot: HostSnapshot, publish: readonly string[]): void {
  const taken = new Set<string>()
  for (const { hostIp, hostPort: port, protocol } of publish.flatMap((text) => bindingsOf(text))) {
    if (typeof port !== 'number') continue
    const twin = `${hostIp} ${port}/${protocol}`
    const by = taken.has(twin) ? publish.join(' ') : holderOf(snapshot, { hostIp: hostIp || undefined, port, protocol })
    if (by !== undefined) throw new Refused('PORT_TAKEN', { port, protocol, by }, 'publish')
    taken.add(twin)
  }
}

type Wanted = { hostIp: string | undefined; port: number; protocol: string }

/** Who has a port of the host: a container, or a program; undefined when it is free. */
export function holderOf(snapshot: HostSnapshot, { hostIp, port, protocol }: Wanted): string | undefined {
  const any = (address: string) => address === '' || address === '0.0.0.0' || address === '::'
  const meets = (address: string) => hostIp === undefined || any(hostIp) || any(address) || address === hostIp
  const published = recordsOf(snapshot, 'container').find(({ ports }) =>
    ports.some((one) => one.hostPort === port && one.protocol === protocol && meets(one.hostIp)),
  )
  if (published) return published.name
  const ours = ownPortsIn(snapshot).find(
    ({ port: one }) =>
      one.protocol === protocol && one.from <= port && port < one.from + one.count && meets(one.hostIp),
  )
  if (ours) return ours.port.container
  const socket = recordsOf(snapshot, 'socket').find(
    (one) =>
      one.netns === snapshot.host.rootNetns &&
      one.port === port &&
      one.protocol.startsWith(protocol) &&
      meets(one.address),
  )
  return socket && (socket.process?.comm ?? 'another program')
}
