import {
  type AnyRecord,
  emptySnapshot,
  type HostSnapshot,
  RECORD_KINDS,
  type RecordKind,
  recordsOf,
} from '@hopscope/model'
import { generateHost } from '@hopscope/testkit'
import { recordedHost } from '@hopscope/testkit/recorded'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { deriveTopology } from './derive.ts'
import { layoutRack } from './layout.ts'
import type { Topology, TopoNode } from './topology.ts'

const one = (t: Topology, kind: TopoNode['kind'], label: string): TopoNode => {
  const found = t.nodes.filter((n) => n.kind === kind && n.label === label)
  expect(found, `${kind} ${label}`).toHaveLength(1)
  return found[0] as TopoNode // the line above says that it is there
}
const lab = generateHost({ containers: 46, neighbours: [11], address: 10 })
const topology = deriveTopology([lab])

describe('deriveTopology', () => {
  it('is deterministic and does not depend on the order of hosts', () => {
    const other = generateHost({ containers: 5, seed: 2, id: 'host-2' })
    expect(deriveTopology([lab, other])).toEqual(deriveTopology([other, lab]))
  })

  it('does not depend on the order in which records arrived', () => {
    const reversed = RECORD_KINDS.map((k) => [k, Object.fromEntries(Object.entries(lab.records[k]).reverse())])
    // The same kinds in the same order, their tables backwards.
    const host = { ...lab, records: Object.fromEntries(reversed) as HostSnapshot['records'] }
    expect(deriveTopology([host])).toEqual(topology)
  })

  it('pairs a container with its port and its bridge', () => {
    const web = one(topology, 'box', 'web')
    const eth0 = topology.nodes.find((n) => n.parent === web.id && n.label === 'eth0')
    const veth = topology.edges.find((e) => e.kind === 'veth' && e.target === eth0?.id)
    const port = topology.nodes.find((n) => n.id === veth?.source)
    expect(port?.kind).toBe('port')
    expect(veth?.label).toMatch(/^if\d+ ↔ if\d+$/)
    const plugged = topology.edges.find((e) => e.kind === 'bridge-port' && e.source === port?.id)
    expect(plugged?.target).toBe(one(topology, 'bridge', 'docker0').id)
    expect(web.rack).toBe(plugged?.target)
  })

  it('hides lo and draws every other link once', () => {
    expect(topology.nodes.filter((n) => n.label === 'lo')).toEqual([])
    const drawn = topology.nodes
      .filter((n) => n.kind !== 'segment' && n.kind !== 'peer')
      .flatMap((n) => n.refs.slice(0, 1))
      .filter((r) => r.kind === 'link')
    expect(new Set(drawn.map((r) => r.id)).size).toBe(drawn.length)
  })

  it("names bridges as Docker's networks are called, with the link beside it", () => {
    expect(one(topology, 'bridge', 'docker0').detail).toBe('172.17.0.1/16 · bridge')
    const own = recordsOf(lab, 'dockerNetwork').filter((n) => n.bridge !== undefined && n.name !== 'bridge')
    expect(own.length).toBeGreaterThan(0)
    for (const n of own) expect(one(topology, 'bridge', n.name).detail).toMatch(new RegExp(`^${n.bridge} · .+/\\d+$`))
  })

  it('shows a network by its own name while its link is missing', () => {
    const bare = { ...lab, records: { ...lab.records, link: {}, address: {} } }
    const t = deriveTopology([bare])
    for (const n of recordsOf(lab, 'dockerNetwork').filter((x) => x.bridge !== undefined && x.name !== 'bridge'))
      expect(one(t, 'bridge', n.name).detail).toBe(`${n.bridge} · ${n.ipam[0]?.subnet}`)
    expect(one(t, 'bridge', 'docker0').detail).toMatch(/ · bridge$/)
  })

  it('lists the doors by host port', () => {
    const ports = topology.nodes
      .filter((n) => n.kind === 'entrance')
      .map((n) => Number(/(\d+)(?:-\d+)? →/.exec(n.label)?.[1]))
    expect(ports.length).toBeGreaterThan(3)
    expect(ports).toEqual(ports.toSorted((a, b) => a - b))
  })

  it('puts second attachments on badges and secondary edges', () => {
    const boxes = topology.nodes.filter((n) => n.kind === 'box' && n.badges.some((b) => b.kind === 'attachment'))
    expect(boxes.length).toBeGreaterThan(0)
    for (const edge of topology.edges.filter((e) => e.kind === 'bridge-port' && e.secondary))
      expect(topology.nodes.find((n) => n.id === edge.source)?.badges).toContainEqual({
        kind: 'attachment',
        to: topology.nodes.find((n) => n.id === edge.target)?.label,
        toNode: edge.target,
      })
  })

  it('shows an overlay as a switch with its tunnel, underlay and remote end', () => {
    const mesh = one(topology, 'bridge', 'mesh')
    const tunnel = one(topology, 'tunnel', 'vxlan0')
    expect(topology.edges).toContainEqual(
      expect.objectContaining({ kind: 'bridge-port', source: tunnel.id, target: mesh.id }),
    )
    const peer = one(topology, 'peer', '192.168.50.11')
    expect(topology.edges).toContainEqual(
      expect.objectContaining({ kind: 'tunnel', source: tunnel.id, target: peer.id, label: 'vni 4097' }),
    )
    expect(mesh.refs.map((r) => r.kind)).toEqual(expect.arrayContaining(['link', 'dockerNetwork', 'netns']))
  })

  it('hangs macvlan children from a bar under their parent', () => {
    const bar = one(topology, 'macvlan', 'lan')
    expect(bar.detail).toBe('macvlan · ens33 · 192.168.50.0/24')
    const children = topology.edges.filter((e) => e.kind === 'macvlan' && e.target === bar.id)
    expect(children.length).toBeGreaterThan(0)
    expect(topology.edges).toContainEqual(
      expect.objectContaining({ kind: 'macvlan', source: bar.id, target: one(topology, 'nic', 'ens33').id }),
    )
  })

  it('sorts the ones without network into bays and host mode next to the stack', () => {
    const bays = new Map(topology.nodes.filter((n) => n.kind === 'bay').map((n) => [n.id, n.bay]))
    expect(new Set(bays.values())).toEqual(new Set(['none', 'hand-made', 'processes']))
    expect(bays.get(one(topology, 'box', 'grafana').parent ?? '')).toBe('none')
    expect(bays.get(one(topology, 'box', 'ns1').parent ?? '')).toBe('hand-made')
    expect(one(topology, 'resident', 'prom').badges).toContainEqual({ kind: 'mode', value: 'host' })
    expect(one(topology, 'box', 'ns1').badges).toContainEqual({ kind: 'flag', value: 'loopback-down' })
  })

  it('keeps one box for containers that share a namespace', () => {
    const shared = topology.nodes.filter((n) => n.kind === 'box' && n.label.includes(', '))
    expect(shared.length).toBeGreaterThan(0)
    for (const box of shared) {
      expect(box.refs.filter((r) => r.kind === 'container').length).toBeGreaterThan(1)
      expect(box.badges).toContainEqual({ kind: 'flag', value: 'shared' })
    }
  })

  it('shows stopped containers in the rack of their network', () => {
    const stopped = recordsOf(lab, 'container').filter((c) => c.state === 'exited' && c.attachments.length > 0)
    expect(stopped.length).toBeGreaterThan(0)
    for (const c of stopped) {
      const box = topology.nodes.find((n) => n.id === `${lab.host.id}/${c.id}`)
      expect(box?.state).toBe('down')
      expect(box?.rack).toBeDefined()
    }
  })

  it('loses nothing: every link, namespace, container and network opens through a node', () => {
    for (const host of [lab, generateHost({ containers: 300, seed: 9, neighbours: [3] })]) expectNothingLost([host])
  })

  it('draws a recorded host whole, with every edge between two nodes', () => {
    const recorded = recordedHost()
    const t = deriveTopology([recorded])
    expectSound(t)
    expectNothingLost([recorded])
    for (const c of recordsOf(recorded, 'container'))
      expect(t.nodes.filter((n) => n.kind !== 'entrance' && n.refs.some((r) => r.id === c.id))).toHaveLength(1)
    expect(one(t, 'bridge', 'shop').detail).toBe('br-6b882c3dc4de · 10.61.0.1/24')
    expect(one(t, 'macvlan', 'lan').detail).toBe('macvlan · ens33 · 192.168.66.0/24')
  })

  it('throws at no subset of the records, leaves nothing dangling and loses nothing', () => {
    const small = generateHost({ containers: 24, seed: 3, neighbours: [11] })
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 }), fc.double({ min: 0, max: 1, noNaN: true }), (seed, share) => {
        const part = subset(small, seed, share)
        const t = deriveTopology([part])
        expectSound(t)
        expect(layoutRack(t).layout.nodes.size).toBe(t.nodes.length)
        expectNothingLost([part])
      }),
      { numRuns: 150 },
    )
  })
})

