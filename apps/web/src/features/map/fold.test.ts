import type { HostSnapshot, Link } from '@hopscope/model'
import { generateHost } from '@hopscope/testkit'
import { recordedHost } from '@hopscope/testkit/recorded'
import { deriveTopology, type Topology } from '@hopscope/topology'
import { describe, expect, it } from 'vitest'
import { foldMap, START_FOLDS, withOpened } from './fold.ts'
import { createPlacer } from './positions.ts'
import { buildScene } from './scene.ts'

const topology = deriveTopology([generateHost({ containers: 300 })])
const count = (kind: string, nodes: { kind: string }[]) => nodes.filter((n) => n.kind === kind).length

describe('foldMap', () => {
  it('folds a large host by itself, and nothing of a small one', () => {
    expect(count('block', foldMap(topology, START_FOLDS, []).topology.nodes)).toBeGreaterThan(0)
    const small = deriveTopology([generateHost({ containers: 12 })])
    expect(foldMap(small, START_FOLDS, []).topology).toBe(small)
  })

  it('folds every rack but shows every bridge', () => {
    const { nodes } = foldMap(topology, { ...START_FOLDS, folding: 'foldAll' }, []).topology
    expect(count('bridge', nodes)).toBe(count('bridge', topology.nodes))
    expect(nodes.filter((n) => n.kind === 'box' && n.rack !== undefined)).toEqual([])
  })

  it('opens everything', () => {
    const { nodes } = foldMap(topology, { ...START_FOLDS, folding: 'unfoldAll' }, []).topology
    expect(count('box', nodes)).toBe(count('box', topology.nodes))
  })

  it('opens the block that was clicked, and folds it again', () => {
    const { nodes } = foldMap(topology, START_FOLDS, []).topology
    const block = nodes.find((n) => n.kind === 'block' && n.rack !== undefined)
    const open = withOpened(START_FOLDS, block?.id ?? '', true)
    const ids = (choice: typeof open) => foldMap(topology, choice, []).topology.nodes.map((n) => n.id)
    expect(ids(open)).not.toContain(block?.id)
    expect(ids(open)).toEqual(expect.arrayContaining(block?.members?.map((m) => m.id) ?? ['none']))
    expect(ids(withOpened(open, block?.id ?? '', false))).toContain(block?.id)
  })

  it('never folds what is selected, nor what a packet comes by', () => {
    const web = topology.nodes.find((n) => n.kind === 'box' && n.label === 'web')
    expect(foldMap(topology, { ...START_FOLDS, folding: 'foldAll' }, [web?.id ?? '']).topology.nodes).toContain(web)
    const boxes = topology.nodes.filter((n) => n.kind === 'box' && n.rack !== undefined)
    const [first, last] = [boxes[0], boxes.at(-1)]
    const keep = [first?.id ?? '', last?.id ?? '']
    const { nodes } = foldMap(topology, { ...START_FOLDS, folding: 'foldAll' }, keep).topology
    expect(nodes.filter((n) => n.kind === 'box' && n.rack !== undefined)).toEqual([first, last])
  })
})

describe('the default view', () => {
  const small = generateHost({ containers: 3, neighbours: [11] })
  const hosts: Record<string, HostSnapshot> = {
    'recorded, 46 containers': recordedHost(46),
    'recorded, 300 containers': recordedHost(300),
    '2,000 containers': generateHost({ containers: 2000 }),
    '400 containers on 200 bridges': generateHost({ containers: 400, bridges: 200 }),
    '500 namespaces made by hand': generateHost({ containers: 3, handMade: 500 }),
    '800 namespaces of processes': generateHost({ containers: 3, processes: 800 }),
    '600 devices of no use': crowded(small, { info: { kind: 'dummy' } }),
    '600 VLANs': crowded(small, { info: { kind: 'vlan', vlanId: 1, protocol: '802.1Q' }, iflink: 2 }),
    '600 veths whose far ends nobody knows': crowded(small, { info: { kind: 'veth' }, linkNetns: null, master: 3 }),
    '600 parents of macvlans': parents(small),
    'a container with 600 interfaces': crowded(small, { info: { kind: 'dummy' }, netns: inside(small) }),
  }
  for (const [name, host] of Object.entries(hosts)) {
    it(`of a host with ${name} has no more than 400 elements`, () => {
      const folded = foldMap(deriveTopology([host]), START_FOLDS, []).topology
      const { nodes, edges } = buildScene(folded, createPlacer().place(folded), new Map())
      expect(nodes.size).toBeGreaterThan(5)
      expect(nodes.size + [...edges.values()].filter((e) => !e.edge.secondary).length).toBeLessThanOrEqual(400)
    })
  }

  it('does not fold and open again with every container that comes and goes', () => {
    const folds = (t: Topology, last: ReadonlySet<string>) => foldMap(t, START_FOLDS, [], last).folded
    const large = deriveTopology([generateHost({ containers: 80 })])
    const fewer = { nodes: large.nodes.slice(0, -8), edges: large.edges }
    const closed = folds(large, new Set())
    expect(closed.size).toBeGreaterThan(0)
    expect(folds(fewer, closed)).toEqual(closed)
  })
})

function crowded(host: HostSnapshot, like: Partial<Link>, count = 600): HostSnapshot {
  const [any] = Object.values(host.records.link).filter((l) => l.netns === host.host.rootNetns && l.index === 2)
  if (!any) throw new Error('the host has no NIC')
  const { master: _m, ...plain } = any
  const more = Array.from({ length: count }, (_, i) => {
    const link = { ...plain, ...like, id: `link:more-${i}`, index: 10_000 + i, name: `more${i}` } as Link // same fields
    return [link.id, link] as const
  })
  return { ...host, records: { ...host.records, link: { ...host.records.link, ...Object.fromEntries(more) } } }
}

/** As many links of a bridge's namespace with a macvlan child each. */
function parents(host: HostSnapshot): HostSnapshot {
  const wide = crowded(host, { info: { kind: 'dummy' } }, 300)
  const children = Object.values(wide.records.link).flatMap((l) => {
    if (l.index < 10_000) return []
    const id = `${l.id}-child`
    const child = { ...l, id, index: l.index + 5000, name: `child${l.index}`, iflink: l.index } as Link // same fields
    return [[id, { ...child, info: { kind: 'macvlan', mode: 'bridge' } }] as const]
  })
  return {
    ...wide,
    records: {
      ...wide.records,
      link: { ...wide.records.link, ...Object.fromEntries(children) },
    } as HostSnapshot['records'],
  }
}

function inside(host: HostSnapshot): string {
  const found = Object.values(host.records.container).find((c) => c.netns !== undefined)?.netns
  if (found === undefined) throw new Error('no container runs')
  return found
}
