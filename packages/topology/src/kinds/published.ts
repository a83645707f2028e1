import { type Container, type HostSnapshot, type PortBinding, recordsOf } from '@hopscope/model'
import { addEdge, addNode, type Draft, hostNodeId, nodeId, refTo, stackNodeId } from '../draft.ts'
import { compare, type HostFacts } from '../facts.ts'
import { type OwnPort, ownPortsIn } from '../ownPorts.ts'
import { containerState } from '../state.ts'

/** A run of published ports: `from` on the host for `to` in the container, `count` of them. */
export type Entrance = {
  container: Container
  hostIp: string
  protocol: string
  from: number
  to: number
  count: number
  /** Published by Hopscope's own rules, not by Docker. */
  ours?: true
}

/** The host's doors: one entrance for each published port or run of ports, by host port. */
export function addEntrances(d: Draft, f: HostFacts): void {
  for (const e of entrancesIn(f.snapshot)) {
    const box = d.nodeOfContainer.get(nodeId(f.id, e.container.id))
    if (box === undefined) continue
    const state = containerState(e.container)
    const node = addNode(d, f, {
      id: entranceId(f.id, e),
      kind: 'entrance',
      parent: hostNodeId(f),
      label: entranceLabel(e),
      state,
      refs: [refTo(f, 'container', e.container)],
      badges: e.ours ? [{ kind: 'flag', value: 'own-rules' }] : [],
    })
    addEdge(d, { kind: 'publish', source: node.id, target: stackNodeId(f), state })
    addEdge(d, { kind: 'publish', source: node.id, target: box, state, secondary: true })
  }
}

/** By host port, then address, then container. */
export function entrancesIn(snapshot: HostSnapshot): Entrance[] {
  const own = ownPortsIn(snapshot).map(({ port }) => port)
  const all = recordsOf(snapshot, 'container').flatMap((container) => entrancesOf(container, own))
  return all.sort((a, b) => a.from - b.from || compare(a.hostIp, b.hostIp) || compare(a.container.id, b.container.id))
}

export const entranceId = (hostId: string, { container, hostIp, from, protocol }: Entrance): string =>
  nodeId(hostId, `entrance/${container.id}/${hostIp}/${from}/${protocol}`)

/** The published ports of a container, Docker's and those of our rules: families merged when no address was asked for, neighbouring ports joined. */
export function entrancesOf(container: Container, own: readonly OwnPort[] = []): Entrance[] {
  const runs: Entrance[] = []
  for (const p of merged(container.ports)) {
    const last = runs.at(-1)
    const follows =
      last !== undefined &&
      last.hostIp === p.hostIp &&
      last.protocol === p.protocol &&
      last.from + last.count === p.hostPort &&
      last.to + last.count === p.containerPort
    if (last && follows) last.count += 1
    else
      runs.push({ container, hostIp: p.hostIp, protocol: p.protocol, from: p.hostPort, to: p.containerPort, count: 1 })
  }
  const ours = own.filter((port) => port.container === container.name)
  return [...runs, ...ours.map((port): Entrance => ({ ...port, container, ours: true }))]
}

/** `8080 → web:80/tcp`, `127.0.0.1:8000-8010 → web:80-90/tcp`. */
export function entranceLabel(e: Entrance): string {
  const ip = e.hostIp === '' ? '' : `${e.hostIp.includes(':') ? `[${e.hostIp}]` : e.hostIp}:`
  const range = (n: number) => (e.count === 1 ? `${n}` : `${n}-${n + e.count - 1}`)
  return `${ip}${range(e.from)} → ${e.container.name}:${range(e.to)}/${e.protocol}`
}

function merged(ports: readonly PortBinding[]): PortBinding[] {
  const seen = new Map<string, PortBinding>()
  for (const p of ports) {
    const hostIp = ['0.0.0.0', '::', ''].includes(p.hostIp) ? '' : p.hostIp
    seen.set(`${hostIp} ${p.protocol} ${p.hostPort} ${p.containerPort}`, { ...p, hostIp })
  }
  return [...seen.values()].sort(
    (a, b) => compare(a.protocol, b.protocol) || compare(a.hostIp, b.hostIp) || a.hostPort - b.hostPort,
  )
}
