import { type Container, containerId, type HostInfo, type HostSnapshot, type Link, netnsId } from '@hopscope/model'
import { addAddress, addLink, addNetns, addRoute, type HostWriter, hostWriter } from '@hopscope/testkit'
import { describe, expect, it } from 'vitest'
import { deriveTopology } from './derive.ts'

const veth = { kind: 'veth' as const }

/** A host with nothing but a root namespace. */
function bare(
  id: string,
  inode: number,
  vantage: HostInfo['vantage'] = { kind: 'host' },
): { w: HostWriter; root: string } {
  const rootNetns = netnsId(inode)
  const host = { id, name: id, vantage, kernel: '6.18', bootId: 'one', rootNetns, agentVersion: '0', privileged: true }
  const w = hostWriter(host, inode)
  return {
    w,
    root: addNetns(w, { inode, root: true, names: [], processes: [], processCount: 0, path: '/proc/1/ns/net' }),
  }
}

const named = (w: HostWriter, inode: number, name: string) => {
  const path = `/run/netns/${name}`
  return addNetns(w, {
    inode,
    root: false,
    names: [{ name, path, by: 'iproute2' }],
    processes: [],
    processCount: 0,
    path,
  })
}
const node = (hosts: HostSnapshot[], l: Link, hostId = 'a') =>
  deriveTopology(hosts).nodes.find((n) => n.id === `${hostId}/${l.id}`)
const veths = (hosts: HostSnapshot[]) => deriveTopology(hosts).edges.filter((e) => e.kind === 'veth')

describe('pairs of veths', () => {
  it('join two namespaces directly, and both stand in the hand-made bay', () => {
    const { w } = bare('a', 1)
    const [one, two] = [named(w, 2, 'one'), named(w, 3, 'two')]
    addLink(w, { netns: one, index: 5, name: 'x', iflink: 9, linkNetns: two, info: veth })
    addLink(w, { netns: two, index: 9, name: 'y', iflink: 5, linkNetns: one, info: veth })
    const t = deriveTopology([w.snapshot()])
    expect(t.edges.filter((e) => e.kind === 'veth').map((e) => e.label)).toEqual(['if5 ↔ if9'])
    const bays = t.nodes.filter((n) => n.kind === 'box').map((n) => n.parent)
    expect(bays).toEqual(['a/bay/hand-made', 'a/bay/hand-made'])
  })

  it('are found when both ends have the same ifindex and no iflink is told', () => {
    const { w, root } = bare('a', 1)
    const one = named(w, 2, 'one')
    addLink(w, { netns: root, index: 7, name: 'x', linkNetns: one, info: veth })
    addLink(w, { netns: one, index: 7, name: 'y', linkNetns: root, info: veth })
    expect(veths([w.snapshot()])).toHaveLength(1)
  })

  it('are not joined when the peer does not point back', () => {
    const { w, root } = bare('a', 1)
    const one = named(w, 2, 'one')
    const x = addLink(w, { netns: root, index: 7, name: 'x', iflink: 8, linkNetns: one, info: veth })
    addLink(w, { netns: one, index: 8, name: 'y', iflink: 6, linkNetns: root, info: veth })
    expect(veths([w.snapshot()])).toEqual([])
    expect(node([w.snapshot()], x)?.kind).toBe('port')
  })

  it('join vantages of one kernel when exactly one candidate fits both ways', () => {
    const [a, b] = [bare('a', 1, { kind: 'sandbox', sandbox: 's', rootless: false }), bare('b', 2)]
    const x = ghost(a, { index: 4, peer: 9, name: 'ens33', other: 'p-a' })
    ghost(b, { index: 9, peer: 4, name: 'p-a', other: 'ens33' })
    const hosts = [a.w.snapshot(), b.w.snapshot()]
    expect(veths(hosts)).toHaveLength(1)
    expect(node(hosts, x)?.kind).toBe('nic')
    expect(veths([a.w.snapshot()])).toEqual([])
  })

  it('stay unknown when two candidates fit, or the name does not', () => {
    const [a, b, c] = [bare('a', 1), bare('b', 2), bare('c', 3)]
    ghost(a, { index: 4, peer: 9, name: 'ens33', other: 'p-a' })
    ghost(b, { index: 9, peer: 4, name: 'p-a', other: 'ens33' })
    ghost(c, { index: 9, peer: 4, name: 'p-a', other: 'ens33' })
    expect(veths([a, b, c].map((h) => h.w.snapshot()))).toEqual([])
    const d = bare('d', 4)
    ghost(d, { index: 9, peer: 4, name: 'another', other: 'ens33' })
    expect(veths([a.w.snapshot(), d.w.snapshot()])).toEqual([])
  })

  it('make a NIC of an end that leads out of sight, and a port of one under a bridge that an unprivileged agent sees', () => {
    const { w, root } = bare('a', 1)
    const x = addLink(w, { netns: root, index: 4, name: 'ens33', iflink: 9, linkNetns: null, info: veth })
    expect(node([w.snapshot()], x)?.kind).toBe('nic')
    const poor = bare('a', 1)
    const br = addLink(poor.w, { netns: root, index: 3, name: 'br0', info: bridge })
    const under = { netns: root, index: 4, name: 'veth1', iflink: 9, linkNetns: null, master: br.index }
    const y = addLink(poor.w, { ...under, info: veth })
    const snapshot = poor.w.snapshot()
    expect(node([{ ...snapshot, host: { ...snapshot.host, privileged: false } }], y)?.kind).toBe('port')
  })
})

