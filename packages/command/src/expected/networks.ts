import { type DockerNetwork, dockerNetworkId } from '@hopscope/model'
import type { CommandOf } from '@hopscope/protocol'
import { linkNamed } from '../find.ts'
import { findContainer, findNetwork } from '../plan/docker.ts'
import type { networkPlanners } from '../plan/networks.ts'
import { attachmentTo, plugIn, plugOut, UNKNOWN } from './endpoint.ts'
import { addressOn } from './layer3.ts'
import { newBridge } from './newLinks.ts'
import type { Drawn } from './sketch.ts'
import { dropLink, newLink, switchLink } from './wire.ts'

export const expectedNetworks: Drawn<keyof typeof networkPlanners> = {
  'network.create'(command, sketch) {
    const network = networkOf(command)
    sketch.put('dockerNetwork', network)
    if (network.bridge === undefined) return
    const { rootNetns } = sketch.now().host
    const { alias: _, ...link } = newLink(sketch, { netns: rootNetns, name: network.bridge, info: newBridge() })
    switchLink(sketch, link, true)
    const length = command.subnet?.split('/')[1]
    const [pool] = network.ipam
    if (pool?.gateway !== undefined && length !== undefined)
      sketch.put('address', addressOn(link, `${pool.gateway}/${length}`))
  },
  'network.delete'(command, sketch) {
    const network = findNetwork(sketch.now(), command.network)
    sketch.drop('dockerNetwork', network.id)
    const { rootNetns } = sketch.now().host
    const link = network.bridge === undefined ? undefined : linkNamed(sketch.now(), rootNetns, network.bridge)
    if (link) dropLink(sketch, link)
  },
  'network.connect'({ network: ref, container: name, address, aliases }, sketch) {
    const network = findNetwork(sketch.now(), ref)
    const container = findContainer(sketch.now(), name)
    const at = attachmentTo(network, { address, aliases })
    sketch.put('container', { ...container, attachments: [...container.attachments, at] })
    if (container.netns !== undefined) plugIn(sketch, { netns: container.netns, network, at })
  },
  'network.disconnect'({ network: ref, container: name }, sketch) {
    const network = findNetwork(sketch.now(), ref)
    const container = findContainer(sketch.now(), name)
    const at = container.attachments.find((one) => one.networkId === network.networkId || one.network === network.name)
    if (at === undefined) return
    const attachments = container.attachments.filter((one) => one !== at)
    // Without a network nothing is published.
    sketch.put('container', { ...container, attachments, ports: attachments.length > 0 ? container.ports : [] })
    if (container.netns !== undefined) plugOut(sketch, container, at)
  },
}

const PLACEHOLDER = 'expected'

function networkOf(command: CommandOf<'network.create'>): DockerNetwork {
  const { name, driver, subnet, gateway, ipRange, parent, internal = false, icc } = command
  const first = gateway ?? (subnet === undefined ? undefined : firstOf(subnet))
  const pool = {
    ...(subnet !== undefined && { subnet }),
    ...(first !== undefined && { gateway: first }),
    ...(ipRange !== undefined && { ipRange }),
  }
  return {
    id: dockerNetworkId(PLACEHOLDER),
    networkId: PLACEHOLDER,
    name,
    driver,
    scope: driver === 'overlay' ? 'swarm' : 'local',
    internal,
    attachable: driver === 'overlay',
    ingress: false,
    ipv6: subnet?.includes(':') ?? false,
    ipam: subnet === undefined ? [] : [pool],
    ipamDriver: 'default',
    options: icc === undefined ? {} : { 'com.docker.network.bridge.enable_icc': String(icc) },
    labels: { hopscope: 'made' },
    // Docker takes the first letters of an id that it has yet to make.
    ...(driver === 'bridge' && { bridge: `br-${UNKNOWN}` }),
    ...(parent !== undefined && { parent }),
    createdAt: '',
  }
}

/** The address that Docker gives the bridge when none is asked for: the first of an IPv4 subnet. */
function firstOf(subnet: string): string | undefined {
  const [address = ''] = subnet.split('/')
  if (address.includes(':')) return undefined
  const octets = address.split('.').map(Number)
  return [...octets.slice(0, 3), (octets[3] ?? 0) + 1].join('.')
}
