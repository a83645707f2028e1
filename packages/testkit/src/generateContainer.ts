import {
  type Attachment,
  type Container,
  containerId,
  type Link,
  normalIp,
  type PortBinding,
  socketId,
} from '@hopscope/model'
import type { GeneratedNetwork } from './generateNetwork.ts'
import { addAddress, addFdb, addLink, addNeighbour, addNetns, addRoute, type HostWriter } from './generateWriter.ts'

/** What a generated container shall be. `networks[0]` is its default-route network. */
export type ContainerPlan = {
  name: string
  image: string
  /** Of its namespace; ignored for `host` and shared namespaces. */
  inode: number
  mode:
    | { kind: 'networks'; networks: GeneratedNetwork[] }
    | { kind: 'host' | 'none' }
    | { kind: 'container'; of: Container }
  running: boolean
  ports: Pick<PortBinding, 'containerPort' | 'hostPort' | 'protocol' | 'hostIp'>[]
  forward: boolean
  links: string[]
}

/** A container with its namespace, veths, addresses, routes, neighbours and CAM entries. */
export function addContainer(w: HostWriter, root: string, plan: ContainerPlan): Container {
  const containerHex = w.hex(64)
  const pid = plan.running ? w.nextPid() : undefined
  const netns = plan.running ? namespaceOf(w, root, plan, pid ?? 0) : undefined
  const attachments: Attachment[] = []
  if (plan.mode.kind === 'networks')
    plan.mode.networks.forEach((network, i) => {
      attachments.push(attach(w, { plan, network, order: i, netns: netns ?? null, root }))
    })
  if (netns !== undefined && plan.mode.kind === 'networks') listen(w, netns, pid ?? 0)
  const ports = plan.running ? publish(w, root, plan) : []
  const container: Container = {
    id: containerId(containerHex),
    containerId: containerHex,
    name: plan.name,
    image: plan.image,
    command: 'sleep infinity',
    state: plan.running ? 'running' : 'exited',
    ...(plan.running ? { pid: pid ?? 0, startedAt: '2026-01-02T00:00:01Z' } : { exitCode: 137 }),
    ...(netns === undefined ? {} : { netns }),
    networkMode: modeOf(plan),
    hostname: containerHex.slice(0, 12),
    dns: [],
    dnsSearch: [],
    dnsOptions: [],
    extraHosts: [],
    links: plan.links,
    exposed: plan.ports.map((p) => `${p.containerPort}/${p.protocol}`),
    requestedPorts: plan.ports,
    publishAll: false,
    ports,
    attachments,
    labels: {},
    restartPolicy: 'no',
    made: {
      ...{ imageId: `sha256:${'1'.repeat(64)}`, options: [], args: ['sleep', 'infinity'], environment: false },
      ...{ imageLabels: [], powers: [], others: [] },
    },
    createdAt: '2026-01-02T00:00:00Z',
  }
  w.put('container', container)
  return container
}

function modeOf(plan: ContainerPlan): string {
  if (plan.mode.kind === 'container') return `container:${plan.mode.of.containerId}`
  if (plan.mode.kind !== 'networks') return plan.mode.kind
  return plan.mode.networks[0]?.record.name ?? 'bridge'
}

function namespaceOf(w: HostWriter, root: string, plan: ContainerPlan, pid: number): string | undefined {
  if (plan.mode.kind === 'host') return root
  if (plan.mode.kind === 'container') return plan.mode.of.netns
  const name = w.hex(12)
  const path = `/run/docker/netns/${name}`
  return addNetns(w, {
    inode: plan.inode,
    root: false,
    names: [{ name, path, by: 'docker' }],
    processes: [{ pid, comm: 'sleep' }],
    processCount: 1,
    path,
    forward: plan.forward,
  })
}

type Attaching = { plan: ContainerPlan; network: GeneratedNetwork; order: number; netns: string | null; root: string }

