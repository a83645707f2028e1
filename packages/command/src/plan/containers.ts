import { type Container, type HostSnapshot, recordsOf } from '@hopscope/model'
import type { Command, CommandOf } from '@hopscope/protocol'
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

type Names = 'container.create' | 'container.start' | 'container.stop' | 'container.restart' | 'container.remove'

export const containerPlanners: Planners<Names> = {
  'container.create'(command, snapshot) {
    requireDocker(snapshot)
    const { name, image } = command
    if (recordsOf(snapshot, 'container').some((one) => one.name === name))
      throw new Refused('CONTAINER_TAKEN', { container: name }, 'name')
    requireNetwork(snapshot, command)
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

/** Ports of the host that are asked for by number must be free, or Docker makes the container and fails to start it. */
export function requireFreePorts(snapshot: HostSnapshot, publish: readonly string[]): void {
  for (const text of publish) {
    const { hostIp, ports, protocol } = readPublish(text)
    for (const port of ports) {
      const by = holderOf(snapshot, { hostIp, port, protocol })
      if (by !== undefined) throw new Refused('PORT_TAKEN', { port, protocol, by }, 'publish')
    }
  }
}

/** What a form of "-p" takes of the host; nothing for those that leave the choice to Docker. */
export function readPublish(text: string): { hostIp: string | undefined; ports: number[]; protocol: string } {
  const [rest = '', protocol = 'tcp'] = text.split('/')
  const withIp = /^(\d+(?:\.\d+){3}|\[[^\]]+\]):([^:]*):[^:]+$/.exec(rest)
  const range = withIp ? withIp[2] : rest.includes(':') ? rest.slice(0, rest.indexOf(':')) : ''
  const [first = '', last = first] = (range ?? '').split('-')
  if (first === '') return { hostIp: withIp?.[1], ports: [], protocol }
  const count = Math.min(Number(last) - Number(first) + 1, 1_000)
  return {
    hostIp: withIp?.[1],
    ports: Array.from({ length: Math.max(count, 0) }, (_, i) => Number(first) + i),
    protocol,
  }
}

type Wanted = { hostIp: string | undefined; port: number; protocol: string }

function holderOf(snapshot: HostSnapshot, { hostIp, port, protocol }: Wanted): string | undefined {
  const any = (address: string) => address === '' || address === '0.0.0.0' || address === '::'
  const meets = (address: string) => hostIp === undefined || any(hostIp) || any(address) || address === hostIp
  const published = recordsOf(snapshot, 'container').find(({ ports }) =>
    ports.some((one) => one.hostPort === port && one.protocol === protocol && meets(one.hostIp)),
  )
  if (published) return published.name
  const socket = recordsOf(snapshot, 'socket').find(
    (one) =>
      one.netns === snapshot.host.rootNetns &&
      one.port === port &&
      one.protocol.startsWith(protocol) &&
      meets(one.address),
  )
  return socket && (socket.process?.comm ?? 'another program')
}