describe('several hosts', () => {
  const a = generateHost({
    containers: 4,
    seed: 1,
    id: 'a',
    sandbox: 'two',
    bootId: 'b',
    address: 11,
    neighbours: [12],
  })
  const b = generateHost({
    containers: 4,
    seed: 2,
    id: 'b',
    sandbox: 'two',
    bootId: 'b',
    address: 12,
    neighbours: [11],
  })

  it('share a segment when they are in one sandbox, and a tunnel between them is drawn once', () => {
    const t = deriveTopology([a, b])
    expect(t.nodes.filter((n) => n.kind === 'segment')).toHaveLength(1)
    expect(t.edges.filter((e) => e.kind === 'segment')).toHaveLength(2)
    expect(t.edges.filter((e) => e.kind === 'tunnel')).toHaveLength(1)
    expect(t.nodes.filter((n) => n.kind === 'peer')).toEqual([])
    expectNothingLost([a, b])
  })

  it('share a segment when one holds the other in its neighbour table', () => {
    const c = generateHost({ containers: 1, seed: 3, id: 'c', address: 13, neighbours: [14] })
    const d = generateHost({ containers: 1, seed: 4, id: 'd', address: 14 })
    expect(deriveTopology([c, d]).nodes.filter((n) => n.kind === 'segment')).toHaveLength(1)
  })

  it('have a segment each when only the subnet is the same', () => {
    const c = generateHost({ containers: 1, seed: 3, id: 'c', address: 13 })
    const d = generateHost({ containers: 1, seed: 4, id: 'd', address: 14 })
    expect(deriveTopology([c, d]).nodes.filter((n) => n.kind === 'segment')).toHaveLength(2)
  })
})

