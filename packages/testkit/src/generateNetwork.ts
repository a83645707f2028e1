import { type DockerNetwork, dockerNetworkId, type LinkInfo } from '@hopscope/model'
import { addAddress, addFdb, addLink, addNetns, addRoute, type HostWriter } from './generateWriter.ts'

/** A network that generated containers can be attached to. */
export type GeneratedNetwork = {
  record: DockerNetwork
  /** What its containers hang from: a bridge in `netns`, or a parent link. */
  kind: 'bridge' | 'macvlan' | 'overlay'
  netns: string
  index: number
  mac: string
  /** `172.18` of 172.18.0.0/16. */
  prefix: string
  members: number
}

const info = (bridgeId: string): LinkInfo => ({
  kind: 'bridge',
  bridgeId,
  rootId: bridgeId,
  rootPort: 0,
  priority: 32768,
  stp: false,
  ageingTime: 300,
  forwardDelay: 15,
  helloTime: 2,
  maxAge: 20,
  vlanFiltering: false,
  nfCallIptables: false,
})

/** A Docker network record with the fields that all drivers share. */
export function networkRecord(
  w: HostWriter,
  n: { name: string; driver: string; subnet?: string; gateway?: string } & Partial<DockerNetwork>,
): DockerNetwork {
  const { subnet, gateway, ...rest } = n
  const networkId = w.hex(64)
  return {
    id: dockerNetworkId(networkId),
    networkId,
    scope: 'local',
    internal: false,
    attachable: false,
    ingress: false,
    ipv6: false,
    ipam: subnet === undefined ? [] : [{ subnet, ...(gateway === undefined ? {} : { gateway }) }],
    ipamDriver: 'default',
    options: {},
    labels: {},
    createdAt: '2026-01-01T00:00:00Z',
    ...rest,
  }
}

/** A bridge network and its bridge in the root namespace. `order` 0 is docker0's. */
export function addBridgeNetwork(
  w: HostWriter,
  root: string,
  n: { name: string; order: number; internal: boolean },
): GeneratedNetwork {
  const prefix = n.order < 15 ? `172.${17 + n.order}` : `10.${86 + n.order}`
  const gateway = `${prefix}.0.1`
  const record = networkRecord(w, {
    name: n.name,
    driver: 'bridge',
    subnet: `${prefix}.0.0/16`,
    gateway,
    internal: n.internal,
  })
  const bridge = n.order === 0 ? 'docker0' : `br-${record.networkId.slice(0, 12)}`
  const mac = w.mac()
  const index = w.nextIndex()
  addLink(w, { netns: root, index, name: bridge, address: mac, info: info(`8000.${mac.replaceAll(':', '')}`) })
  addAddress(w, { netns: root, index, cidr: `${gateway}/16` })
  addRoute(w, { netns: root, dst: `${prefix}.0.0/16`, oif: index, prefSrc: gateway })
  addFdb(w, { netns: root, index, mac, master: index, state: 'permanent', self: false })
  const made = { ...record, bridge }
  w.put('dockerNetwork', made)
  return { record: made, kind: 'bridge', netns: root, index, mac, prefix, members: 0 }
}

/** A macvlan network on a link of the root namespace. */
export function addMacvlanNetwork(
  w: HostWriter,
  root: string,
  parent: { name: string; index: number; mac: string },
): GeneratedNetwork {
  const options = { parent: parent.name }
  const n = { name: 'lan', driver: 'macvlan', subnet: '192.168.50.0/24', gateway: '192.168.50.1', options }
  const record = networkRecord(w, { ...n, parent: parent.name })
  w.put('dockerNetwork', record)
  return { record, kind: 'macvlan', netns: root, index: parent.index, mac: parent.mac, prefix: '192.168', members: 0 }
}

/** An overlay network: its hidden namespace with br0 and vxlan0, which knows the other hosts' tunnel ends. */
export function addOverlayNetwork(
  w: HostWriter,
  n: { inode: number; local: string; peers: readonly string[] },
): GeneratedNetwork {
  const subnet = { subnet: '10.0.1.0/24', gateway: '10.0.1.1' }
  const record = networkRecord(w, { name: 'mesh', driver: 'overlay', scope: 'swarm', attachable: true, ...subnet })
  w.put('dockerNetwork', record)
  const name = `1-${record.networkId.slice(0, 10)}`
  const path = `/run/docker/netns/${name}`
  const names = [{ name, path, by: 'docker' as const }]
  const netns = addNetns(w, { inode: n.inode, root: false, names, processes: [], processCount: 0, path })
  const mac = w.mac()
  addLink(w, { netns, index: 2, name: 'br0', address: mac, mtu: 1450, info: info(`8000.${mac.replaceAll(':', '')}`) })
  addAddress(w, { netns, index: 2, cidr: '10.0.1.1/24' })
  const vxlan = {
    kind: 'vxlan' as const,
    vni: 4097,
    port: 4789,
    learning: true,
    proxy: true,
    l2miss: true,
    l3miss: true,
  }
  const index = w.nextIndex()
  addLink(w, {
    netns,
    index,
    name: 'vxlan0',
    address: w.mac(),
    mtu: 1450,
    master: 2,
    linkNetns: w.host.rootNetns,
    info: vxlan,
  })
  for (const dst of n.peers) addFdb(w, { netns, index, mac: w.mac(), dst, state: 'static', self: true })
  return { record, kind: 'overlay', netns, index: 2, mac, prefix: '10.0', members: 0 }
}
