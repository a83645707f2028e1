import { type Container, type HostSnapshot, netnsId, SOURCES, sourceId } from '@hopscope/model'
import { addContainer, type ContainerPlan } from './generateContainer.ts'
import { addDockerFirewall, type DockerPublish } from './generateFirewall.ts'
import {
  addBridgeNetwork,
  addMacvlanNetwork,
  addOverlayNetwork,
  type GeneratedNetwork,
  networkRecord,
} from './generateNetwork.ts'
import { addAddress, addLink, addNeighbour, addNetns, addRoute, type HostWriter, hostWriter } from './generateWriter.ts'

export type HostPlan = {
  containers: number
  seed?: number
  /** User-defined bridges beside docker0; by default they grow with the number of containers. */
  bridges?: number
  id?: string
  name?: string
  bootId?: string
  /** Makes it a sandbox host; sandboxes of one name are on one switch. */
  sandbox?: string
  /** The last number of ens33's address 192.168.50.N, and the other hosts' on that wire. */
  address?: number
  neighbours?: readonly number[]
  /** Hand-made namespaces joined two by two, named ns1, ns2… */
  handMade?: number
  /** Processes with a namespace of their own, without network. */
  processes?: number
}

const SERVICES = [
  'web',
  'api',
  'db',
  'cache',
  'queue',
  'worker',
  'auth',
  'proxy',
  'grafana',
  'prom',
  'redis',
  'nginx',
] as const
const FIRST_INODE = 4026531840

/** A Docker host as the agent would record it: made up, valid by `hostSnapshotSchema`, the same for the same plan. */
export function generateHost(plan: HostPlan): HostSnapshot {
  const seed = plan.seed ?? 1
  const w = startHost(plan, seed)
  const inode = counter(FIRST_INODE + 500 + seed * 100_000)
  const root = addRoot(w)
  const nic = addNic(w, root, plan)
  const networks = addNetworks(w, root, { plan, nic, inode })
  const containers: Container[] = []
  const published: DockerPublish[] = []
  for (let i = 0; i < plan.containers; i++) {
    const made = addContainer(w, root, { ...planContainer(w, { i, plan, networks, containers }), inode: inode() })
    containers.push(made)
    published.push(...publishedBy(made, networks))
  }
  addHandMade(w, plan.handMade ?? (plan.containers >= 20 ? 2 : 0), inode)
  addProcesses(w, plan.processes ?? (plan.containers >= 20 ? 2 : 0), inode)
  const bridges = networks.filter((n) => n.kind === 'bridge')
  addDockerFirewall(w, root, { bridges: bridges.map(asFirewallBridge), published })
  return w.snapshot()
}

type Networks = GeneratedNetwork[]

function startHost(plan: HostPlan, seed: number): HostWriter {
  const name = plan.name ?? 'lab'
  const vantage =
    plan.sandbox === undefined
      ? { kind: 'host' as const }
      : { kind: 'sandbox' as const, sandbox: plan.sandbox, rootless: false }
  const w = hostWriter(
    {
      id: plan.id ?? `host-${seed}`,
      name,
      vantage,
      kernel: '6.18.0',
      bootId: plan.bootId ?? `boot-${seed}`,
      os: 'Debian GNU/Linux 12 (bookworm)',
      rootNetns: netnsId(FIRST_INODE + seed * 100_000),
      agentVersion: '0.1.0',
      iptables: 'nft',
      privileged: true,
    },
    seed,
  )
  for (const source of SOURCES) w.put('source', { id: sourceId(source), name: source, state: 'ok' })
  const swarm = plan.neighbours === undefined ? 'inactive' : 'active'
  const engine = { version: '20.10.24', apiVersion: '1.41', rootDir: '/var/lib/docker', swarm, icc: true }
  w.put('dockerEngine', { id: 'engine', ...engine, defaultBridge: 'docker0', userlandProxy: true, iptables: true })
  return w
}