function attach(w: HostWriter, { plan, network, order, netns, root }: Attaching): Attachment {
  network.members += 1
  const host = network.members + 1
  const flat = network.kind !== 'bridge'
  const third = network.kind === 'macvlan' ? 50 : network.kind === 'overlay' ? 1 : host >> 8
  // A flat /24 has room for 200; more members than that share addresses, which a map must survive.
  const ip = `${network.prefix}.${third}.${flat ? 20 + (host % 200) : host & 255}`
  const mac = w.mac()
  const gateway = network.record.ipam[0]?.gateway ?? ''
  const base = { networkId: network.record.networkId, network: network.record.name, aliases: [], links: [] }
  if (netns === null) return base
  const name = `eth${order}`
  const link =
    network.kind === 'macvlan' ? child(w, { netns, name, mac, network }) : pair(w, { netns, name, mac, network })
  const length = flat ? 24 : 16
  addAddress(w, { netns, index: link.index, cidr: `${ip}/${length}` })
  const subnet = network.record.ipam[0]?.subnet ?? ''
  addRoute(w, { netns, dst: subnet, oif: link.index, prefSrc: ip })
  if (order === 0 && !network.record.internal) addRoute(w, { netns, dst: 'default', gateway, oif: link.index })
  if (network.kind === 'bridge') {
    addNeighbour(w, { netns, index: link.index, address: gateway, lladdr: network.mac })
    addNeighbour(w, { netns: root, index: network.index, address: ip, lladdr: mac })
  }
  const names = [plan.name]
  return { ...base, endpointId: w.hex(64), ip, prefixLength: length, gateway, mac, aliases: names }
}

type End = { netns: string; name: string; mac: string; network: GeneratedNetwork }

/** A macvlan child: `eth0@if2`, its parent in the root namespace. */
function child(w: HostWriter, { netns, name, mac, network }: End): Link {
  const lower = { iflink: network.index, linkNetns: network.netns }
  return addLink(w, {
    netns,
    name,
    index: w.nextIndex(),
    address: mac,
    ...lower,
    info: { kind: 'macvlan', mode: 'bridge' },
  })
}

/** A veth pair as Docker makes it: both ends are numbered in the root namespace, one moves, the other joins the bridge. */
function pair(w: HostWriter, { netns, name, mac, network }: End): Link {
  const index = w.nextIndex()
  const outer = w.nextIndex()
  const info = { kind: 'veth' as const }
  const inner = addLink(w, { netns, name, index, address: mac, iflink: outer, linkNetns: network.netns, info })
  const outerMac = w.mac()
  addLink(w, {
    netns: network.netns,
    name: `veth${w.hex(7)}`,
    index: outer,
    address: outerMac,
    master: network.index,
    iflink: index,
    linkNetns: netns,
    info,
    promiscuity: 1,
    port: {
      state: 'forwarding',
      portNo: network.members & 1023,
      cost: 2,
      priority: 32,
      hairpin: false,
      guard: false,
      rootBlock: false,
      fastLeave: false,
      learning: true,
      flood: true,
      isolated: false,
    },
  })
  // Every link that is up has an IPv6 address of its own accord.
  const tail = outerMac.split(':').slice(2).join('')
  addAddress(w, {
    netns: network.netns,
    index: outer,
    cidr: `${normalIp(`fe80::42:${tail.slice(0, 4)}:${tail.slice(4)}`)}/64`,
    scope: 'link',
  })
  const fdb = { netns: network.netns, index: outer, master: network.index, self: false }
  addFdb(w, { ...fdb, mac: outerMac, state: 'permanent' })
  addFdb(w, { ...fdb, mac, state: 'learned' })
  return inner
}

function listen(w: HostWriter, netns: string, pid: number): void {
  const inode = 20_000 + pid
  const process = { pid, comm: 'httpd' }
  const socket = {
    netns,
    inode,
    family: 'inet' as const,
    protocol: 'tcp' as const,
    address: '0.0.0.0',
    port: 80,
    uid: 0,
    process,
  }
  w.put('socket', { id: socketId(netns, inode), ...socket })
}

function publish(w: HostWriter, root: string, plan: ContainerPlan): PortBinding[] {
  return plan.ports.flatMap((p) => {
    // Docker binds both families when no address was asked for.
    const hostIps = p.hostIp === '' ? ['0.0.0.0', '::'] : [p.hostIp]
    return hostIps.map((hostIp) => {
      const pid = w.nextPid()
      const family = hostIp.includes(':') ? ('inet6' as const) : ('inet' as const)
      const protocol = p.protocol === 'udp' ? ('udp' as const) : ('tcp' as const)
      const process = { pid, comm: 'docker-proxy' }
      const inode = 20_000 + pid
      w.put('socket', {
        id: socketId(root, inode),
        netns: root,
        inode,
        family,
        protocol,
        address: hostIp,
        port: p.hostPort,
        uid: 0,
        process,
      })
      return { ...p, hostIp, proxyPid: pid }
    })
  })
}
