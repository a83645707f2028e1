import { type DockerNetwork, type HostSnapshot, recordsOf } from '@hopscope/model'
import { Refused } from '../plan.ts'
import { within } from '../subnet.ts'
import { type Planners, phrase, requireChange, single } from './context.ts'
import {
  attachmentsTo,
  confirmOf,
  DOCKER_LABEL,
  docker,
  expectContainer,
  expectNetwork,
  findContainer,
  findNetwork,
  requireDocker,
} from './docker.ts'
import { requireDriver, requireSubnet } from './networkChecks.ts'

type Names = 'network.create' | 'network.delete' | 'network.connect' | 'network.disconnect'
/** Docker makes these by itself, and lets nobody delete them. */
const BUILT_IN = ['bridge', 'host', 'none', 'ingress', 'docker_gwbridge']

export const networkPlanners: Planners<Names> = {
  'network.create'(command, snapshot) {
    requireDocker(snapshot)
    const { name, driver } = command
    if (recordsOf(snapshot, 'dockerNetwork').some((one) => one.name === name))
      throw new Refused('NETWORK_TAKEN', { network: name }, 'name')
    requireSubnet(snapshot, command)
    requireSubnet(snapshot, { driver, subnet: command.subnet6, gateway: command.gateway6 }, '6')
    requireDriver(snapshot, command)
    const option = (key: string, value: boolean | number | undefined) =>
      value === undefined ? [] : ['-o', `${key}=${value}`]
    const words = [
      ...['network', 'create', '--driver', driver, ...DOCKER_LABEL],
      ...(command.subnet === undefined ? [] : ['--subnet', command.subnet]),
      ...(command.gateway === undefined ? [] : ['--gateway', command.gateway]),
      ...(command.ipRange === undefined ? [] : ['--ip-range', command.ipRange]),
      ...(command.subnet6 === undefined ? [] : ['--subnet', command.subnet6]),
      ...(command.gateway6 === undefined ? [] : ['--gateway', command.gateway6]),
      ...(command.subnet6 !== undefined || command.subnet?.includes(':') ? ['--ipv6'] : []),
      ...(command.internal ? ['--internal'] : []),
      ...(driver === 'overlay' ? ['--attachable'] : []),
      ...(command.parent === undefined ? [] : ['-o', `parent=${command.parent}`]),
      ...option('com.docker.network.bridge.enable_icc', command.icc),
      ...option('com.docker.network.bridge.enable_ip_masquerade', command.masquerade),
      ...option('com.docker.network.driver.mtu', command.mtu),
      ...(command.labels ?? []).flatMap((label) => ['--label', label]),
      name,
    ]
    const title = phrase('network.create', { network: name })
    return single({
      command,
      title,
      act: docker(snapshot, ...words),
      undo: [docker(snapshot, 'network', 'rm', name)],
      snapshot,
    })
  },
  'network.delete'(command, snapshot) {
    const network = findNetwork(snapshot, command.network)
    if (BUILT_IN.includes(network.name)) throw new Refused('NETWORK_BUILT_IN', { network: network.name }, 'network')
    const [member] = attachmentsTo(snapshot, network).filter(({ container }) => container.netns !== undefined)
    if (member)
      throw new Refused('NETWORK_BUSY', { network: network.name, container: member.container.name }, 'network')
    const plan = single({
      command,
      title: phrase('network.delete', { network: network.name }),
      act: docker(snapshot, 'network', 'rm', network.name),
      undo: [docker(snapshot, ...createWords(network))],
      expects: [expectNetwork(network)],
      lost: [phrase('lost.networkId', { network: network.name })],
      snapshot,
    })
    return { ...plan, ...confirmOf(snapshot, network) }
  },
  'network.connect'(command, snapshot) {
    const [network, container] = [findNetwork(snapshot, command.network), findContainer(snapshot, command.container)]
    requireChange(!attachmentsTo(snapshot, network).some((one) => one.container.id === container.id))
    requireOwnNetwork(container.networkMode, container.name)
    if (network.name === 'host' || network.name === 'none')
      throw new Refused('NETWORK_ALONE', { network: network.name }, 'network')
    if (command.address !== undefined) requireFreeAddress(snapshot, network, command.address)
    const words = [
      ...(command.address === undefined ? [] : [command.address.includes(':') ? '--ip6' : '--ip', command.address]),
      ...(command.aliases ?? []).flatMap((alias) => ['--alias', alias]),
      ...[network.name, container.name],
    ]
    const plan = single({
      command,
      title: phrase('network.connect', { container: container.name, network: network.name }),
      act: docker(snapshot, 'network', 'connect', ...words),
      undo: [docker(snapshot, 'network', 'disconnect', network.name, container.name)],
      expects: [expectNetwork(network), expectContainer(container)],
      snapshot,
    })
    return { ...plan, ...confirmOf(snapshot, container) }
  },
  'network.disconnect'(command, snapshot) {
    const [network, container] = [findNetwork(snapshot, command.network), findContainer(snapshot, command.container)]
    const found = attachmentsTo(snapshot, network).find((one) => one.container.id === container.id)
    if (found === undefined)
      throw new Refused('NOT_CONNECTED', { container: container.name, network: network.name }, 'network')
    // Docker adds a name of its own, the short id.
    const aliases = found.at.aliases.filter((alias) => !container.containerId.startsWith(alias))
    const plan = single({
      command,
      title: phrase('network.disconnect', { container: container.name, network: network.name }),
      act: docker(snapshot, 'network', 'disconnect', network.name, container.name),
      undo: [
        docker(
          snapshot,
          ...['network', 'connect', ...aliases.flatMap((alias) => ['--alias', alias]), network.name, container.name],
        ),
      ],
      expects: [expectNetwork(network), expectContainer(container)],
      lost: [phrase('lost.address', { container: container.name, network: network.name })],
      snapshot,
    })
    return { ...plan, ...confirmOf(snapshot, container) }
  },
}