function addRoot(w: HostWriter): string {
  const processes = [
    { pid: 1, comm: 'systemd' },
    { pid: 812, comm: 'dockerd' },
  ]
  const inode = Number(w.host.rootNetns.slice(3))
  return addNetns(w, {
    inode,
    root: true,
    names: [],
    processes,
    processCount: 2,
    path: '/proc/1/ns/net',
    forward: true,
  })
}

function addNic(w: HostWriter, netns: string, plan: HostPlan): { name: string; index: number; mac: string } {
  const index = w.nextIndex()
  const last = plan.address ?? 10
  const mac = `00:0c:29:00:00:${last.toString(16).padStart(2, '0')}`
  addLink(w, { netns, index, name: 'ens33', address: mac, qdisc: 'fq_codel', info: { kind: 'device' } })
  addAddress(w, { netns, index, cidr: `192.168.50.${last}/24` })
  addRoute(w, { netns, dst: '192.168.50.0/24', oif: index, prefSrc: `192.168.50.${last}` })
  addRoute(w, { netns, dst: 'default', gateway: '192.168.50.1', oif: index })
  addNeighbour(w, { netns, index, address: '192.168.50.1', lladdr: '00:50:56:c0:00:08' })
  for (const other of plan.neighbours ?? []) {
    const lladdr = `00:0c:29:00:00:${other.toString(16).padStart(2, '0')}`
    addNeighbour(w, { netns, index, address: `192.168.50.${other}`, lladdr })
  }
  return { name: 'ens33', index, mac }
}

function addNetworks(
  w: HostWriter,
  root: string,
  { plan, nic, inode }: { plan: HostPlan; nic: { name: string; index: number; mac: string }; inode: () => number },
): Networks {
  w.put('dockerNetwork', networkRecord(w, { name: 'host', driver: 'host' }))
  w.put('dockerNetwork', networkRecord(w, { name: 'none', driver: 'null' }))
  const networks = [addBridgeNetwork(w, root, { name: 'bridge', order: 0, internal: false })]
  const bridges = plan.bridges ?? Math.min(24, Math.round(Math.sqrt(plan.containers) / 2))
  for (let i = 1; i <= bridges; i++)
    networks.push(addBridgeNetwork(w, root, { name: `app${i}_default`, order: i, internal: i === 3 }))
  if (plan.containers >= 20) networks.push(addMacvlanNetwork(w, root, nic))
  const peers = (plan.neighbours ?? []).map((n) => `192.168.50.${n}`)
  const local = `192.168.50.${plan.address ?? 10}`
  if (plan.neighbours !== undefined) networks.push(addOverlayNetwork(w, { inode: inode(), local, peers }))
  return networks
}

function planContainer(
  w: HostWriter,
  { i, plan, networks, containers }: { i: number; plan: HostPlan; networks: Networks; containers: Container[] },
): Omit<ContainerPlan, 'inode'> {
  const service = SERVICES[i % SERVICES.length] ?? 'web'
  const name = i < SERVICES.length ? service : `${service}-${i}`
  const running = i < 3 || w.random() > 0.07
  const mode = planMode(w, { i, networks, containers })
  const ports: ContainerPlan['ports'] = []
  const onBridge = mode.kind === 'networks' && mode.networks[0]?.kind === 'bridge' && !mode.networks[0].record.internal
  if (onBridge && (i === 0 || w.random() < 0.2)) {
    const hostIp = w.random() < 0.2 ? '127.0.0.1' : ''
    ports.push({ containerPort: 80, hostPort: 8080 + i * 4, protocol: 'tcp', hostIp })
    if (i % 5 === 4)
      for (const n of [1, 2]) ports.push({ containerPort: 80 + n, hostPort: 8080 + i * 4 + n, protocol: 'tcp', hostIp })
  }
  const forward = mode.kind === 'networks' && mode.networks.length > 1 && w.random() < 0.1
  const db = containers[2]
  const links = i === 3 && plan.containers > 5 && db ? [`/${db.name}:/${name}/db`] : []
  return { name, image: `${service}:latest`, mode, running, ports, forward, links }
}