function expectSound(t: Topology): void {
  const ids = new Set(t.nodes.map((n) => n.id))
  expect(ids.size).toBe(t.nodes.length)
  for (const n of t.nodes) {
    if (n.parent !== undefined) expect(ids).toContain(n.parent)
    if (n.rack !== undefined) expect(ids).toContain(n.rack)
    for (const b of n.badges) if (b.kind === 'attachment') expect(ids).toContain(b.toNode)
  }
  for (const e of t.edges) {
    expect(ids).toContain(e.source)
    expect(ids).toContain(e.target)
  }
}

function expectNothingLost(hosts: HostSnapshot[]): void {
  const reached = new Set(
    deriveTopology(hosts).nodes.flatMap((n) => n.refs.map((r) => `${r.hostId} ${r.kind} ${r.id}`)),
  )
  for (const host of hosts)
    for (const kind of ['link', 'netns', 'container', 'dockerNetwork'] as const)
      for (const r of recordsOf(host, kind)) expect(reached).toContain(`${host.host.id} ${kind} ${r.id}`)
}

function subset(host: HostSnapshot, seed: number, share: number): HostSnapshot {
  let state = seed
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
  const records: Record<string, Record<string, AnyRecord>> = {}
  for (const kind of RECORD_KINDS)
    records[kind] = Object.fromEntries(Object.entries<AnyRecord>(host.records[kind]).filter(() => random() < share))
  // The same kinds with fewer records.
  return { ...emptySnapshot(host.host), records: records as Record<RecordKind, never> }
}
