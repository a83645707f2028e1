import { planCommand } from '@hopscope/command'
import { type Container, type DockerNetwork, type HostSnapshot, type Link, linkId, recordsOf } from '@hopscope/model'
import type { Command } from '@hopscope/protocol'
import type { RecordRef } from '@hopscope/topology'
import type { Refused } from './check.ts'
import { netnsRefOf } from './choices.ts'
import { type Draft, draft } from './draft.ts'

/** What can be plugged in: an end of a cable, or a container with all of its own. */
export type Plug = { kind: 'link'; link: Link } | { kind: 'container'; container: Container }
/** What it can be plugged into: a bridge, one of Docker's networks, or both in one. */
export type Socket = { ref: RecordRef; name: string; bridge?: Link; network?: DockerNetwork }
/** Why two things do not go together, where no command was asked: the catalogue has the words. */
export type Mismatch = 'elsewhere' | 'notDocker'
/** The command that plugs it in, or why that cannot be. */
export type Attaching = { draft: Draft } | { refused: Refused } | { mismatch: Mismatch }

/** The plug that a record stands for; undefined for what cannot be plugged in. */
export function plugOf(ref: RecordRef, snapshot: HostSnapshot): Plug | undefined {
  const link = ref.kind === 'link' ? snapshot.records.link[ref.id] : undefined
  if (link) return link.type === 'loopback' || link.info.kind === 'bridge' ? undefined : { kind: 'link', link }
  const container = ref.kind === 'container' ? snapshot.records.container[ref.id] : undefined
  const shares = container && (container.networkMode === 'host' || container.networkMode.startsWith('container:'))
  return container && !shares ? { kind: 'container', container } : undefined
}

/** Everything on a host that something can be plugged into, by name. */
export function socketsOf(snapshot: HostSnapshot): Socket[] {
  const { rootNetns, id: hostId } = snapshot.host
  const networks = recordsOf(snapshot, 'dockerNetwork').filter(({ name, ingress }) => !ingress && !ALONE.includes(name))
  const bridges = recordsOf(snapshot, 'link').filter(
    ({ info, name, netns }) => info.kind === 'bridge' && name !== 'docker_gwbridge' && !isDockers(snapshot, netns),
  )
  const plain = bridges.map((bridge): Socket => {
    const network = networks.find((one) => bridge.netns === rootNetns && one.bridge === bridge.name)
    const ref = { hostId, kind: 'link', id: bridge.id } as const
    return { ref, name: bridge.name, bridge, ...(network && { network }) }
  })
  const taken = new Set(plain.map(({ network }) => network))
  const others = networks.filter((network) => !taken.has(network))
  return [
    ...plain,
    ...others.map(
      (network): Socket => ({ ref: { hostId, kind: 'dockerNetwork', id: network.id }, name: network.name, network }),
    ),
  ].sort((a, b) => natural(a.network?.name ?? a.name, b.network?.name ?? b.name))
}
/** Docker keeps the bridges of overlay networks in namespaces of its own. */
const isDockers = (snapshot: HostSnapshot, netns: string): boolean =>
  snapshot.records.netns[netns]?.names.some(({ by, name }) => by === 'docker' && /^\d+-[0-9a-z]{6,}$/.test(name)) ??
  false

/** What nobody is plugged into, and Docker's own way out for overlay networks. */
const ALONE = ['host', 'none', 'docker_gwbridge']
const natural = new Intl.Collator('en', { numeric: true }).compare

/** What plugging something in comes to; nothing runs by it. Pure. */
export function attach(plug: Plug, socket: Socket, snapshot: HostSnapshot): Attaching {
  const inside = plug.kind === 'container' ? plug.container : ownerOf(plug.link, snapshot)
  if (inside && socket.network) return connect(inside, socket.network, snapshot)
  if (plug.kind === 'container') return { mismatch: 'notDocker' }
  const { bridge } = socket
  if (bridge === undefined) return { mismatch: 'elsewhere' }
  // The end that is dragged may be the inner one of a pair whose outer one stands beside the bridge.
  const end = [plug.link, otherEnd(plug.link, snapshot)].find((one) => one?.netns === bridge.netns)
  if (end === undefined) return { mismatch: 'elsewhere' }
  const netns = netnsRefOf(snapshot, end.netns)
  const command: Command = { do: 'link.attach', netns, link: end.name, bridge: bridge.name }
  const { do: name, ...values } = command
  return planned(command, draft('attach', name, values, end.name), snapshot)
}

function connect(container: Container, network: DockerNetwork, snapshot: HostSnapshot): Attaching {
  const values = { container: container.name, network: network.name }
  return planned(
    { do: 'network.connect', ...values },
    draft('connect', 'network.connect', values, container.name),
    snapshot,
  )
}

function planned(command: Command, found: Draft, snapshot: HostSnapshot): Attaching {
  const plan = planCommand(command, snapshot)
  return 'refused' in plan ? { refused: plan.refused } : { draft: found }
}

/** The container in whose own namespace a link is. */
function ownerOf({ netns }: Link, snapshot: HostSnapshot): Container | undefined {
  if (netns === snapshot.host.rootNetns) return undefined
  return recordsOf(snapshot, 'container').find(
    (one) => one.netns === netns && !one.networkMode.startsWith('container:'),
  )
}

const otherEnd = ({ info, netns, iflink, linkNetns }: Link, snapshot: HostSnapshot): Link | undefined =>
  info.kind === 'veth' && iflink !== undefined && linkNetns !== null
    ? snapshot.records.link[linkId(linkNetns ?? netns, iflink)]
    : undefined