/** A network with the same options; only its id is another one. */
function createWords({ name, driver, internal, attachable, ipv6, ipam, options, labels }: DockerNetwork): string[] {
  const each = (flag: string, texts: Record<string, string>) =>
    Object.entries(texts).flatMap(([key, value]) => [flag, `${key}=${value}`])
  return [
    ...['network', 'create', '--driver', driver],
    ...ipam.flatMap(({ subnet, gateway, ipRange }) => [
      ...(subnet === undefined ? [] : ['--subnet', subnet]),
      ...(gateway === undefined ? [] : ['--gateway', gateway]),
      ...(ipRange === undefined ? [] : ['--ip-range', ipRange]),
    ]),
    ...(internal ? ['--internal'] : []),
    ...(attachable ? ['--attachable'] : []),
    ...(ipv6 ? ['--ipv6'] : []),
    ...[...each('-o', options), ...each('--label', labels), name],
  ]
}

/** Containers that share a namespace, or have the host's, have no attachments of their own. */
export function requireOwnNetwork(mode: string, container: string): void {
  if (mode === 'host' || mode.startsWith('container:')) throw new Refused('NETWORK_SHARED', { container, mode })
}

/** Throws Refused when the address lies in no subnet of the network, or somebody has it. */
export function requireFreeAddress(snapshot: HostSnapshot, network: DockerNetwork, address: string): void {
  const subnets = network.ipam.flatMap(({ subnet }) => subnet ?? [])
  if (!subnets.some((subnet) => within(address, subnet)))
    throw new Refused('OUTSIDE_SUBNET', { what: address, subnet: subnets.join(', ') }, 'address')
  const owner = attachmentsTo(snapshot, network).find(({ at }) => at.ip === address || at.ip6 === address)
  const gateway = network.ipam.some((one) => one.gateway === address)
  if (owner || gateway)
    throw new Refused('ADDRESS_TAKEN', { address, link: owner?.container.name ?? network.name }, 'address')
}
