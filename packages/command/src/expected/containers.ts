import { type Container, containerId, type DockerNetwork, type PortBinding, recordsOf } from '@hopscope/model'
import type { CommandOf } from '@hopscope/protocol'
import { findContainer, findNetwork } from '../plan/docker.ts'
import { bindingsOf } from '../plan/publish.ts'
import { attachmentTo, plugIn } from './endpoint.ts'
import { addNetns } from './netns.ts'
import type { Drawn, Sketch } from './sketch.ts'
import { dropNetns } from './wire.ts'

type Names = 'container.create' | 'container.start' | 'container.stop' | 'container.remove'

export const expectedContainers: Drawn<Names> = {
  'container.create'(command, sketch) {
    run(sketch, containerOf(command, sketch))
  },
  'container.start'(command, sketch) {
    const container = findContainer(sketch.now(), command.container)
    const asked = container.requestedPorts.flatMap(({ hostPort, ...port }) =>
      typeof hostPort === 'number' && hostPort > 0 ? [{ ...port, hostPort }] : [],
    )
    run(sketch, { ...container, ports: asked })
  },
  'container.stop'(command, sketch) {
    const { netns, pid: _, startedAt: __, ...container } = findContainer(sketch.now(), command.container)
    // Docker keeps the networks that it will be on again, and no addresses.
    const attachments = container.attachments.map(({ ip: _, ip6: __, mac: ___, ...at }) => at)
    sketch.put('container', { ...container, state: 'exited', ports: [], attachments })
    leave(sketch, netns)
  },
  'container.remove'(command, sketch) {
    const { id, netns } = findContainer(sketch.now(), command.container)
    sketch.drop('container', id)
    leave(sketch, netns)
  },
}

/** A namespace ends with the last container in it. */
function leave(sketch: Sketch, netns: string | undefined): void {
  if (netns === undefined || netns === sketch.now().host.rootNetns) return
  if (recordsOf(sketch.now(), 'container').every((other) => other.netns !== netns)) dropNetns(sketch, netns)
}

/** Puts a container that runs, in the namespace that its mode means, with a link for each of its networks. */
function run(sketch: Sketch, container: Container): void {
  const { networkMode: mode } = container
  const state = 'running'
  if (mode === 'host') {
    sketch.put('container', { ...container, state, netns: sketch.now().host.rootNetns })
    return
  }
  if (mode.startsWith('container:')) {
    const { netns } = findContainer(sketch.now(), mode.slice('container:'.length))
    sketch.put('container', { ...container, state, ...(netns !== undefined && { netns }) })
    return
  }
  const netns = addNetns(sketch, { names: [], loopback: true })
  sketch.put('container', { ...container, state, netns })
  for (const at of container.attachments) {
    const network = recordsOf(sketch.now(), 'dockerNetwork').find(
      ({ networkId, name }) => networkId === at.networkId || name === at.network,
    )
    if (network && network.driver !== 'null') plugIn(sketch, { netns, network, at })
  }
}

const PLACEHOLDER = 'expected'

function containerOf(command: CommandOf<'container.create'>, sketch: Sketch): Container {
  const { name, image, network: mode, address, mac, publish = [] } = command
  const alone = mode === 'host' || mode === 'none' || mode.startsWith('container:')
  const network: DockerNetwork | undefined = alone ? undefined : findNetwork(sketch.now(), mode, 'network')
  return {
    id: containerId(PLACEHOLDER),
    containerId: PLACEHOLDER,
    name,
    image,
    command: (command.command ?? []).join(' '),
    state: 'running',
    networkMode: mode.startsWith('container:')
      ? `container:${findContainer(sketch.now(), mode.slice('container:'.length)).containerId}`
      : mode,
    hostname: command.hostname ?? '',
    dns: command.dns ?? [],
    dnsSearch: command.dnsSearch ?? [],
    dnsOptions: [],
    extraHosts: command.extraHosts ?? [],
    links: command.links ?? [],
    exposed: [],
    requestedPorts: [],
    publishAll: command.publishAll ?? false,
    ports: publish.flatMap(portsOf),
    attachments: network ? [attachmentTo(network, { address, mac })] : [],
    labels: { hopscope: 'made' },
    restartPolicy: command.restart ?? 'no',
    createdAt: '',
  }
}

/** The doors of one form of "-p"; none where Docker chooses the port. */
const portsOf = (text: string): PortBinding[] =>
  bindingsOf(text).flatMap(({ hostPort, ...port }) =>
    typeof hostPort === 'number' && hostPort > 0 ? [{ ...port, hostPort }] : [],
  )