describe('one namespace seen by two vantages', () => {
  it("is drawn by the sandbox that owns it, and the machine's records open it too", () => {
    const machine = bare('machine', 1)
    const box = bare('sandbox', 50, { kind: 'sandbox', sandbox: 's', rootless: false })
    const inner = named(box.w, 51, 'blue')
    const mine = { root: false, names: [], processes: [{ pid: 9, comm: 'sleep' }], processCount: 1 }
    addNetns(machine.w, { inode: 50, ...mine, path: '/proc/9/ns/net' })
    addNetns(machine.w, { inode: 51, ...mine, path: '/proc/9/ns/net' })
    const t = deriveTopology([machine.w.snapshot(), box.w.snapshot()])
    expect(t.nodes.filter((n) => n.kind === 'box').map((n) => n.label)).toEqual(['blue'])
    const refs = t.nodes.find((n) => n.label === 'blue')?.refs
    expect(refs).toContainEqual({ hostId: 'machine', kind: 'netns', id: inner })
    const stack = t.nodes.find((n) => n.id === 'sandbox/stack')?.refs
    expect(stack).toContainEqual({ hostId: 'machine', kind: 'netns', id: netnsId(50) })
  })
})

describe('special links', () => {
  it('a NIC in a bridge reaches the segment of the bridge and is plugged into it', () => {
    const { w, root } = bare('a', 1)
    const br = addLink(w, { netns: root, index: 3, name: 'br0', info: bridge })
    addAddress(w, { netns: root, index: 3, cidr: '192.168.1.5/24' })
    const nic = addLink(w, { netns: root, index: 2, name: 'ens33', master: 3, info: { kind: 'device' } })
    const t = deriveTopology([w.snapshot()])
    expect(t.nodes.find((n) => n.kind === 'segment')?.label).toBe('192.168.1.0/24')
    expect(t.edges).toContainEqual(
      expect.objectContaining({ kind: 'bridge-port', source: `a/${nic.id}`, target: `a/${br.id}` }),
    )
  })

  it('a switch in a hand-made namespace is a bar with the boxes on it, and needs no box of its own', () => {
    const { w } = bare('a', 1)
    const [sw, one] = [named(w, 2, 'sw'), named(w, 3, 'one')]
    const br = addLink(w, { netns: sw, index: 2, name: 'br0', info: bridge })
    addLink(w, { netns: sw, index: 3, name: 'p1', iflink: 4, linkNetns: one, master: 2, info: veth })
    addLink(w, { netns: one, index: 4, name: 'eth0', iflink: 3, linkNetns: sw, info: veth })
    const t = deriveTopology([w.snapshot()])
    expect(t.nodes.filter((n) => n.kind === 'box').map((n) => [n.label, n.rack])).toEqual([['one', `a/${br.id}`]])
    expect(t.nodes.find((n) => n.kind === 'bridge')).toMatchObject({ label: 'br0', detail: 'sw' })
  })

  it("a swarm's own namespaces stand aside, and an overlay's container in the overlay's rack", () => {
    const { w, root } = bare('a', 1)
    const gateway = addLink(w, { netns: root, index: 2, name: 'docker_gwbridge', info: bridge })
    const hidden = byDocker(w, 2, '1-abcdef1234')
    const mesh = addLink(w, { netns: hidden, index: 2, name: 'br0', info: bridge })
    for (const [inode, name, index] of [
      [3, 'ingress_sbox', 10],
      [4, '0123456789ab', 20],
    ] as const) {
      const inside = byDocker(w, inode, name)
      plug(w, { inside, index, name: 'eth0', bridge: mesh })
      plug(w, { inside, index: index + 2, name: 'eth1', bridge: gateway })
      addRoute(w, { netns: inside, dst: 'default', gateway: '172.18.0.1', oif: index + 2 })
    }
    const t = deriveTopology([w.snapshot()])
    const boxes = new Map(t.nodes.filter((n) => n.kind === 'box').map((n) => [n.label, n]))
    expect(boxes.get('ingress_sbox')).toMatchObject({ parent: 'a/bay/system' })
    expect(boxes.get('ingress_sbox')?.badges).toContainEqual({ kind: 'flag', value: 'system' })
    expect(boxes.get('0123456789ab')).toMatchObject({ rack: `a/${mesh.id}` })
  })

  it('the address that IPv6 gives to every link is not a way into the stack', () => {
    const { w, root } = bare('a', 1)
    const br = addLink(w, { netns: root, index: 2, name: 'seg1', info: bridge })
    addAddress(w, { netns: root, index: 2, cidr: 'fe80::1/64', scope: 'link' })
    expect(deriveTopology([w.snapshot()]).edges.filter((e) => e.kind === 'route')).toEqual([])
    expect(node([w.snapshot()], br)?.detail).toBeUndefined()
  })

  it('a namespace that forwards between two networks is a router', () => {
    const { w } = bare('a', 1)
    const inner = { inode: 2, root: false, names: [], processes: [], processCount: 0, path: '/run/netns/r' }
    const r = addNetns(w, { ...inner, forward: true })
    for (const index of [2, 3]) addLink(w, { netns: r, index, name: `eth${index}`, info: veth })
    const box = deriveTopology([w.snapshot()]).nodes.find((n) => n.kind === 'box')
    expect(box?.badges).toContainEqual({ kind: 'flag', value: 'router' })
  })

  it('a VLAN stands on its parent, and a container without records of its namespace is still there', () => {
    const { w, root } = bare('a', 1)
    const nic = addLink(w, { netns: root, index: 2, name: 'ens33', info: { kind: 'device' } })
    const info = { kind: 'vlan' as const, vlanId: 10, protocol: '802.1Q' }
    const vlan = addLink(w, { netns: root, index: 3, name: 'ens33.10', iflink: 2, info })
    w.put('container', container('lost', netnsId(77)))
    const t = deriveTopology([w.snapshot()])
    expect(t.edges).toContainEqual(
      expect.objectContaining({ kind: 'lower', source: `a/${vlan.id}`, target: `a/${nic.id}` }),
    )
    expect(t.nodes.find((n) => n.label === 'lost')).toMatchObject({ kind: 'box', parent: 'a/bay/none' })
  })
})