/** One of every mode among the first twenty, then by chance; the larger networks get more. */
function planMode(
  w: HostWriter,
  { i, networks, containers }: { i: number; networks: Networks; containers: Container[] },
): ContainerPlan['mode'] {
  const dice = w.random()
  if (i === 8 || (i > 20 && dice < 0.03)) return { kind: 'none' }
  if (i === 9 || (i > 20 && dice < 0.05)) return { kind: 'host' }
  const shareable = containers.slice(1).find((c) => c.netns !== undefined && c.attachments.length > 0)
  if (shareable && (i === 10 || (i > 20 && dice < 0.07))) return { kind: 'container', of: shareable }
  const special = networks.filter((n) => n.kind !== 'bridge')
  const wanted = special[i - 11] ?? (i > 20 && dice < 0.12 ? special[i % Math.max(1, special.length)] : undefined)
  if (wanted) return { kind: 'networks', networks: [wanted] }
  const bridges = networks.filter((n) => n.kind === 'bridge')
  const skewed = Math.floor(w.random() ** 1.7 * bridges.length)
  const first = bridges[i === 0 ? 0 : skewed]
  if (!first) return { kind: 'none' }
  const second = bridges[(bridges.indexOf(first) + 1 + Math.floor(w.random() * (bridges.length - 1))) % bridges.length]
  const two = second && second !== first && w.random() < 0.25
  return { kind: 'networks', networks: two ? [first, second] : [first] }
}

function publishedBy(c: Container, networks: Networks): DockerPublish[] {
  const at = c.attachments[0]
  const bridge = networks.find((n) => n.record.networkId === at?.networkId)?.record.bridge
  if (at?.ip === undefined || bridge === undefined) return []
  const { ip } = at
  return c.ports.filter((p) => !p.hostIp.includes(':')).map((p) => ({ ...p, bridge, ip }))
}

const asFirewallBridge = (n: GeneratedNetwork) => ({
  name: n.record.bridge ?? '',
  subnet: n.record.ipam[0]?.subnet ?? '',
  internal: n.record.internal,
})

function addHandMade(w: HostWriter, count: number, inode: () => number): void {
  let left: { netns: string; index: number } | undefined
  for (let i = 1; i <= count; i++) {
    const path = `/run/netns/ns${i}`
    const names = [{ name: `ns${i}`, path, by: 'iproute2' as const }]
    const netns = addNetns(w, {
      inode: inode(),
      root: false,
      names,
      processes: [],
      processCount: 0,
      path,
      loDown: i === 1,
    })
    const index = w.nextIndex()
    if (!left) {
      left = { netns, index }
      continue
    }
    const info = { kind: 'veth' as const }
    addLink(w, { ...left, name: `veth${i - 1}`, address: w.mac(), iflink: index, linkNetns: netns, info })
    addLink(w, { netns, index, name: `veth${i}`, address: w.mac(), iflink: left.index, linkNetns: left.netns, info })
    addAddress(w, { ...left, cidr: `10.1.${i}.1/24` })
    addAddress(w, { netns, index, cidr: `10.1.${i}.2/24` })
    left = undefined
  }
}

function addProcesses(w: HostWriter, count: number, inode: () => number): void {
  for (let i = 0; i < count; i++) {
    const pid = w.nextPid()
    const processes = [{ pid, comm: w.pick(['rtkit-daemon', 'chromium', 'systemd-udevd']) }]
    addNetns(w, {
      inode: inode(),
      root: false,
      names: [],
      processes,
      processCount: 1,
      path: `/proc/${pid}/ns/net`,
      loDown: true,
    })
  }
}

function counter(from: number): () => number {
  let next = from
  return () => next++
}