const byDocker = (w: HostWriter, inode: number, name: string) => {
  const path = `/run/docker/netns/${name}`
  return addNetns(w, {
    inode,
    root: false,
    names: [{ name, path, by: 'docker' }],
    processes: [],
    processCount: 0,
    path,
  })
}

function plug(w: HostWriter, o: { inside: string; index: number; name: string; bridge: Link }): void {
  const { inside: netns, index, name } = o
  const outer = { netns: o.bridge.netns, index: index + 1, master: o.bridge.index }
  addLink(w, { netns, index, name, iflink: outer.index, linkNetns: outer.netns, info: veth })
  addLink(w, { ...outer, name: `veth${index}`, iflink: index, linkNetns: netns, info: veth })
}

function ghost(h: ReturnType<typeof bare>, o: { index: number; peer: number; name: string; other: string }): Link {
  const { index, peer: iflink, name } = o
  return addLink(h.w, { netns: h.root, index, name, iflink, linkNetns: null, ghostPeer: { name: o.other }, info: veth })
}

function container(name: string, netns: string): Container {
  const lists = { dns: [], dnsSearch: [], dnsOptions: [], extraHosts: [], links: [], exposed: [], requestedPorts: [] }
  return {
    id: containerId(name),
    containerId: name,
    name,
    image: 'busybox',
    command: '',
    state: 'running',
    netns,
    networkMode: 'none',
    hostname: name,
    ...lists,
    publishAll: false,
    ports: [],
    attachments: [],
    labels: {},
    restartPolicy: 'no',
    createdAt: '',
  }
}

const bridge = {
  kind: 'bridge' as const,
  bridgeId: '8000.000000000001',
  rootId: '8000.000000000001',
  rootPort: 0,
  priority: 32768,
  stp: false,
  ageingTime: 300,
  forwardDelay: 15,
  helloTime: 2,
  maxAge: 20,
  vlanFiltering: false,
}
